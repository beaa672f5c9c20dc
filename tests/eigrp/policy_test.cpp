// What a router is told to do with routes: checklist 3.4 lines 39 to 43.
#include <gtest/gtest.h>

#include "tests/eigrp/probe.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;
using wire::Opcode;

const auto b = address("10.0.1.2");
const auto c = address("10.0.2.2");
const auto d = address("10.0.3.2");
const auto far = prefix("192.168.1.0/24");
const auto farther = prefix("192.168.2.0/24");

TEST(Checklist34, Line39_VarianceAndTrafficShare) {
  Probe p(3);
  p.interfaces[0].link.delay_ps = 30'000'000;
  p.apply();
  for (const auto& neighbor : {b, c, d}) p.bring_up(neighbor);
  p.update(d, far, 256 * 9);   // 5120, reports 4864
  p.update(b, far, 256 * 9);   // 5632, reports 4864
  p.update(c, far, 256 * 10);  // 5376, reports 5120: not below 5120
  p.acknowledge_all();
  EXPECT_EQ(p.table[far].next_hops.size(), 1u);
  p.configuration.variance = 2;
  p.configure();
  ASSERT_EQ(p.table[far].next_hops.size(), 2u) << "10.0.2.2 is good enough, but not feasible";
  EXPECT_EQ(p.table[far].next_hops[0].gateway, d);
  EXPECT_EQ(p.table[far].next_hops[0].traffic_share, 240u);
  EXPECT_EQ(p.table[far].next_hops[1].gateway, b);
  EXPECT_EQ(p.table[far].next_hops[1].metric, 5632u);
  EXPECT_EQ(p.table[far].next_hops[1].traffic_share, 240u * 5120 / 5632);
  p.configuration.traffic_share_balanced = false;
  p.configure();
  EXPECT_EQ(p.table[far].next_hops[0].traffic_share, 1u);
  EXPECT_EQ(p.table[far].next_hops[1].traffic_share, 0u);
  p.configuration.maximum_paths = 1;
  p.configure();
  EXPECT_EQ(p.table[far].next_hops.size(), 1u);
  p.update(b, far, 256 * 7);
  p.configuration.maximum_paths = 4;
  p.configure();
  ASSERT_EQ(p.table[far].next_hops.size(), 2u);
  p.configuration.traffic_share_balanced = true;
  p.configure();
  EXPECT_EQ(p.table[far].next_hops[1].traffic_share, 1u) << "equal shares";
}

TEST(Checklist34, Line40_Summary) {
  Probe p(2);
  const auto summary = prefix("192.168.0.0/16");
  p.configuration.interfaces["Gi2"].summaries = {{.prefix = summary}};
  p.configure();
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 25600);
  p.acknowledge_all();
  p.update(b, farther, 2560);
  auto sent = p.take();
  const auto told = about(sent, summary, "Gi2");
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().route(summary)->metric.delay, 2560u + 256) << "the least of the components'";
  EXPECT_TRUE(about(sent, summary, "Gi1").empty()) << "for its interface only";
  EXPECT_TRUE(p.routes(far));
  for (const auto& s : about(sent, far, "Gi2")) EXPECT_TRUE(s.route(far)->unreachable()) << "the summary stands for it";
  ASSERT_TRUE(p.routes(summary));
  EXPECT_EQ(p.table[summary].distance, 5);
  EXPECT_TRUE(p.table[summary].summary);
  EXPECT_EQ(p.table[summary].next_hops[0].interface, "Null0");
  EXPECT_FALSE(p.table[summary].next_hops[0].gateway);
  p.acknowledge_all();
  p.take();
  p.configuration.interfaces["Gi2"].summaries.clear();
  p.configure();
  p.acknowledge_all();
  sent = p.take();
  EXPECT_FALSE(p.routes(summary));
  EXPECT_TRUE(about(sent, summary, "Gi2").back().route(summary)->unreachable());
  EXPECT_FALSE(about(sent, far, "Gi2").back().route(far)->unreachable()) << "shown again";
}

