// Tunnels on demand, as entries of a crypto map are: Child SAs that packets ask for, and what ends agree that they
// carry.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/core.h>

#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

constexpr std::string_view map = "M 10";

TrafficSelector of(std::string_view prefix) { return TrafficSelector::of(net::Prefix::parse(prefix).value()); }
SelectorPair pair_of(std::string_view local, std::string_view remote) { return {of(local), of(remote)}; }
SelectorPair mirrored(const SelectorPair& pair) { return {pair.remote, pair.local}; }

// Two subnets at hq, three at the branch, every combination a line.
std::vector<SelectorPair> mesh() {
  std::vector<SelectorPair> lines;
  for (const auto* local : {"10.1.1.0/24", "10.1.2.0/24"})
    for (const auto* remote : {"10.2.1.0/24", "10.2.2.0/24", "10.2.3.0/24"}) lines.push_back(pair_of(local, remote));
  return lines;
}
const SelectorPair first_packet = pair_of("10.1.1.7/32", "10.2.1.9/32");

class OnDemand : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(world.broken, ""); }

  static void carry(Configuration& site, std::string_view local, std::string_view remote,
                    std::vector<SelectorPair> lines, SaLevel level) {
    if (site.keyrings["K"].peers.empty()) add_tunnel(site, std::string(map), local, remote, "secret");
    auto& tunnel = site.tunnels[std::string(map)];
    tunnel.on_demand = true;
    tunnel.pairs = std::move(lines);
    tunnel.level = level;
  }
  void start(std::vector<SelectorPair> hq_lines, std::vector<SelectorPair> branch_lines,
             SaLevel hq_level = SaLevel::per_pair, SaLevel branch_level = SaLevel::per_pair) {
    hq.configure([&](auto& c) { carry(c, "192.0.2.1", "192.0.2.2", std::move(hq_lines), hq_level); });
    branch.configure([&](auto& c) { carry(c, "192.0.2.2", "192.0.2.1", std::move(branch_lines), branch_level); });
  }
  void start_mesh(SaLevel hq_level = SaLevel::per_pair, SaLevel branch_level = SaLevel::per_pair) {
    auto theirs = mesh();
    std::ranges::transform(theirs, theirs.begin(), mirrored);
    start(mesh(), theirs, hq_level, branch_level);
  }
  bool has(const Node& node, std::size_t children) { return node.installed.size() == children; }
  bool both_have(std::size_t children, net::Duration limit = 10s) {
    world.run_until([&] { return has(hq, children) && has(branch, children); }, limit);
    world.advance(3s);
    return has(hq, children) && has(branch, children);
  }
  static bool holds(const Node& node, const SelectorPair& line) {
    return std::ranges::any_of(node.installed, [&](const InstallSa& one) {
      return one.local_selectors == std::vector{line.local} && one.remote_selectors == std::vector{line.remote};
    });
  }

  World world{{.seed = 5}};
  Node& hq = world.add("hq", "192.0.2.1");
  Node& branch = world.add("branch", "192.0.2.2");

  OnDemand() { hq.configuration = branch.configuration = site(); }
};

TEST_F(OnDemand, NothingHappensBeforeAPacketAsks) {
  start_mesh();
  world.advance(5min);
  EXPECT_EQ(hq.ready_sas(), 0u);
  hq.want(map, first_packet);
  ASSERT_TRUE(both_have(1));
  EXPECT_TRUE(holds(hq, mesh().front()));
  EXPECT_TRUE(holds(branch, mirrored(mesh().front())));
}

TEST_F(OnDemand, APacketThatNoLineHasStartsNothing) {
  start_mesh();
  hq.want(map, pair_of("10.9.9.9/32", "10.2.1.1/32"));
  hq.want("nothing", first_packet);
  world.advance(10s);
  EXPECT_EQ(hq.engine().statistics().initiated, 0u);
}

