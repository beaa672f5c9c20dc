// The collision table of RFC 7296 §2.25, whole: what an end answers to each request while it does each thing itself.
#include <array>
#include <optional>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/world/rekey_fixture.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using wire::ExchangeType;

enum class Act : std::uint8_t { rekey_child, delete_child, rekey_ike, delete_ike };
constexpr std::array acts{"rekeys the child", "deletes the child", "rekeys the IKE SA", "deletes the IKE SA"};

void perform(Node& node, Act act) {
  switch (act) {
    case Act::rekey_child: return node.rekey(RekeyOf::child_sas);
    case Act::delete_child: return node.report_end(node.sending("Tunnel1")->child, Expiry::kilobytes_end);
    case Act::rekey_ike: return node.rekey(RekeyOf::ike_sas);
    case Act::delete_ike: return node.clear();
  }
}

// What matters of an answer, in a word.
std::string gist(const wire::Payloads& answer) {
  if (wire::find_notify(answer, wire::NotifyType::temporary_failure)) return "TEMPORARY_FAILURE";
  if (wire::find_notify(answer, wire::NotifyType::child_sa_not_found)) return "CHILD_SA_NOT_FOUND";
  if (wire::find<wire::SecurityAssociation>(answer)) return "SA";
  if (const auto* deleted = wire::find<wire::Delete>(answer)) return fmt::format("D({})", deleted->spis.size());
  return answer.empty() ? "empty" : "something else";
}

// The answer of `node` to what the other end asked first, on the IKE SA of the beginning.
std::string first_answer(const World& world, const Node& node, std::uint64_t initiator_spi) {
  for (const auto& datagram : sent_by(world, node.address)) {
    const auto header = datagram.header();
    if (header->is_response && header->initiator_spi == initiator_spi) return gist(world.read(datagram));
  }
  return "none";
}

struct Crossing {
  int line;
  Act ours, theirs;
  std::string_view answer;  // ours to theirs
};

// In the order of §2.25.1, then §2.25.2; a request to close an IKE SA is always answered with nothing in it.
constexpr Crossing crossings[]{
    {1, Act::delete_child, Act::rekey_child, "TEMPORARY_FAILURE"},
    {2, Act::rekey_child, Act::rekey_child, "SA"},
    {3, Act::delete_child, Act::delete_child, "empty"},
    {4, Act::rekey_child, Act::delete_child, "D(1)"},
    {5, Act::rekey_child, Act::rekey_ike, "TEMPORARY_FAILURE"},
    {6, Act::delete_child, Act::rekey_ike, "TEMPORARY_FAILURE"},
    {7, Act::rekey_ike, Act::rekey_ike, "SA"},
    {8, Act::delete_ike, Act::rekey_ike, "TEMPORARY_FAILURE"},
    {9, Act::rekey_ike, Act::delete_ike, "empty"},
    {10, Act::delete_ike, Act::delete_ike, "empty"},
    {11, Act::rekey_ike, Act::rekey_child, "TEMPORARY_FAILURE"},
    {12, Act::rekey_ike, Act::delete_child, "D(1)"},
    {13, Act::delete_ike, Act::rekey_child, "TEMPORARY_FAILURE"},
    {14, Act::delete_ike, Act::delete_child, "empty"},
    {15, Act::rekey_child, Act::delete_ike, "empty"},
    {16, Act::delete_child, Act::delete_ike, "empty"},
};

class Site : public RekeyTest {
 public:
  using RekeyTest::branch;
  using RekeyTest::establish;
  using RekeyTest::hq;
  using RekeyTest::row;
  using RekeyTest::world;
  void TestBody() override {}
};

// Both ends have one IKE SA and one child, the same; and when the tunnel goes down nothing is left of either.
void expect_agreement(Site& site) {
  auto& world = site.world;
  auto& hq = site.hq;
  auto& branch = site.branch;
  EXPECT_TRUE(world.run_until(
      [&] { return World::joined(hq, branch) && hq.ready_sas() == 1 && branch.ready_sas() == 1; }, 3min));
  EXPECT_EQ(site.row(hq).local_spi, site.row(branch).remote_spi);
  world.make_before_break = false;
  for (auto* node : {&hq, &branch}) node->configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
  world.advance(4min);
  EXPECT_EQ(world.leftovers(), "");
  EXPECT_EQ(world.broken, "");
}

TEST_F(Checklist31, Line61_TheCollisionTable) {
  for (const auto& crossing : crossings) {
    for (const bool mirrored : {false, true}) {
      SCOPED_TRACE(fmt::format("line {}{}: {} while it {}", crossing.line, mirrored ? ", the responder" : "",
                               acts[static_cast<std::size_t>(crossing.theirs)],
                               acts[static_cast<std::size_t>(crossing.ours)]));
      Site site;
      site.establish();
      site.world.make_before_break = false;
      auto& we = mirrored ? site.branch : site.hq;
      auto& they = mirrored ? site.hq : site.branch;
      const auto spi = site.row(site.hq).local_spi;
      perform(we, crossing.ours);
      perform(they, crossing.theirs);
      site.world.advance(500ms);
      EXPECT_EQ(first_answer(site.world, we, spi), crossing.answer);
      expect_agreement(site);
    }
  }
}

// Whoever is put off waits for a second and more before it asks again.
TEST_F(Checklist31, Line61_TemporaryFailureIsWaitedOut) {
  establish();
  std::vector<net::Time> asked;
  world.network.lose = [&](const Datagram& d) {
    const auto header = d.header();
    if (d.from.address == branch.address && header->exchange == ExchangeType::create_child_sa && !header->is_response)
      asked.push_back(world.now);
    return false;
  };
  hq.rekey(RekeyOf::child_sas);
  branch.rekey(RekeyOf::ike_sas);
  world.advance(20s);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_GE(asked[1] - asked[0], 1s);
  EXPECT_EQ(hq.engine().statistics().ike_rekeys, 1u);
}

// HDR, SK {D(our inbound SPI)}  -->
//                             <--  HDR, SK {D(the peer's of this pair)}
// Where both have asked, the answers name nothing; and a half that waits for its answer is not used again (§1.4.1).
TEST_F(Checklist31, Line62_DeletesNameTheHalfThatTheirSenderReceivesOn) {
  establish();
  world.make_before_break = false;
  const auto ours = hq.sending("Tunnel1")->inbound_spi, theirs = hq.sending("Tunnel1")->outbound_spi;
  perform(hq, Act::delete_child);
  EXPECT_TRUE(hq.installed.empty());
  world.advance(100ms);
  EXPECT_TRUE(branch.installed.empty());
  const auto asked = heard_from(hq, ExchangeType::informational, false);
  const auto answered = heard_from(branch, ExchangeType::informational, true);
  ASSERT_FALSE(asked.empty() || answered.empty());
  EXPECT_EQ(wire::find<wire::Delete>(asked.front())->spis, std::vector{ours});
  EXPECT_EQ(wire::find<wire::Delete>(answered.front())->spis, std::vector{theirs});
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 1min));
}

}  // namespace
}  // namespace culvert::testing
