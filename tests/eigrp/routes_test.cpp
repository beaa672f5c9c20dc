// Destinations and DUAL on the wire: checklist 3.4 lines 23 to 26, 30, 36 and 44; what the
// routing table says of routes, and why they are what they are.
#include <gtest/gtest.h>

#include "tests/eigrp/probe.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;
using wire::Opcode;

const auto b = address("10.0.1.2");
const auto c = address("10.0.2.2");
const auto far = prefix("192.168.1.0/24");
const auto farther = prefix("192.168.2.0/24");

TEST(Checklist34, Line23_OneQueryForManyAndOneReply) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(c);
  p.receive(b, p.packet(b, Opcode::update, {route(far, 2560), route(farther, 2560)}));
  p.acknowledge_all();
  p.take();
  p.receive(b, p.packet(b, Opcode::update, {route(far, withdrawn), route(farther, withdrawn)}));
  auto queries = p.take(Opcode::query);
  std::erase_if(queries, [](const Sent& s) { return s.interface != "Gi2"; });
  ASSERT_EQ(queries.size(), 1u);
  EXPECT_TRUE(queries[0].route(far)->unreachable() && queries[0].route(farther)->unreachable());
  p.acknowledge_all();
  p.receive(c, p.packet(c, Opcode::reply, {route(far, 25600)}));
  EXPECT_FALSE(p.engine.topology(p.now, far)->active) << "each destination by itself";
  EXPECT_TRUE(p.engine.topology(p.now, farther)->active);
  EXPECT_TRUE(p.routes(far));
  p.receive(c, p.packet(c, Opcode::reply, {route(farther, withdrawn)}));
  EXPECT_FALSE(p.engine.topology(p.now, farther));
  p.acknowledge_all();
  p.take();
  p.receive(b, p.packet(b, Opcode::query, {route(far, withdrawn), route(farther, withdrawn)}));
  const auto replies = p.take(Opcode::reply);
  ASSERT_EQ(replies.size(), 1u) << "when the whole packet has been worked off";
  EXPECT_FALSE(replies[0].route(far)->unreachable());
  EXPECT_TRUE(replies[0].route(farther)->unreachable());
}

TEST(Checklist34, Line24_UnknownDestinations) {
  Probe p;
  p.bring_up(b);
  p.receive(b, p.packet(b, Opcode::query, {route(far, withdrawn)}));
  auto replies = p.take(Opcode::reply);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_TRUE(replies[0].route(far)->unreachable());
  EXPECT_EQ(replies[0].to, b);
  EXPECT_FALSE(p.engine.topology(p.now, far));
  p.acknowledge_all();
  p.take();
  const auto reply = p.packet(b, Opcode::reply, {route(farther, 2560)});
  p.receive(b, reply);
  const auto sent = p.take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.acknowledgment, reply.sequence);
  EXPECT_FALSE(p.engine.topology(p.now, farther)) << "acknowledged and discarded";
  EXPECT_EQ(p.refused(Refusal::reply_unasked), 1u);
}

// Makes `far` ACTIVE with 10.0.2.2 owing the reply, and keeps both neighbours alive.
class StuckInActive {
 public:
  StuckInActive() {
    probe.bring_up(b);
    probe.bring_up(c);
    probe.update(b, far, 2560);
    probe.acknowledge_all();
    probe.update(b, far, withdrawn);
    probe.acknowledge_all();
    probe.receive(b, probe.packet(b, Opcode::reply, {route(far, withdrawn)}));
    probe.acknowledge_all();
    probe.take();
  }
  // The SIA-QUERY packets of this time.
  std::vector<Sent> pass(net::Duration duration) {
    std::vector<Sent> asked;
    for (const auto end = probe.now + duration; probe.now < end;) {
      probe.hello(b);
      probe.hello(c);
      probe.acknowledge_all();
      probe.advance(std::min<net::Duration>(5s, end - probe.now));
      for (auto& sent : probe.take(Opcode::sia_query))
        if (asked.empty() || asked.back().packet.sequence != sent.packet.sequence) asked.push_back(std::move(sent));
    }
    probe.acknowledge_all();
    return asked;
  }
  void still_active() {
    auto answer = route(far, withdrawn);
    answer.metric.flags = wire::route_flag::active;
    probe.receive(c, probe.packet(c, Opcode::sia_reply, {answer}));
  }
  bool active() { return probe.engine.topology(probe.now, far) && probe.engine.topology(probe.now, far)->active; }
  Probe probe{2};
};

