// Several next hops of one prefix: flows are shared by weight, each flow stays with one, and routes come and go in
// batches without an adjacency too many.
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "ipsec-dataplane/adjacencies.h"
#include "ipsec-dataplane/forwarding.h"
#include "net/random.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {
namespace {

using Weighted = std::vector<std::pair<std::uint16_t, std::uint32_t>>;

std::map<std::uint16_t, int> counted(const FlowShares& places) {
  std::map<std::uint16_t, int> counts;
  for (const auto index : places) ++counts[index];
  return counts;
}

TEST(FlowShares, EveryWeightGetsItsPart) {
  EXPECT_EQ(counted(shares_of({{7, 1}})), (std::map<std::uint16_t, int>{{7, 64}}));
  EXPECT_EQ(counted(shares_of({{7, 1}, {8, 1}})), (std::map<std::uint16_t, int>{{7, 32}, {8, 32}}));
  EXPECT_EQ(counted(shares_of({{7, 3}, {8, 1}})), (std::map<std::uint16_t, int>{{7, 48}, {8, 16}}));
  EXPECT_EQ(counted(shares_of({{7, 1}, {8, 1'000'000}})), (std::map<std::uint16_t, int>{{7, 1}, {8, 63}}));
  net::SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    Weighted weighted;
    std::uint64_t sum = 0;
    for (auto n = 1 + random.below(32); n-- > 0;) {
      const auto weight = static_cast<std::uint32_t>(1 + random.below(10));
      weighted.emplace_back(static_cast<std::uint16_t>(n + 1), weight);
      sum += weight;
    }
    const auto counts = counted(shares_of(weighted));
    for (const auto& [index, weight] : weighted) {
      const auto part = 64.0 * weight / static_cast<double>(sum);
      EXPECT_GE(counts.at(index), 1) << "seed 5, round " << round;
      EXPECT_NEAR(counts.at(index), part, std::max(3.0, part / 3)) << "seed 5, round " << round;
    }
  }
}

// 10.9.0.0/16 leads to three neighbors, by weights 2, 1 and 1.
class Shared : public testing::Test {
 protected:
  Shared() {
    plane.tables.adjacencies.push_back({AdjacencyKind::shared, false, no_interface, {}, 0});
    plane.tables.shares.push_back(shares_of({{1, 2}, {2, 1}, {4, 1}}));
    plane.fib.set(*net::Prefix::parse("10.9.0.0/16"), 8);
  }
  // The interface that a packet leaves by, its fragment offset given.
  InterfaceIndex way(std::uint32_t source, std::uint32_t destination, std::uint16_t port = 9,
                     std::uint16_t fragment = 0) {
    auto& p = plane.arrive(framed(build({.source = source,
                                         .destination = destination,
                                         .fragment = fragment,
                                         .options = {},
                                         .payload = udp(port, 24)})));
    plane.run();
    const auto egress = meta(p).step == Step::transmit ? meta(p).egress : no_interface;
    for (auto* all : *plane.burst) rte_pktmbuf_free(all);
    plane.burst->clear();
    return egress;
  }
  Plane plane;
};

TEST_F(Shared, FlowsAreSharedByWeight) {
  constexpr int flows = 4000;
  std::map<InterfaceIndex, int> by_interface;
  net::SeededRandom random(3);
  for (int i = 0; i < flows; ++i)
    ++by_interface[way(0x0a010002 + static_cast<std::uint32_t>(random.below(200)),
                       0x0a090000 + static_cast<std::uint32_t>(random.below(65536)))];
  EXPECT_EQ(by_interface.size(), 3u);
  EXPECT_NEAR(by_interface[1], flows / 2, flows / 20);
  EXPECT_NEAR(by_interface[2], flows / 4, flows / 20);
  EXPECT_NEAR(by_interface[3], flows / 4, flows / 20);
}

// Neither ports nor fragments split what goes from one host to another: nothing is overtaken.
TEST_F(Shared, AFlowStaysOnItsWay) {
  for (std::uint32_t host = 1; host < 100; ++host) {
    const auto first = way(0x0a010002, 0x0a090000 + host);
    EXPECT_EQ(way(0x0a010002, 0x0a090000 + host, 80), first);
    EXPECT_EQ(way(0x0a010002, 0x0a090000 + host, 9, 0x2000), first);
    EXPECT_EQ(way(0x0a010002, 0x0a090000 + host, 9, 7), first);
  }
}

