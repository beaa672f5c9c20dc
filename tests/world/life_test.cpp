// What happens to SAs that stand: deletes, dead peers, lifetimes, reconfiguration, both ends at once, NAT.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

class Life : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(world.broken, ""); }
  bool establish() {
    hq.configure(hq.configuration);
    branch.configure(branch.configuration);
    return joined_within(5s);
  }
  bool joined_within(net::Duration limit) {
    return world.run_until([&] { return World::joined(hq, branch); }, limit);
  }

  void lose_rekeys() {
    world.network.lose = [](const Datagram& d) { return d.header()->exchange == wire::ExchangeType::create_child_sa; };
  }

  World world{{.seed = 3}};
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
};

// Both ends initiate in the same moment: for a while there may be two pairs, in the end there is one.
TEST_F(Life, BothInitiateAndOnePairIsLeft) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World w{{.seed = seed, .link = {.delay_min = 1ms, .delay_max = 20ms}, .ask_delay_max = 10ms}};
    auto [a, b] = w.pair();
    a.configure(a.configuration);
    b.configure(b.configuration);
    ASSERT_TRUE(w.run_until([&] { return World::joined(a, b); }, 10s)) << "seed " << seed;
    w.advance(10s);
    EXPECT_TRUE(World::joined(a, b)) << "seed " << seed;
    EXPECT_EQ(a.ready_sas(), 1u) << "seed " << seed;
    EXPECT_EQ(b.ready_sas(), 1u) << "seed " << seed;
    EXPECT_EQ(w.broken, "");
  }
}

TEST_F(Life, ClearedByEitherEndItComesBack) {
  ASSERT_TRUE(establish());
  for (auto* node : {&hq, &branch}) {
    const auto spi = hq.installed.front().inbound_spi;
    node->clear();
    EXPECT_TRUE(node->installed.empty());
    ASSERT_TRUE(joined_within(10s));
    EXPECT_NE(hq.installed.front().inbound_spi, spi);
  }
  EXPECT_TRUE(branch.heard_of(EventKind::sa_down, "the peer closed it"));
}

// It stays for a while to repeat its answer, should that be lost, but an operator has no use for it.
TEST_F(Life, ClosedByThePeerItIsShownNoMore) {
  ASSERT_TRUE(establish());
  const auto spi = branch.engine().show(world.now).front().local_spi;
  hq.configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
  world.advance(100ms);
  EXPECT_GE(branch.engine().statistics().sas, 1u);
  for (const auto& row : branch.engine().show(world.now)) EXPECT_NE(row.local_spi, spi);
}

TEST_F(Life, ShutDownAtOneEndRemovesBothHalves) {
  ASSERT_TRUE(establish());
  hq.configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
  world.advance(1s);
  EXPECT_TRUE(hq.installed.empty());
  EXPECT_TRUE(branch.installed.empty());
  const auto installs = hq.installs;
  world.advance(5min);
  EXPECT_EQ(hq.installs, installs);
  hq.configure([](Configuration& c) { c.tunnels["Tunnel1"].up = true; });
  EXPECT_TRUE(joined_within(2min));
}

TEST_F(Life, ChildDeletedByVolumeIsMirroredAndReplaced) {
  ASSERT_TRUE(establish());
  hq.engine().expire(world.now, hq.installed.front().child, Expiry::kilobytes_end);
  world.advance(0s);
  EXPECT_TRUE(world.run_until([&] { return branch.installed.empty(); }, 5s));
  EXPECT_TRUE(branch.heard_of(EventKind::child_down, "the peer deleted it"));
  EXPECT_TRUE(joined_within(20s));
}

TEST_F(Life, PeerThatRestartsSilentlyIsFoundDead) {
  ASSERT_TRUE(establish());
  branch.loses_power = true;
  world.advance(60s);
  EXPECT_TRUE(hq.installed.empty());
  EXPECT_TRUE(hq.heard_of(EventKind::dpd_dead));
  branch.restart();
  EXPECT_TRUE(joined_within(2min));
}

// It comes back before anybody noticed: INITIAL_CONTACT clears what it has forgotten (§2.4).
TEST_F(Life, Checklist31_Line13_InitialContactRemovesWhatThePeerForgot) {
  ASSERT_TRUE(establish());
  branch.restart();
  ASSERT_TRUE(joined_within(5s));
  EXPECT_TRUE(hq.heard_of(EventKind::sa_down, "the peer started afresh"));
  EXPECT_EQ(hq.ready_sas(), 1u);
}