TEST_F(OnDemand, EveryLineHasAChildOfItsOwnUnderOneIkeSa) {
  start_mesh();
  for (const auto& line : mesh()) hq.want(map, line);
  ASSERT_TRUE(both_have(6));
  for (const auto& line : mesh()) EXPECT_TRUE(holds(hq, line));
  EXPECT_EQ(hq.ready_sas(), 1u);
  EXPECT_EQ(branch.ready_sas(), 1u);
}

TEST_F(OnDemand, TheSamePacketTwiceAsksOnce) {
  start_mesh();
  for (int i = 0; i < 5; ++i) hq.want(map, first_packet);
  ASSERT_TRUE(both_have(1));
  hq.want(map, first_packet);
  world.advance(5s);
  EXPECT_EQ(hq.installs, 1u);
}

// One Child SA for all subnets, answered in full by a peer that has a line for each combination.
TEST_F(OnDemand, Checklist31Line48_SeveralSelectorsAreKept) {
  start_mesh(SaLevel::multi, SaLevel::per_pair);
  hq.want(map, first_packet);
  ASSERT_TRUE(both_have(1));
  EXPECT_EQ(hq.installed[0].local_selectors.size(), 2u);
  EXPECT_EQ(hq.installed[0].remote_selectors.size(), 3u);
}

TEST_F(OnDemand, Checklist31Line48_TheSubsetHasThePacketThatAsked) {
  const auto first = pair_of("10.1.1.0/24", "10.2.1.0/24"), second = pair_of("10.1.2.0/24", "10.2.2.0/24");
  start({first, second}, {mirrored(first), mirrored(second)}, SaLevel::multi);
  hq.want(map, pair_of("10.1.2.7/32", "10.2.2.9/32"));
  ASSERT_TRUE(both_have(2));
  EXPECT_EQ(hq.installed[0].local_selectors, std::vector{second.local});
}

// The peer insists on one pair each: what it gave is kept, and the rest is opened at once.
TEST_F(OnDemand, Checklist31Line49_SinglePairRequired) {
  start_mesh(SaLevel::multi, SaLevel::per_host);
  hq.want(map, first_packet);
  ASSERT_TRUE(both_have(1));
  EXPECT_TRUE(holds(hq, first_packet));
  EXPECT_EQ(hq.ready_sas(), 1u) << "a refused Child SA leaves the IKE SA up";
  hq.want(map, pair_of("10.1.1.8/32", "10.2.3.9/32"));
  EXPECT_TRUE(both_have(2));
}

TEST_F(OnDemand, Checklist31Line50_WhatThePeerLeftOutIsOpenedAtOnce) {
  const auto first = pair_of("10.1.1.0/24", "10.2.1.0/24"), second = pair_of("10.1.2.0/24", "10.2.2.0/24"),
             third = pair_of("10.1.1.0/24", "10.2.3.0/24");
  start({first, second, third}, {mirrored(first), mirrored(second), mirrored(third)}, SaLevel::multi);
  hq.want(map, first_packet);
  ASSERT_TRUE(world.run_until([&] { return hq.installed.size() >= 2; }, 10s));
  world.advance(3s);
  for (const auto& line : {first, second, third}) {
    const auto covered = [&](const InstallSa& one) {
      return covers({one.local_selectors, one.remote_selectors}, line);
    };
    EXPECT_TRUE(std::ranges::any_of(hq.installed, covered)) << to_string(line.remote);
  }
}

TEST_F(OnDemand, Checklist31Line53_NothingBeyondOurPolicy) {
  start({pair_of("10.1.0.0/16", "10.2.0.0/16")}, {pair_of("10.2.1.0/24", "10.1.1.0/24")});
  hq.want(map, first_packet);
  ASSERT_TRUE(both_have(1));
  EXPECT_TRUE(holds(branch, pair_of("10.2.1.0/24", "10.1.1.0/24")));
  hq.want(map, pair_of("10.1.7.7/32", "10.2.7.7/32"));
  world.advance(10s);
  EXPECT_TRUE(has(branch, 1));
  EXPECT_EQ(hq.ready_sas(), 1u) << "TS_UNACCEPTABLE leaves the IKE SA up";
}