TEST_F(Shared, RoutersInARowShareDifferently) {
  int same = 0;
  for (std::uint32_t host = 1; host < 200; ++host) {
    plane.tables.flow_seed = 1;
    const auto one = way(0x0a010002, 0x0a090000 + host);
    plane.tables.flow_seed = 2;
    same += way(0x0a010002, 0x0a090000 + host) == one;
  }
  EXPECT_LT(same, 120);
}

// An error about a packet from there is sent that way too.
TEST_F(Shared, ErrorsFindTheirWayBack) {
  plane.tables.interfaces[1].addresses.clear();
  plane.arrive(framed(build({.source = 0x0a090001, .ttl = 1, .options = {}, .payload = udp(9, 20)})));
  plane.run();
  ASSERT_EQ(plane.burst->size(), 2u);
  EXPECT_EQ(meta((*plane.burst)[1]).step, Step::transmit);
}

class Routes : public testing::Test {
 protected:
  Routes() {
    const auto port = [](const char* name, const char* address) {
      return InterfaceConfig{.name = name, .up = true, .addresses = {*net::Prefix::parse(address)}};
    };
    forwarding.apply({.interfaces = {port("Gi0/0", "10.1.0.1/24"), port("Gi0/1", "10.2.0.1/24")}});
  }
  static RouteUpdate route(const char* prefix, NextHops hops) {
    return {*net::Prefix::parse(prefix), std::make_shared<const NextHops>(std::move(hops))};
  }
  static RouteUpdate gone(const char* prefix) { return {*net::Prefix::parse(prefix), nullptr}; }
  // Where packets from any of many hosts to an address go: the neighbors' addresses, and how many flows each.
  std::map<std::uint32_t, int> ways(const char* destination) {
    std::map<std::uint32_t, int> seen;
    const auto& tables = forwarding.tables();
    for (std::uint32_t host = 0; host < 640; ++host) {
      const auto to = rte_cpu_to_be_32(net::Address::parse(destination)->v4_value());
      const auto& adjacency = tables.adjacency(tables.way(rte_cpu_to_be_32(0x0b000000 + host), to));
      EXPECT_NE(adjacency.kind, AdjacencyKind::shared);
      if (adjacency.kind != AdjacencyKind::unreachable) ++seen[adjacency.address];
    }
    return seen;
  }

  TablePublisher publisher{1};
  Forwarding forwarding{Fib::create(64).value(),
                        publisher,
                        {{.name = "Gi0/0", .id = 0, .mac = own_mac}, {.name = "Gi0/1", .id = 1, .mac = own_mac}}};
  const NextHop left{"Gi0/0", *net::Address::parse("10.1.0.2")}, right{"Gi0/1", *net::Address::parse("10.2.0.2")};
};

TEST_F(Routes, ABatchIsInForceAtOnce) {
  const auto both = std::make_shared<const NextHops>(NextHops{left, right});
  ASSERT_TRUE(forwarding.update_routes({{*net::Prefix::parse("11.0.0.0/8"), both},
                                        {*net::Prefix::parse("12.0.0.0/8"), both},
                                        route("13.0.0.0/8", {left})}));
  EXPECT_EQ(ways("11.1.1.1").size(), 2u);
  EXPECT_EQ(ways("12.1.1.1").size(), 2u);
  EXPECT_EQ(ways("13.1.1.1"), (std::map<std::uint32_t, int>{{0x0a010002, 640}}));
  ASSERT_TRUE(forwarding.update_routes({gone("11.0.0.0/8"), route("12.0.0.0/8", {right}), gone("99.0.0.0/8")}));
  EXPECT_TRUE(ways("11.1.1.1").empty());
  EXPECT_EQ(ways("12.1.1.1"), (std::map<std::uint32_t, int>{{0x0a020002, 640}}));
  EXPECT_EQ(ways("13.1.1.1").size(), 1u);
}

