// Both ends begin at once, so that two IKE SAs stand for a moment; and one begins anew before the other has ended.
#include <gtest/gtest.h>

#include "tests/world/configurations.h"
#include "tests/world/esp_stream.h"
#include "tests/world/rekey_fixture.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

// What is known of a seed when its two sites have met.
struct Met {
  std::size_t lost = 0, arrived = 0;
  bool crossed = false;  // two IKE SAs came to stand
  bool one_is_left = false;
  bool nothing_unfinished = false;
  std::string broken;
};

Met meet(std::uint64_t seed) {
  const auto delay = std::chrono::milliseconds(1 + seed % 60);
  World world{{.seed = seed, .link = {.delay_min = delay, .delay_max = delay}, .ask_delay_max = 10ms}};
  auto [hq, branch] = world.pair();
  EspStream packets(world, hq, branch, seed);
  hq.configure(hq.configuration);
  packets.run(std::chrono::milliseconds(world.random().below(120)));
  branch.configure(branch.configuration);
  packets.run(6s);
  const auto only_ready = [&](const Node& node) {
    const auto rows = node.engine().show(world.now);
    return rows.size() == 1 && rows[0].status == SaStatus::ready;
  };
  return {.lost = packets.lost(),
          .arrived = packets.arrived(),
          .crossed = hq.count(EventKind::sa_up) + branch.count(EventKind::sa_up) > 2,
          .one_is_left = World::joined(hq, branch) && hq.ready_sas() == 1 && branch.ready_sas() == 1,
          .nothing_unfinished = only_ready(hq) && only_ready(branch),
          .broken = world.broken};
}

// The tunnel carries packets from the moment the first pair stands, whichever of the two IKE SAs is let go.
TEST(Meeting, NoPacketIsLostWhenBothBeginAtOnce) {
  std::size_t crossed = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    const auto met = meet(seed);
    crossed += met.crossed;
    EXPECT_EQ(met.broken, "");
    EXPECT_EQ(met.lost, 0u);
    EXPECT_GT(met.arrived, 10000u);
    EXPECT_TRUE(met.one_is_left);
  }
  EXPECT_GT(crossed, 30u);
}

// Nor does a negotiation that one end gave up for the other's stand about at the end that had answered it.
TEST(Meeting, NothingIsShownThatNobodyGoesOnWith) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) EXPECT_TRUE(meet(seed).nothing_unfinished) << "seed " << seed;
}

// One end puts off every rekey of the other, because its own, of the other kind, is lost again and again.
class PutOff : public RekeyTest {
 protected:
  // What branch asks by CREATE_CHILD_SA never arrives on the IKE SA of now.
  void lose_what_branch_asks() {
    const auto spi = row(branch).local_spi;
    world.network.lose = [this, spi](const Datagram& d) {
      const auto header = *d.header();
      return d.from.address == branch.address && !header.is_response && header.initiator_spi != spi &&
             header.responder_spi == spi && header.exchange == wire::ExchangeType::create_child_sa;
    };
  }
  std::size_t times_put_off() const {
    std::size_t times = 0;
    for (const auto& answer : heard_from(branch, wire::ExchangeType::create_child_sa, true))
      times += wire::find_notify(answer, wire::NotifyType::temporary_failure) != nullptr;
    return times;
  }
  void expect_a_new_ike_sa_without_a_gap(EspStream& packets) {
    EXPECT_GE(times_put_off(), 2u);
    EXPECT_EQ(hq.engine().statistics().initiated, 2u);
    EXPECT_EQ(packets.lost(), 0u);
    EXPECT_TRUE(World::joined(hq, branch));
    EXPECT_EQ(hq.ready_sas(), 1u);
    EXPECT_EQ(branch.ready_sas(), 1u);
  }
};

TEST_F(PutOff, AChildThatIsAboutToEndIsReplacedByANewIkeSa) {
  hq.configuration.ipsec_profiles["I"].lifetime_s = 160;
  establish();  // two minutes have gone by, and its first child is a rekey old
  EspStream packets(world, hq, branch, 1);
  packets.run(1s);
  hq.rekey(RekeyOf::child_sas);
  packets.run(105s);
  world.network.log.clear();
  lose_what_branch_asks();
  branch.rekey(RekeyOf::ike_sas);
  packets.run(63s);
  world.network.lose = {};
  packets.run(12s);
  expect_a_new_ike_sa_without_a_gap(packets);
}

TEST_F(PutOff, AnIkeSaThatIsAboutToEndIsReplacedByANewOne) {
  hq.configuration.profiles["P"].lifetime_s = 240;
  establish();
  EspStream packets(world, hq, branch, 1);
  packets.run(65s);
  lose_what_branch_asks();
  branch.rekey(RekeyOf::child_sas);
  packets.run(62s);
  world.network.lose = {};
  packets.run(12s);
  expect_a_new_ike_sa_without_a_gap(packets);
}

}  // namespace
}  // namespace culvert::testing