TEST(Checklist34, Line25_StuckInActive) {
  StuckInActive silent;
  EXPECT_TRUE((silent.pass(89s)).empty());
  auto asked = silent.pass(2s);
  ASSERT_EQ(asked.size(), 1u) << "at half the active time";
  EXPECT_EQ(asked[0].interface, "Gi2");
  EXPECT_TRUE(asked[0].route(far));
  silent.pass(88s);
  EXPECT_TRUE(silent.active());
  silent.pass(3s);
  EXPECT_TRUE(silent.probe.said("Neighbor 10.0.2.2 (Gi2) is down: stuck in active")) << "no answer";
  EXPECT_FALSE(silent.active());
  EXPECT_FALSE(silent.probe.said("Neighbor 10.0.1.2 (Gi1) is down"));

  StuckInActive busy;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(busy.pass(91s).size(), 1u) << "at most three";
    busy.still_active();
    EXPECT_TRUE(busy.active());
  }
  EXPECT_TRUE((busy.pass(91s)).empty());
  EXPECT_TRUE(busy.probe.said("Neighbor 10.0.2.2 (Gi2) is down: stuck in active"));
  EXPECT_FALSE(busy.active());
}

TEST(Checklist34, Line26_SiaReplies) {
  StuckInActive world;
  world.pass(91s);
  world.still_active();
  world.pass(80s);
  EXPECT_TRUE(world.active()) << "beyond twice half the active time, but it answered";
  world.probe.receive(c, world.probe.packet(c, Opcode::sia_reply, {route(far, withdrawn)}));
  EXPECT_FALSE(world.active()) << "one that is passive has answered for good";

  Probe p(2);
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 2560);
  p.acknowledge_all();
  p.take();
  p.receive(c, p.packet(c, Opcode::sia_query, {route(far, withdrawn)}));
  const auto replies = p.take(Opcode::reply);
  ASSERT_EQ(replies.size(), 1u) << "never asked before: treated as a QUERY";
  EXPECT_FALSE(replies[0].route(far)->unreachable());
  p.acknowledge_all();
  p.receive(b, p.packet(b, Opcode::sia_query, {route(far, withdrawn)}));
  EXPECT_TRUE(p.engine.topology(p.now, far)->active) << "from the successor, and nobody is feasible";
  const auto busy = p.take(Opcode::sia_reply);
  ASSERT_EQ(busy.size(), 1u);
  EXPECT_EQ(busy[0].to, b);
  EXPECT_TRUE(busy[0].route(far)->metric.flags & wire::route_flag::active);
}

TEST(Checklist34, Line30_SplitHorizonAndPoison) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(c);
  p.take();
  p.update(b, far, 2560);
  auto sent = p.take();
  ASSERT_EQ(about(sent, far, "Gi1").size(), 1u);
  EXPECT_TRUE(about(sent, far, "Gi1")[0].route(far)->unreachable()) << "to where the successor is";
  ASSERT_EQ(about(sent, far, "Gi2").size(), 1u);
  EXPECT_FALSE(about(sent, far, "Gi2")[0].route(far)->unreachable());
  p.acknowledge_all();
  p.update(c, far, 256);
  sent = p.take();
  EXPECT_FALSE(about(sent, far, "Gi1")[0].route(far)->unreachable()) << "the successor is elsewhere now";
  EXPECT_TRUE(about(sent, far, "Gi2")[0].route(far)->unreachable());
  p.acknowledge_all();
  // While it starts, a neighbour gets its own routes back as poison, though its interface was told so long before.
  const auto e = address("10.0.2.9");
  p.take();
  p.hello(e);
  auto init = p.packet(e, Opcode::update);
  init.flags.init = true;
  init.acknowledgment = p.take(Opcode::update)[0].packet.sequence;
  p.receive(e, init);
  p.acknowledge_all();
  p.take();
  p.update(e, far, 256000);
  sent = p.take(Opcode::update);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, e);
  EXPECT_TRUE(sent[0].route(far)->unreachable());

  Probe hub(1);
  hub.configuration.interfaces["Gi1"].split_horizon = false;
  hub.configure();
  hub.bring_up(b);
  hub.update(b, far, 2560);
  EXPECT_FALSE(about(hub.take(), far, "Gi1")[0].route(far)->unreachable()) << "no ip split-horizon";
}