TEST_F(OnDemand, Checklist31Line53_AChangedPolicyClosesWhatItNoLongerPermits) {
  start_mesh();
  for (const auto& line : mesh()) hq.want(map, line);
  ASSERT_TRUE(both_have(6));
  branch.configure([](auto& c) { c.tunnels[std::string(map)].pairs.pop_back(); });
  world.advance(5s);
  EXPECT_TRUE(has(hq, 0));
  EXPECT_TRUE(has(branch, 0));
  hq.want(map, first_packet);
  EXPECT_TRUE(both_have(1));
}

TEST_F(OnDemand, EachTwoHostsHaveTheirOwn) {
  start_mesh(SaLevel::per_host, SaLevel::per_host);
  hq.want(map, first_packet);
  hq.want(map, pair_of("10.1.1.8/32", "10.2.1.9/32"));
  ASSERT_TRUE(both_have(2));
  EXPECT_TRUE(holds(hq, first_packet));
}

TEST_F(OnDemand, BothEndsAskAtOnceAndOneChildIsLeft) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World w{{.seed = seed, .link = {.delay_min = 1ms, .delay_max = 20ms}, .ask_delay_max = 10ms}};
    auto& a = w.add("hq", "192.0.2.1");
    auto& b = w.add("branch", "192.0.2.2");
    const auto line = mesh().front();
    a.configuration = b.configuration = site();
    a.configure([&](auto& c) { carry(c, "192.0.2.1", "192.0.2.2", {line}, SaLevel::per_pair); });
    b.configure([&](auto& c) { carry(c, "192.0.2.2", "192.0.2.1", {mirrored(line)}, SaLevel::per_pair); });
    a.want(map, first_packet);
    b.want(map, mirrored(first_packet));
    w.advance(20s);
    EXPECT_EQ(a.installed.size(), 1u) << "seed " << seed;
    EXPECT_EQ(b.installed.size(), 1u) << "seed " << seed;
    EXPECT_TRUE(World::joined(a, b, map, map)) << "seed " << seed;
    EXPECT_EQ(w.broken, "") << "seed " << seed;
  }
}

TEST_F(OnDemand, ADeadPeerGivesWayToTheNext) {
  start_mesh();
  hq.configure([](auto& c) {
    auto& tunnel = c.tunnels[std::string(map)];
    tunnel.remote = address("192.0.2.77");
    tunnel.further_remotes = {address("192.0.2.2")};
  });
  hq.want(map, first_packet);
  EXPECT_TRUE(both_have(1, 10min)) << "no key for the first";
  branch.clear();
  ASSERT_TRUE(both_have(0));
  hq.configure([](auto& c) {
    auto another = c.keyrings["K"].peers.front();
    another.address = net::Prefix::host(address("192.0.2.77"));
    c.keyrings["K"].peers.push_back(another);
  });
  hq.want(map, first_packet);
  EXPECT_TRUE(both_have(1, 10min)) << "the first is silent";
}

TEST_F(OnDemand, ARekeyKeepsTheSelectors) {
  start_mesh();
  for (auto* node : {&hq, &branch}) node->configure([](auto& c) { c.ipsec_profiles["I"].lifetime_s = 120; });
  for (const auto& line : mesh()) hq.want(map, line);
  ASSERT_TRUE(both_have(6));
  world.advance(10min);
  ASSERT_TRUE(world.run_until([&] { return has(hq, 6) && has(branch, 6); }, 1min));
  for (const auto& line : mesh()) EXPECT_TRUE(holds(hq, line));
  EXPECT_GT(hq.engine().statistics().child_rekeys, 20u);
}

TEST_F(OnDemand, ForwardSecrecyForFurtherChildren) {
  start_mesh();
  for (auto* node : {&hq, &branch}) node->configure([](auto& c) { c.ipsec_profiles["I"].pfs = Group::ecp_256; });
  for (const auto& line : mesh()) hq.want(map, line);
  EXPECT_TRUE(both_have(6));
}

}  // namespace
}  // namespace culvert::testing