TEST_F(Life, PeriodicProbesKeepAQuietTunnel) {
  world.network.keep_log = true;
  ASSERT_TRUE(establish());
  const auto installs = hq.installs;
  world.advance(10min);
  EXPECT_EQ(hq.installs, installs);
  EXPECT_GE(said_by(world, hq.address).size() + said_by(world, branch.address).size(), 100u);
}

TEST_F(Life, Checklist31_Line14_OnDemandProbesOnlyAfterTrafficIntoSilence) {
  for (auto* node : {&hq, &branch}) node->configuration.profiles["P"].dpd = Dpd{10, 2, Dpd::Mode::on_demand};
  ASSERT_TRUE(establish());
  world.advance(1s);
  world.network.keep_log = true;
  world.advance(10min);
  EXPECT_TRUE(world.network.log.empty());
  hq.engine().traffic(world.now, hq.installed.front().child, false, true);
  world.advance(30s);
  EXPECT_THAT(said_by(world, hq.address), ::testing::SizeIs(1));
  branch.loses_power = true;
  hq.engine().traffic(world.now, hq.installed.front().child, false, true);
  world.advance(40s);
  EXPECT_TRUE(hq.heard_of(EventKind::dpd_dead));
}

// Rekeys are lost: the hard limits close what none has replaced.
TEST_F(Life, LifetimeEndsAreOrderlyAndReplaced) {
  for (auto* node : {&hq, &branch}) node->configuration.profiles["P"].lifetime_s = 100;
  ASSERT_TRUE(establish());
  lose_rekeys();
  world.advance(101s);
  EXPECT_TRUE(hq.heard_of(EventKind::sa_down, "lifetime reached") ||
              branch.heard_of(EventKind::sa_down, "lifetime reached"));
  EXPECT_TRUE(joined_within(30s));
}

TEST_F(Life, AnUnrelatedChangeTouchesNothing) {
  ASSERT_TRUE(establish());
  const auto spi = hq.installed.front().inbound_spi;
  hq.configure([](Configuration& c) {
    c.keyrings["other"] = {.name = "other", .peers = {}};
    c.proposals["unused"] = {.name = "unused", .encryption = {}, .integrity = {}, .prf = {}, .groups = {}};
  });
  world.advance(1s);
  EXPECT_EQ(hq.installed.front().inbound_spi, spi);
  hq.configure([](Configuration& c) { c.ipsec_profiles["I"].pfs = Group::ecp_256; });
  EXPECT_NE(hq.sending("Tunnel1") ? hq.sending("Tunnel1")->inbound_spi : 0, spi);
  EXPECT_TRUE(joined_within(10s));
}

// Things vanish from the configuration at each step of a negotiation; nothing falls over, and it heals (A20).
TEST(Attacks, A20_ReconfiguredAtEveryStep) {
  const std::vector<std::function<void(Configuration&)>> losses{
      [](Configuration& c) { c.keyrings.clear(); },
      [](Configuration& c) { c.profiles.clear(); },
      [](Configuration& c) { c.ipsec_profiles.clear(); },
      [](Configuration& c) { c.transform_sets.clear(); },
      [](Configuration& c) { c.tunnels.clear(); },
      [](Configuration& c) { c = {}; },
      [](Configuration& c) {
        use_proposal(c, {.name = "E", .encryption = {}, .integrity = {}, .prf = {}, .groups = {}});
      }};
  for (std::size_t loss = 0; loss < losses.size(); ++loss) {
    for (int steps = 0; steps < 14; ++steps) {
      for (const bool left : {true, false}) {
        World world{{.seed = 5, .ask_delay_max = std::chrono::milliseconds(3)}};
        auto [hq, branch] = world.pair();
        branch.configure(branch.configuration);
        hq.configure(hq.configuration);
        for (int i = 0; i < steps; ++i) world.step(world.now + 1s);
        auto& victim = left ? hq : branch;
        const auto whole = victim.configuration;
        victim.configure(losses[loss]);
        world.advance(20s);
        EXPECT_TRUE(victim.installed.empty()) << loss << " after " << steps;
        victim.configure(whole);
        EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 3min)) << loss << " after " << steps;
        EXPECT_EQ(world.broken, "") << loss << " after " << steps;
      }
    }
  }
}

TEST_F(Life, WhatIsMissingIsToldOnceAndAgain) {
  hq.configuration.keyrings.clear();
  hq.configure(hq.configuration);
  world.advance(10min);
  EXPECT_TRUE(hq.heard_of(EventKind::configuration, "keyring K"));
  EXPECT_LT(hq.events.size(), 30u);
}