TEST(Checklist34, Line36_NextHopExternalAndTag) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 2560);
  EXPECT_EQ(p.table[far].next_hops[0].gateway, b) << "0 means the sender";
  p.acknowledge_all();
  auto third = route(farther, 2560);
  third.next_hop = address("10.0.1.9");
  third.external = wire::External{.router_id = 0x09090909, .tag = 77, .metric = 5};
  p.take();
  p.receive(b, p.packet(b, Opcode::update, {third}));
  EXPECT_EQ(p.table[farther].next_hops[0].gateway, address("10.0.1.9"));
  EXPECT_TRUE(p.table[farther].external);
  EXPECT_EQ(p.table[farther].distance, 170);
  EXPECT_EQ(p.table[farther].tag, 77u);
  const auto passed_on = about(p.take(), farther, "Gi2");
  ASSERT_EQ(passed_on.size(), 1u);
  EXPECT_EQ(passed_on[0].route(farther)->external, third.external) << "the tag is kept";
  EXPECT_TRUE(passed_on[0].route(farther)->next_hop.is_unspecified());
  p.acknowledge_all();
  third.destinations = {prefix("192.168.3.0/24")};
  third.external->router_id = 0x01010101;
  p.receive(b, p.packet(b, Opcode::update, {third}));
  EXPECT_FALSE(p.routes(prefix("192.168.3.0/24"))) << "our own router id";
  EXPECT_EQ(p.refused(Refusal::own_route), 1u);
  auto back = route(prefix("192.168.4.0/24"), 2560);
  back.next_hop = address("10.0.1.1");
  p.receive(b, p.packet(b, Opcode::update, {back}));
  EXPECT_FALSE(p.routes(prefix("192.168.4.0/24"))) << "we would be the next hop ourselves";
}

// `no ip split-horizon eigrp` and `no ip next-hop-self eigrp`: spokes on one tunnel learn to reach each other directly.
TEST(Checklist34, Line44_AHubTellsTheSpokesOfEachOther) {
  Probe hub(1);
  hub.configuration.interfaces["Gi1"].split_horizon = false;
  hub.configuration.interfaces["Gi1"].next_hop_self = false;
  hub.configure();
  hub.bring_up(b);
  hub.update(b, far, 2560);
  auto told = about(hub.take(), far, "Gi1");
  EXPECT_EQ(told[0].route(far)->next_hop, b);
  EXPECT_FALSE(told[0].route(far)->unreachable());
  hub.acknowledge_all();
  hub.configuration.interfaces["Gi1"].next_hop_self = true;
  hub.configure();
  told = about(hub.take(), far, "Gi1");
  ASSERT_EQ(told.size(), 1u) << "told anew";
  EXPECT_TRUE(told[0].route(far)->next_hop.is_unspecified()) << "by way of the hub";
}

TEST(Checklist34, Line44_UpdatesFitTheMtuOfATunnel) {
  constexpr std::size_t ip_header_octets = 20, tunnel_mtu = 1400;
  Probe p(2);
  p.interfaces[0].link.mtu = tunnel_mtu;
  p.apply();
  p.bring_up(c);
  wire::Packet table = p.packet(c, Opcode::update);
  for (std::uint32_t i = 0; i < 300; ++i)
    table.tlvs.push_back(route({net::Address::v4(0xac100000u + (i << 8)), 24}, 2560));
  p.receive(c, table);
  p.acknowledge_all();
  p.hello(b);
  auto init = p.packet(b, Opcode::update);
  init.flags.init = true;
  init.acknowledgment = p.take(Opcode::update).back().packet.sequence;
  p.receive(b, init);
  p.acknowledge_all();
  std::size_t routes = 0, largest = 0;
  for (const auto& sent : p.take(Opcode::update))
    if (sent.interface == "Gi1") {
      routes += sent.packet.tlvs.size();
      largest = std::max(largest, sent.packet.encode().size() + ip_header_octets);
    }
  EXPECT_GE(routes, 300u);
  EXPECT_LE(largest, tunnel_mtu);
  EXPECT_GT(largest, tunnel_mtu - 120) << "packets are filled";
}

