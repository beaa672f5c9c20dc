// Rekeys of IKE SAs as the RFC draws them (RFC 7296 §1.3.2, §2.8, §2.18), and how two of them meet.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/rekey_fixture.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using ::testing::ElementsAre;
using wire::ExchangeType;

// Whoever has the shorter lifetime rekeys.
void live_shortly(Node& node) { node.configuration.profiles["P"].lifetime_s = 200; }

class IkeRekeyed : public RekeyTest {
 protected:
  bool run_to_rekey(std::uint64_t count) {
    return world.run_until(
        [&] {
          return hq.engine().statistics().ike_rekeys >= count && branch.engine().statistics().ike_rekeys >= count;
        },
        10min);
  }
};

// HDR, SK {SA, Ni, KEi}  -->
//                        <--  HDR, SK {SA, Nr, KEr}
// HDR, SK {D}            -->
//                        <--  HDR, SK {}
// Both payloads of a key exchange; new SPIs; message IDs from 0; the children as they were; the old SA deleted last.
TEST_F(Checklist31, Line56_TheNewIkeSaInheritsItsChildren) {
  establish();
  const auto before = row(hq);
  const auto child = *hq.sending("Tunnel1");
  const auto changes = hq.installs + hq.removes + branch.installs + branch.removes;
  hq.rekey(RekeyOf::ike_sas);
  world.advance(1s);
  const auto after = row(hq), peers = row(branch);
  EXPECT_EQ(branch.engine().statistics().ike_rekeys, 1u);
  for (const auto& payloads : {heard_from(hq, ExchangeType::create_child_sa, false).front(),
                               heard_from(branch, ExchangeType::create_child_sa, true).front()}) {
    EXPECT_TRUE(wire::find<wire::KeyExchange>(payloads));
    EXPECT_FALSE(wire::find_selectors(payloads, wire::Side::initiator));
  }
  EXPECT_NE(after.local_spi, before.local_spi);
  EXPECT_NE(after.remote_spi, before.remote_spi);
  EXPECT_EQ(after.local_spi, peers.remote_spi);
  EXPECT_EQ(after.local_next_id, 0u);  // message IDs begin anew
  EXPECT_EQ(after.remote_next_id, 0u);
  EXPECT_EQ(after.remote_id, before.remote_id);
  EXPECT_EQ(after.children.front().id, child.child);
  EXPECT_EQ(hq.installs + hq.removes + branch.installs + branch.removes, changes);
  EXPECT_THAT(said(hq), ElementsAre("CREATE_CHILD_SA request 2", "INFORMATIONAL request 3"));
  EXPECT_THAT(said(branch), ElementsAre("CREATE_CHILD_SA response 2", "INFORMATIONAL response 3"));
  EXPECT_FALSE(hq.heard_of(EventKind::sa_down));
  EXPECT_FALSE(branch.heard_of(EventKind::sa_down));
}

TEST_F(IkeRekeyed, ByTheResponderAndTheChildAfterIt) {
  live_shortly(branch);
  establish();
  ASSERT_TRUE(run_to_rekey(1));
  EXPECT_FALSE(row(hq).initiator);
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  world.advance(1s);
  rekey_child(hq);
  settle();
  expect_replaced(old);
  ASSERT_TRUE(run_to_rekey(4));
  EXPECT_EQ(hq.engine().statistics().initiated, 1u);
}

// §2.8.2: both requests cross. The new SA with the lowest nonce goes again, the other one inherits.
// §2.25.2: of two that cross where the first request is lost, it comes when the SA is being closed, and is put off.
TEST_F(Checklist31, Line60_OfIkeSasThatCrossTheLowestNonceLoses) {
  establish();
  std::set<bool> survivors;
  const auto child = hq.sending("Tunnel1")->child;
  for (int round = 1; round <= 20; ++round) {
    const auto before = row(hq);
    world.network.log.clear();
    for (auto* node : {&hq, &branch}) node->rekey(RekeyOf::ike_sas);
    settle();
    ASSERT_EQ(hq.ready_sas(), 1u);
    ASSERT_EQ(branch.ready_sas(), 1u);
    EXPECT_NE(row(hq).local_spi, before.local_spi);
    EXPECT_EQ(row(hq).local_spi, row(branch).remote_spi);
    EXPECT_EQ(row(hq).children.front().id, child);
    EXPECT_EQ(collisions(), 2u * static_cast<unsigned>(round));
    EXPECT_EQ(row(hq).initiator, !hq_has_the_lowest_nonce()) << "round " << round;
    survivors.insert(row(hq).initiator);
  }
  EXPECT_EQ(survivors.size(), 2u);
  EXPECT_EQ(hq.engine().statistics().initiated, 1u);

  const auto collided = collisions();
  world.network.log.clear();
  lose_once(hq, ExchangeType::create_child_sa, false);
  for (auto* node : {&hq, &branch}) node->rekey(RekeyOf::ike_sas);
  settle();
  EXPECT_EQ(collisions(), collided + 1);  // only hq noticed
  EXPECT_FALSE(row(hq).initiator);
  EXPECT_EQ(hq.ready_sas(), 1u);
  EXPECT_EQ(branch.ready_sas(), 1u);
  EXPECT_TRUE(World::joined(hq, branch));
  const auto answers = heard_from(branch, ExchangeType::create_child_sa, true);
  EXPECT_TRUE(std::ranges::all_of(answers, [](const wire::Payloads& answer) {
    return wire::find_notify(answer, wire::NotifyType::temporary_failure);
  }));
}

// Closed while its rekey is under way: what that makes is closed, too.
TEST_F(IkeRekeyed, ClosedMeanwhile) {
  live_shortly(hq);
  establish();
  world.make_before_break = false;
  ASSERT_TRUE(world.run_until([&] { return !said(hq).empty(); }, 10min));
  for (auto* node : {&hq, &branch}) node->configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
  world.advance(4min);
  for (auto* node : {&hq, &branch}) {
    EXPECT_TRUE(node->installed.empty());
    EXPECT_TRUE(node->engine().show(world.now).empty());
    EXPECT_EQ(node->engine().deadline(), std::nullopt);
  }
}

TEST_F(IkeRekeyed, WithItsAnswerLost) {
  live_shortly(hq);
  establish();
  lose_once(branch, ExchangeType::create_child_sa, true);
  ASSERT_TRUE(run_to_rekey(1));
  world.advance(5s);
  EXPECT_EQ(hq.ready_sas(), 1u);
  EXPECT_EQ(branch.ready_sas(), 1u);
  EXPECT_TRUE(World::joined(hq, branch));
}

}  // namespace
}  // namespace culvert::testing