TEST_F(Routes, WhatCannotBeSetIsGoneAndSaid) {
  ASSERT_TRUE(forwarding.update_routes({route("11.0.0.0/8", {left})}));
  const auto done = forwarding.update_routes(
      {route("11.0.0.0/8", {{"Gi9/9", left.gateway}}), route("12.0.0.0/8", {left}), route("13.0.0.0/8", {})});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "route 11.0.0.0/8: there is no interface Gi9/9");
  EXPECT_TRUE(ways("11.1.1.1").empty());
  EXPECT_EQ(ways("12.1.1.1").size(), 1u);
}

// More prefixes than the table has room for: each that fits is in force, and an adjacency is not lost by the others.
TEST_F(Routes, FullTableKeepsWhatItHas) {
  std::vector<RouteUpdate> updates;
  const auto hops = std::make_shared<const NextHops>(NextHops{left, right});
  for (std::uint32_t i = 0; i < 200; ++i) updates.push_back({{net::Address::v4(0x14000000 + (i << 16)), 24}, hops});
  const auto done = forwarding.update_routes(updates);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().find("the forwarding table is full"), std::string::npos);
  EXPECT_EQ(ways("20.0.0.1").size(), 2u);
  EXPECT_TRUE(ways("20.199.0.1").empty());
}

// Routes come, change and go for a long time; then all is as at the beginning.
TEST_F(Routes, AdjacenciesAreGivenBack) {
  net::SeededRandom random(9);
  const auto before = forwarding.tables().adjacencies.size();
  std::size_t most = 0;
  for (int step = 0; step < 3000; ++step) {
    const net::Prefix prefix{net::Address::v4(0x0b000000 + static_cast<std::uint32_t>(random.below(6) << 16)), 16};
    NextHops hops;
    for (auto n = random.below(4); n-- > 0;) {
      auto hop = random.below(2) == 0 ? left : right;
      hop.gateway = net::Address::v4(hop.gateway->v4_value() + static_cast<std::uint32_t>(random.below(5)));
      hop.weight = 1 + static_cast<std::uint32_t>(random.below(3));
      hops.push_back(hop);
    }
    const auto shared = hops.empty() ? nullptr : std::make_shared<const NextHops>(hops);
    ASSERT_TRUE(forwarding.update_routes({{prefix, shared}}));
    publisher.collect();
    most = std::max(most, forwarding.tables().adjacencies.size());
  }
  for (std::uint32_t i = 0; i < 6; ++i)
    ASSERT_TRUE(forwarding.update_routes({{{net::Address::v4(0x0b000000 + (i << 16)), 16}, nullptr}}));
  EXPECT_LT(most, 80u) << "indexes are used again";
  forwarding.publish();
  for (const auto& adjacency : forwarding.tables().adjacencies) EXPECT_EQ(adjacency.kind, AdjacencyKind::unreachable);
  EXPECT_GE(forwarding.tables().adjacencies.size(), before);
}

// A host route stands before the neighbor of that address, which comes back when it is gone.
TEST_F(Routes, NeighborStandsBehindTheRouteOfItsAddress) {
  const auto address = *net::Address::parse("10.1.0.7");
  forwarding.neighbor_resolved(forwarding.index_of("Gi0/0"), address, host_mac);
  EXPECT_EQ(ways("10.1.0.7"), (std::map<std::uint32_t, int>{{0x0a010007, 640}}));
  ASSERT_TRUE(forwarding.update_routes({route("10.1.0.7/32", {right})}));
  EXPECT_EQ(ways("10.1.0.7"), (std::map<std::uint32_t, int>{{0x0a020002, 640}}));
  ASSERT_TRUE(forwarding.update_routes({gone("10.1.0.7/32")}));
  EXPECT_EQ(ways("10.1.0.7"), (std::map<std::uint32_t, int>{{0x0a010007, 640}}));
  ASSERT_TRUE(forwarding.update_routes({gone("10.1.0.7/32")}));
  EXPECT_EQ(ways("10.1.0.7").size(), 1u) << "what no route said, none takes away";
  forwarding.neighbor_lost(forwarding.index_of("Gi0/0"), address);
  EXPECT_TRUE(ways("10.1.0.7").empty());
}

}  // namespace
}  // namespace culvert::dataplane::test