// Another source has the better route: ours stays in the topology table, and nobody is told.
TEST(BeatenRoutes, AreKeptAndToldToNobody) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 2560);
  p.acknowledge_all();
  p.take();
  p.engine.judged(p.now, {{far, true}});
  p.drain();
  auto told = about(p.take(), far, "Gi2");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].route(far)->unreachable());
  EXPECT_TRUE(p.routes(far)) << "the routing table is still offered it";
  auto view = *p.engine.topology(p.now, far);
  EXPECT_TRUE(view.beaten);
  EXPECT_EQ(view.successors, 0u);
  EXPECT_FALSE(view.paths[0].successor);
  p.acknowledge_all();
  p.update(b, far, 2048);
  EXPECT_TRUE(about(p.take(), far, "Gi2").empty()) << "no news for those who were told that there is no way";
  p.acknowledge_all();
  p.engine.judged(p.now, {{far, false}, {farther, true}});
  p.drain();
  told = about(p.take(), far, "Gi2");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].route(far)->metric.delay, 2048u + 256);
  EXPECT_EQ(p.engine.topology(p.now, far)->successors, 1u);
  p.acknowledge_all();
  p.engine.judged(p.now, {{far, true}});
  p.drain();
  p.acknowledge_all();
  p.update(b, far, withdrawn);
  p.acknowledge_all();
  for (const auto& asked : {b, c}) p.receive(asked, p.packet(asked, wire::Opcode::reply, {route(far, withdrawn)}));
  p.acknowledge_all();
  p.take();
  p.update(b, far, 2560);
  told = about(p.take(), far, "Gi2");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].route(far)->unreachable()) << "what was said of a former route is over";
}

// `router eigrp NUMBER` speaks classic metrics and says so in its HELLO; a neighbour that tells wide ones all the same
// is understood.
TEST(WideRoutes, AreUnderstoodAndToldOnAsClassicOnes) {
  Probe p(2);
  p.take();
  p.advance(5s);
  const auto hello = p.take(Opcode::hello);
  ASSERT_FALSE(hello.empty());
  EXPECT_EQ(hello[0].packet.find<wire::SoftwareVersion>()->tlv_major, 1);
  p.bring_up(b);
  p.bring_up(c);
  wire::Route wide{.metric = {.delay = 10'000'000, .bandwidth = 1'000'000, .mtu = 1500, .reliability = 255, .load = 1},
                   .wide = wire::WideHeader{.router_id = 0x09090909},
                   .destinations = {far}};
  p.receive(b, p.packet(b, Opcode::update, {wide}));
  ASSERT_TRUE(p.routes(far));
  EXPECT_EQ(p.table[far].metric, 3072u) << "two gigabits of 10 microseconds each";
  const auto told = about(p.take(), far, "Gi2");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].route(far)->is_wide());
  EXPECT_EQ(told[0].route(far)->metric.delay, 512u);
  EXPECT_EQ(told[0].route(far)->metric.bandwidth, 2560u);
  p.acknowledge_all();
  wide.metric.delay = wire::Metric::unreachable_wide;
  p.receive(b, p.packet(b, Opcode::update, {wide}));
  EXPECT_FALSE(p.routes(far)) << "withdrawn the wide way";
}

TEST(Why, TellsDistancesFeasibilityAndHistory) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(c);
  p.update(b, far, 2560);
  p.update(c, far, 256000);
  const auto why = p.engine.why(p.now, far);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->topology.feasible_distance, 5376u);
  ASSERT_EQ(why->topology.paths.size(), 2u);
  EXPECT_EQ(why->topology.paths[0].from, b);
  EXPECT_TRUE(why->topology.paths[0].successor && why->topology.paths[0].feasible);
  EXPECT_EQ(why->topology.paths[1].reported_distance, 258'560u);
  EXPECT_FALSE(why->topology.paths[1].feasible);
  ASSERT_FALSE(why->history.empty());
  EXPECT_EQ(why->history[0].what, "(2) by 10.0.1.2, distance 5376, FD 5376");
  EXPECT_FALSE(p.engine.why(p.now, farther));
  EXPECT_EQ(p.engine.events().back().what, "10.0.1.0/24 (2) by connected Gi1, distance 2816, FD 2816");
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
