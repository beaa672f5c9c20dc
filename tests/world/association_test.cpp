// What a Child SA is made with, and what happens when it does not fit the dataplane any more: extended sequence
// numbers, the replay window, lifetimes, idleness, SPIs that one end has lost, ports that a NAT has moved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

class Association : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(world.broken, ""); }
  // hq initiates.
  void establish() {
    hq.configure(hq.configuration);
    ASSERT_TRUE(world.run_until([&] { return branch.engine().show(world.now).empty(); }, 0s));
    branch.configure(branch.configuration);
    ASSERT_TRUE(joined_within(5s));
    world.advance(2min);
  }
  bool joined_within(net::Duration limit) {
    return world.run_until([&] { return World::joined(hq, branch); }, limit);
  }
  void rekey(Node& node) {
    node.report_end(node.sending("Tunnel1")->child, Expiry::kilobytes);
    world.advance(10s);
  }
  const InstallSa& pair_of(const Node& node) { return *node.sending("Tunnel1"); }
  void for_both(const std::function<void(Configuration&)>& change) {
    for (auto* node : {&hq, &branch}) change(node->configuration);
  }
  void report_invalid_spi(Node& at, const Node& from, std::uint32_t spi) { at.report_invalid_spi(from.address, spi); }

  World world{{.seed = 3}};
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
};

TEST_F(Association, ExtendedNumbersWhereBothEndsWantThem) {
  struct Case {
    int line;
    bool hq, branch, extended;
  };
  constexpr Case cases[]{
      {1, false, false, false}, {2, true, false, false}, {3, false, true, false}, {4, true, true, true}};
  for (const auto& c : cases) {
    World w{{.seed = 5}};
    auto [a, b] = w.pair();
    a.configuration.transform_sets["T"].extended_sequence_numbers = c.hq;
    b.configuration.transform_sets["T"].extended_sequence_numbers = c.branch;
    a.configure(a.configuration);
    b.configure(b.configuration);
    ASSERT_TRUE(w.run_until([&] { return World::joined(a, b); }, 10s)) << "case " << c.line;
    w.advance(1min);
    for (auto* node : {&a, &b}) {
      EXPECT_EQ(node->sending("Tunnel1")->extended_sequence_numbers, c.extended) << "case " << c.line;
      EXPECT_EQ(node->engine().show(w.now).front().children.front().extended_sequence_numbers, c.extended);
      node->report_end(node->sending("Tunnel1")->child, Expiry::kilobytes);
      w.advance(10s);
      EXPECT_EQ(node->sending("Tunnel1")->extended_sequence_numbers, c.extended) << "case " << c.line << ", rekeyed";
    }
    EXPECT_EQ(w.broken, "");
  }
}

// RFC 4303 section 3.4.3: whoever checks no replay shall not negotiate them.
TEST_F(Association, WithoutAReplayWindowNumbersAreShort) {
  for_both([](Configuration& c) { c.transform_sets["T"].extended_sequence_numbers = true; });
  branch.configuration.ipsec_profiles["I"].replay_window_packets = 0;
  establish();
  EXPECT_FALSE(pair_of(hq).extended_sequence_numbers);
  EXPECT_EQ(pair_of(hq).replay_window_packets, 64u);
  EXPECT_EQ(pair_of(branch).replay_window_packets, 0u);
}

TEST_F(Association, NewLifetimesAndWindowsAreForNewSas) {
  establish();
  const auto before = pair_of(hq).inbound_spi;
  hq.configure([](Configuration& c) {
    c.ipsec_profiles["I"].replay_window_packets = 1024;
    c.ipsec_profiles["I"].lifetime_s = 1200;
    c.ipsec_profiles["I"].lifetime_kb = 9000;
  });
  world.advance(1min);
  EXPECT_EQ(pair_of(hq).inbound_spi, before);
  EXPECT_EQ(pair_of(hq).replay_window_packets, 64u);
  rekey(hq);
  EXPECT_NE(pair_of(hq).inbound_spi, before);
  EXPECT_EQ(pair_of(hq).replay_window_packets, 1024u);
  EXPECT_EQ(pair_of(hq).lifetime_s, 1200u);
  EXPECT_EQ(pair_of(hq).lifetime_kb, 9000u);
  EXPECT_EQ(pair_of(branch).replay_window_packets, 64u);
}