TEST(Checklist34, Line41_RedistributionNeedsAMetric) {
  Probe p(1);
  p.bring_up(b);
  p.configuration.redistribute_static = Redistribution{};
  p.configure();
  p.engine.foreign_routes(p.now, {{.prefix = far, .metric = 0, .tag = 9}});
  p.drain();
  EXPECT_TRUE(about(p.take(), far, "Gi1").empty()) << "no metric, and no interface to take one from";
  p.configuration.default_metric = SeedMetric{.bandwidth_kbps = 10'000, .delay_ps = 1'000'000'000};
  p.configure();
  p.engine.foreign_routes(p.now, {{.prefix = far, .metric = 0, .tag = 9}});
  p.drain();
  auto sent = about(p.take(), far, "Gi1");
  ASSERT_EQ(sent.size(), 1u);
  const auto* external = sent[0].route(far);
  ASSERT_TRUE(external->external);
  EXPECT_EQ(external->external->router_id, 0x01010101u);
  EXPECT_EQ(external->external->protocol, wire::ExternalProtocol::static_route);
  EXPECT_EQ(external->external->tag, 9u);
  EXPECT_EQ(external->metric.bandwidth, 256'000u);
  EXPECT_EQ(external->metric.delay, 25'600u);
  p.acknowledge_all();
  p.configuration.default_metric.reset();
  p.configuration.redistribute_connected = Redistribution{};
  p.configuration.networks = {{address("10.0.1.0"), address("0.0.0.255")}};
  p.interfaces.push_back({.name = "Loopback0", .up = true, .addresses = {{address("172.16.0.1"), 24}}});
  p.configure();
  p.apply();
  p.acknowledge_all();
  p.engine.foreign_routes(
      p.now, {{.prefix = prefix("172.16.0.0/24"), .source = Redistributed::connected, .interface = "Loopback0"}});
  p.drain();
  sent = about(p.take(), prefix("172.16.0.0/24"), "Gi1");
  ASSERT_EQ(sent.size(), 1u) << "connected routes have their interface's metric";
  EXPECT_EQ(sent[0].route(prefix("172.16.0.0/24"))->external->protocol, wire::ExternalProtocol::connected);
}

TEST(Checklist34, Line42_StubsAreNotAskedAndTellTheirOwnOnly) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(c, {wire::Stub{}});
  p.update(b, far, 2560);
  p.acknowledge_all();
  p.take();
  p.update(b, far, withdrawn);
  for (const auto& query : p.take(Opcode::query)) EXPECT_NE(query.interface, "Gi2");
  EXPECT_EQ(p.engine.neighbors(p.now)[1].stub, wire::Stub::connected | wire::Stub::summary);

  Probe stub(3);
  stub.configuration.stub = StubSettings{.connected = true, .summary = false};
  stub.configure();
  stub.take();
  stub.advance(5s);
  EXPECT_EQ(stub.take()[0].packet.find<wire::Stub>()->flags, wire::Stub::connected);
  stub.bring_up(b);
  stub.bring_up(c);
  stub.update(b, far, 2560);
  EXPECT_TRUE(stub.routes(far));
  EXPECT_TRUE(about(stub.take(), far, "Gi2").empty()) << "learned routes are not passed on";
  stub.acknowledge_all();
  stub.hello(c);
  stub.interfaces[2].link.delay_ps *= 2;
  stub.apply();
  EXPECT_FALSE(about(stub.take(), prefix("10.0.3.0/24"), "Gi2").empty()) << "connected ones are";
  stub.configuration.stub = StubSettings{.receive_only = true};
  stub.configure();
  stub.bring_up(c);
  stub.interfaces[2].link.delay_ps *= 2;
  stub.apply();
  EXPECT_TRUE(about(stub.take(), prefix("10.0.3.0/24"), "Gi2").empty()) << "receive-only";
}

TEST(Checklist34, Line43_Passive) {
  Probe p(2);
  p.bring_up(b);
  p.configuration.interfaces["Gi1"].passive = true;
  p.configure();
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is down: interface passive"));
  p.take();
  p.hello(b);
  p.advance(20s);
  for (const auto& sent : p.take()) EXPECT_EQ(sent.interface, "Gi2");
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_EQ(p.refused(Refusal::no_such_interface), 1u);
  EXPECT_TRUE(p.engine.topology(p.now, prefix("10.0.1.0/24"))) << "its network is still advertised";
}

TEST(Checklist34, Line43_StaticNeighbor) {
  Probe p(1);
  p.configuration.neighbors = {{b, "Gi1"}};
  p.configure();
  p.take();
  p.advance(10s);
  for (const auto& sent : p.take()) EXPECT_EQ(sent.to, b) << "by unicast only";
  p.hello(address("10.0.1.3"));
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_EQ(p.refused(Refusal::not_configured), 1u);
  p.bring_up(b);
  EXPECT_TRUE(p.engine.neighbors(p.now)[0].configured);
}

TEST(Checklist34, Line43_DistributeAndOffsetLists) {
  Probe p(2);
  p.configuration.interfaces["Gi1"].filter_in = all_but(far);
  p.configuration.interfaces["Gi2"].filter_out = all_but(farther);
  p.configuration.offsets_in = {{.filter = all_but(far), .delay = 1000}, {all_but(far), 5, "Gi2"}};
  p.configuration.offsets_out = {{all_but(far), 512, "Gi2"}, {all_but(far), 7}};
  p.configure();
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 2560);
  p.update(b, farther, 2560);
  p.update(b, prefix("192.168.3.0/24"), 2560);
  const auto sent = p.take();
  EXPECT_FALSE(p.routes(far)) << "distribute-list in";
  EXPECT_TRUE(p.routes(farther));
  EXPECT_TRUE(about(sent, farther, "Gi2").empty()) << "distribute-list out";
  const auto told = about(sent, prefix("192.168.3.0/24"), "Gi2");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].route(prefix("192.168.3.0/24"))->metric.delay, 2560u + 256 + 1000 + 512) << "that of the interface";
  EXPECT_EQ(p.table[farther].metric, 2560u + 2560 + 256 + 1000);
  p.acknowledge_all();
  p.configuration.interfaces["Gi2"].filter_out.reset();
  p.configure();
  EXPECT_EQ(about(p.take(), farther, "Gi2").size(), 1u) << "told as soon as it may be";
}

TEST(Checklist34, Line43_ActiveTimeDisabled) {
  Probe p(2);
  p.configuration.active_time_s.reset();
  p.configure();
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 2560);
  p.acknowledge_all();
  p.update(b, far, withdrawn);
  for (int i = 0; i < 200; ++i) {
    p.hello(b);
    p.hello(c);
    p.acknowledge_all();
    p.advance(5s);
    EXPECT_TRUE((p.take(Opcode::sia_query)).empty());
  }
  EXPECT_TRUE(p.engine.topology(p.now, far)->active);
  EXPECT_EQ(p.neighbors(), 2u);
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