TEST_F(Life, Attacks_A21_ClockThatJumpsYears) {
  ASSERT_TRUE(establish());
  world.now += std::chrono::hours(24 * 365 * 68);
  EXPECT_TRUE(world.run_until([&] { return hq.installs > 1 && World::joined(hq, branch); }, 5min));
  hq.engine().timeout(net::Time{});
  EXPECT_GE(*hq.engine().deadline(), net::Time{});
}

// ---- NAT

TEST_F(Life, Checklist31_Line37_BehindANatAllMovesToPort4500) {
  world.network.add_nat(branch.address, address("203.0.113.7"));
  hq.configuration.tunnels["Tunnel1"].remote = address("203.0.113.7");
  key_for(hq.configuration, "Tunnel1").address = net::Prefix::host(address("203.0.113.7"));
  world.network.keep_log = true;
  hq.configure(hq.configuration);
  branch.configure(branch.configuration);
  ASSERT_TRUE(joined_within(1min));
  ASSERT_TRUE(branch.installed.front().udp);
  EXPECT_EQ(branch.installed.front().udp, (UdpEncapsulation{4500, 4500}));
  EXPECT_EQ(hq.installed.front().udp->local_port, 4500);
  EXPECT_GE(hq.installed.front().udp->remote_port, 20000);
  const auto row = branch.engine().show(world.now).front();
  EXPECT_TRUE(row.nat_local);
  EXPECT_FALSE(row.nat_remote);
  EXPECT_EQ(row.local.port, 4500);
  world.advance(65s);
  EXPECT_GE(branch.engine().statistics().keepalives_out, 3u);
  EXPECT_GE(hq.engine().statistics().keepalives_in, 3u);
}

TEST_F(Life, NatThatForgetsIsFollowed) {
  world.network.add_nat(branch.address, address("203.0.113.7"));
  hq.configuration.tunnels["Tunnel1"].remote = address("203.0.113.7");
  key_for(hq.configuration, "Tunnel1").address = net::Prefix::host(address("203.0.113.7"));
  hq.configure(hq.configuration);
  branch.configure(branch.configuration);
  ASSERT_TRUE(joined_within(1min));
  const auto before = hq.engine().show(world.now).front().remote.port;
  const auto installs = branch.installs;
  world.network.forget_nat_ports();
  world.advance(60s);
  EXPECT_NE(hq.engine().show(world.now).front().remote.port, before);
  EXPECT_EQ(branch.installs, installs);
}

// Its ESP tells before the next IKE message does, and both follow it, to another address, too.
class Moved : public Life {
 protected:
  // `behind` sits behind a NAT; the other end configures what that shows.
  void establish_behind_nat(Node& behind, Node& other) {
    const auto outside = address("203.0.113.7");
    world.network.add_nat(behind.address, outside);
    other.configuration.tunnels["Tunnel1"].remote = outside;
    key_for(other.configuration, "Tunnel1").address = net::Prefix::host(outside);
    other.configure(other.configuration);
    behind.configure(behind.configuration);
    ASSERT_TRUE(joined_within(1min));
  }
  static constexpr std::uint16_t port = 31000;
  const net::Endpoint elsewhere{address("203.0.113.99"), port};
};

TEST_F(Moved, EspFromAnotherAddressOfThePeersNatIsFollowed) {
  establish_behind_nat(branch, hq);
  hq.report_came_from(hq.installed.front().child, elsewhere);
  EXPECT_EQ(hq.installed.front().remote, elsewhere.address);
  EXPECT_EQ(hq.installed.front().udp, (UdpEncapsulation{4500, port}));
  EXPECT_EQ(hq.engine().show(world.now).front().remote, elsewhere);
}

TEST_F(Moved, NobodyIsFollowedFromBehindANat) {
  establish_behind_nat(branch, hq);
  const auto before = branch.installed.front();
  branch.report_came_from(before.child, elsewhere);
  EXPECT_EQ(branch.installed.front().remote, before.remote);
  EXPECT_EQ(branch.installed.front().udp, before.udp);
}

TEST_F(Moved, WithoutANatNobodyIsFollowed) {
  ASSERT_TRUE(establish());
  const auto before = hq.installed.front();
  hq.report_came_from(before.child, elsewhere);
  EXPECT_EQ(hq.installed.front().remote, before.remote);
}

}  // namespace
}  // namespace culvert::testing