// Time and volume, each with a soft and a hard limit, at once: whichever comes first rekeys, and what cannot be rekeyed
// ends.
TEST_F(Association, Checklist33Line15SoftAndHardLimitsOfTimeAndVolume) {
  for_both([](Configuration& c) {
    c.ipsec_profiles["I"].lifetime_s = 1000;
    c.ipsec_profiles["I"].lifetime_kb = 5000;
    c.profiles["P"].dpd.reset();
  });
  establish();
  const auto first = pair_of(hq);
  EXPECT_GE(first.rekey_kb, 4000u);
  EXPECT_LE(first.rekey_kb, 4500u);
  rekey(hq);  // soft, by volume
  const auto second = pair_of(hq).inbound_spi;
  EXPECT_NE(second, first.inbound_spi);
  world.advance(950s);  // soft, by time
  const auto third = pair_of(hq).inbound_spi;
  EXPECT_NE(third, second);
  EXPECT_FALSE(hq.heard_of(EventKind::child_down, "lifetime reached"));
  world.network.lose = [](const Datagram& d) { return d.header()->exchange == wire::ExchangeType::create_child_sa; };
  hq.report_end(pair_of(hq).child, Expiry::kilobytes_end);  // hard, by volume
  EXPECT_TRUE(hq.heard_of(EventKind::child_down, "volume reached"));
  ASSERT_TRUE(joined_within(30s));
  EXPECT_TRUE(world.run_until(
      [&] {
        return hq.heard_of(EventKind::child_down, "lifetime reached") ||
               branch.heard_of(EventKind::child_down, "lifetime reached") || hq.heard_of(EventKind::dpd_dead) ||
               branch.heard_of(EventKind::dpd_dead);
      },
      1001s));  // hard, by time: no key outlives it
}

TEST_F(Association, AnIdleOneIsReplaced) {
  hq.configuration.ipsec_profiles["I"].idle_time_s = 600;
  establish();
  for (int i = 0; i < 30; ++i) {
    world.advance(1min);
    hq.report_received(pair_of(hq).child);
  }
  EXPECT_FALSE(hq.heard_of(EventKind::child_down, "idle"));
  world.advance(11min);
  EXPECT_TRUE(hq.heard_of(EventKind::child_down, "idle"));
  EXPECT_TRUE(branch.heard_of(EventKind::child_down, "the peer deleted it"));
  EXPECT_TRUE(joined_within(30s));
}

// The dataplane had no room: the peer does not go on sending into a void, and there is another attempt.
TEST_F(Association, OneThatWasNotInstalledIsDeletedWithThePeer) {
  establish();
  const auto first = pair_of(hq).inbound_spi;
  hq.report_end(pair_of(hq).child, Expiry::not_installed);
  EXPECT_TRUE(hq.heard_of(EventKind::child_down, "the dataplane cannot take it"));
  ASSERT_TRUE(world.run_until([&] { return branch.installed.empty(); }, 5s));
  ASSERT_TRUE(joined_within(30s));
  EXPECT_NE(pair_of(hq).inbound_spi, first);
}

TEST_F(Association, ARekeyThatWasNotInstalledLeavesTheOldOne) {
  for_both([](Configuration& c) { c.profiles["P"].dpd.reset(); });
  establish();
  const auto old = pair_of(hq).child;
  hq.report_end(old, Expiry::kilobytes);
  ASSERT_TRUE(world.run_until([&] { return hq.installed.size() == 2 || pair_of(hq).child != old; }, 5s));
  hq.report_end(hq.installed.back().child, Expiry::not_installed);
  world.advance(1min);
  EXPECT_TRUE(World::joined(hq, branch));
}

// The child is lost at one end alone. The peer's packets tell of it, and the end that lost it tells the peer, under
// protection: both make another, without waiting for anybody to die.
TEST_F(Association, AnSpiThatThePeerDoesNotKnowIsGivenUp) {
  establish();
  const auto lost = pair_of(hq).inbound_spi;
  report_invalid_spi(hq, branch, lost);
  world.advance(1s);
  EXPECT_TRUE(branch.heard_of(EventKind::child_down, "the peer does not know it"));
  ASSERT_TRUE(joined_within(30s));
  EXPECT_NE(pair_of(hq).inbound_spi, lost);
  EXPECT_EQ(hq.engine().statistics().invalid_spis, 1u);
}

// Anybody can forge such packets: one protected probe in ten seconds is all that they cause, and nothing is lost.
TEST_F(Association, ForgedSpisCostOneProbeInTenSeconds) {
  for_both([](Configuration& c) { c.profiles["P"].dpd.reset(); });
  establish();
  const auto installs = hq.installs;
  world.network.keep_log = true;
  for (int i = 0; i < 10'000; ++i) {
    report_invalid_spi(hq, branch, 0xdead0000u + static_cast<std::uint32_t>(i));
    if (i % 100 == 0) world.advance(1s);
  }
  EXPECT_LE(said_by(world, hq.address).size(), 11u);
  EXPECT_GE(said_by(world, hq.address).size(), 9u);
  EXPECT_EQ(hq.installs, installs);
  EXPECT_TRUE(World::joined(hq, branch));
}

// The peer has forgotten everything: it does not answer the probe, and is found dead at once, not by its silence.
TEST_F(Association, AnSpiOfADeadPeerStartsTheProbe) {
  for_both([](Configuration& c) { c.profiles["P"].dpd = Dpd{3600, 2, Dpd::Mode::on_demand}; });
  establish();
  branch.loses_power = true;
  report_invalid_spi(hq, branch, 0x12345678);
  world.advance(30s);
  EXPECT_TRUE(hq.heard_of(EventKind::dpd_dead));
}

// A tunnel without an SA whose peer sends ESP: the attempt that waits is made now.
TEST_F(Association, AnSpiOfAConfiguredPeerBringsTheAttemptForward) {
  branch.loses_power = true;
  hq.configure(hq.configuration);
  world.advance(10min);  // the wait between attempts is over a minute by now
  branch.restart();
  ASSERT_TRUE(world.run_until([&] { return hq.engine().show(world.now).empty(); }, 2min));
  world.network.keep_log = true;
  report_invalid_spi(hq, branch, 0x12345678);
  world.advance(100ms);
  EXPECT_FALSE(said_by(world, hq.address).empty());
  report_invalid_spi(hq, *world.nodes().front(), 0x12345678);  // from an address that no tunnel has
}

// ---- NAT

// The NAT forgets, and gives the branch another port: ESP of the pair that stands follows (RFC 7296 section 2.23).
TEST_F(Association, EspFollowsThePortOfANat) {
  world.network.add_nat(branch.address, address("203.0.113.7"));
  branch.configuration.tunnels["Tunnel1"].remote = hq.address;
  hq.configuration.tunnels["Tunnel1"].remote = address("203.0.113.7");
  for (auto& peer : hq.configuration.keyrings["K"].peers) peer.address = net::Prefix::host(address("203.0.113.7"));
  branch.configure(branch.configuration);
  hq.configure(hq.configuration);
  ASSERT_TRUE(world.run_until([&] { return hq.sending("Tunnel1") != nullptr; }, 10s));
  const auto before = pair_of(hq);
  ASSERT_TRUE(before.udp);
  EXPECT_EQ(before.udp->local_port, 4500);
  world.network.forget_nat_ports();
  world.advance(1min);
  EXPECT_EQ(pair_of(hq).inbound_spi, before.inbound_spi) << "the pair stands";
  ASSERT_TRUE(pair_of(hq).udp);
  EXPECT_NE(pair_of(hq).udp->remote_port, before.udp->remote_port);
  EXPECT_EQ(hq.engine().show(world.now).front().children.front().remote.port, pair_of(hq).udp->remote_port);
}

// Without a NAT nobody moves anything, wherever an authentic message comes from.
TEST_F(Association, WithoutANatNothingMoves) {
  establish();
  EXPECT_FALSE(pair_of(hq).udp);
}

}  // namespace
}  // namespace culvert::testing
