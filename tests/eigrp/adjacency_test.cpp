// Neighbours: checklist 3.4 lines 1 to 10, packet by packet.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/eigrp/probe.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;
using wire::Opcode;

const auto peer = address("10.0.1.2");
const auto other = address("10.0.1.3");
const auto far = prefix("192.168.1.0/24");
const auto farther = prefix("192.168.2.0/24");

TEST(Checklist34, Line01_HelloEveryFiveSeconds) {
  Probe p;
  p.advance(15s);
  auto sent = p.take();
  ASSERT_EQ(sent.size(), 5u);
  EXPECT_TRUE(sent[0].packet.find<wire::Parameters>()->is_goodbye()) << "of a former life";
  sent.erase(sent.begin());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_TRUE(sent[i].is_hello());
    EXPECT_FALSE(sent[i].to) << "to the group";
    EXPECT_EQ(sent[i].packet.sequence, 0u);
    EXPECT_EQ(sent[i].when, sent[0].when + 5s * i);
    const auto* parameters = sent[i].packet.find<wire::Parameters>();
    ASSERT_TRUE(parameters);
    EXPECT_EQ(*parameters, (wire::Parameters{.k1 = 1, .k3 = 1, .hold_time_s = 15}));
  }
  EXPECT_EQ(wire::ip_protocol, 88);
  EXPECT_EQ(wire::all_routers, address("224.0.0.10"));
  p.interfaces[0].slow_multiaccess = true;
  p.apply();
  p.advance(65s);
  p.take();
  p.advance(120s);
  const auto slow = p.take();
  EXPECT_EQ(slow.size(), 2u) << "every 60 s";
  EXPECT_EQ(slow[0].packet.find<wire::Parameters>()->hold_time_s, 180);
}

TEST(Checklist34, Line02_AnyPacketRefreshesTheHoldTime) {
  Probe p(2);
  p.bring_up(peer);
  const auto second = address("10.0.2.2");
  p.bring_up(second);
  p.update(peer, far, 2560);
  p.update(peer, farther, 2560);
  for (int i = 0; i < 5; ++i) {
    p.advance(10s);
    p.hello(second);
    p.update(peer, prefix("192.168.9.0/24"), 2560u * static_cast<unsigned>(i + 1));
    p.acknowledge_all();
  }
  EXPECT_EQ(p.neighbors(), 2u) << "50 s without a HELLO from 10.0.1.2";
  p.take();
  p.advance(10s);
  p.hello(second);
  p.advance(6s);
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is down: holding time expired"));
  EXPECT_FALSE(p.routes(far));
  EXPECT_FALSE(p.routes(farther)) << "DUAL heard of every route of it";
  const auto queries = p.take(Opcode::query);
  ASSERT_FALSE(queries.empty());
  EXPECT_TRUE(queries[0].route(far) && queries[0].route(farther));
}

TEST(Checklist34, Line03_KValuesMustMatch) {
  Probe p;
  wire::Packet hello;
  hello.tlvs.push_back(wire::Parameters{.k1 = 1, .k2 = 1, .k3 = 1});
  p.receive(peer, hello, true);
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is down: K-value mismatch"));
  for (int i = 0; i < 50; ++i) p.receive(peer, hello, true);
  EXPECT_EQ(p.refused(Refusal::k_values), 51u);
  ASSERT_EQ(p.events.size(), 1u) << "counted each time, said once";
  EXPECT_EQ(p.events[0].kind, EventKind::neighbor_down) << "%DUAL-5-NBRCHANGE, as in IOS";
  p.bring_up(other);
  p.receive(other, hello, true);
  EXPECT_TRUE(p.said("Neighbor 10.0.1.3 (Gi1) is down: K-value mismatch"));
  EXPECT_EQ(p.neighbors(), 0u);
}

TEST(Checklist34, Line04_WrongAutonomousSystemIsIgnored) {
  Probe p;
  wire::Packet hello{.autonomous_system = 101};
  hello.tlvs.push_back(wire::Parameters{});
  p.receive(peer, hello, true);
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_EQ(p.refused(Refusal::wrong_autonomous_system), 1u);
  auto octets = wire::Packet{.autonomous_system = 100}.encode();
  octets[0] = std::byte{3};
  wire::set_checksum(octets);
  p.receive_raw(peer, octets, true);
  octets[0] = std::byte{2};
  p.receive_raw(peer, octets, true);
  octets[17] = std::byte{1};
  wire::set_checksum(octets);
  p.receive_raw(peer, octets, true);
  const auto malformed = [&](wire::DecodeError e) { return p.engine.traffic().malformed[static_cast<std::size_t>(e)]; };
  EXPECT_EQ(malformed(wire::DecodeError::bad_version), 1u);
  EXPECT_EQ(malformed(wire::DecodeError::bad_checksum), 1u);
  EXPECT_EQ(malformed(wire::DecodeError::unknown_virtual_router), 1u);
}

TEST(Checklist34, Line05_ThreeWayStart) {
  Probe p(2);
  p.take();
  p.hello(peer);
  const auto first = p.take();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_TRUE(first[0].is_hello()) << "expedited";
  EXPECT_TRUE(first[1].is(Opcode::update) && first[1].packet.flags.init && first[1].packet.tlvs.empty());
  EXPECT_EQ(first[1].to, peer);
  EXPECT_TRUE(p.engine.neighbors(p.now)[0].pending);

  p.update(peer, far, 2560);
  EXPECT_EQ(p.refused(Refusal::pending_neighbor), 1u);
  EXPECT_FALSE(p.routes(far));
  auto init = p.packet(peer, Opcode::update);
  init.flags.init = true;
  p.receive(peer, init);
  const auto second = p.take();
  ASSERT_EQ(second.size(), 1u) << "an acknowledgment, and nothing else before ours comes";
  EXPECT_TRUE(second[0].is_ack());
  p.acknowledge(peer, first[1].packet.sequence);
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is up: new adjacency"));
  const auto table = p.take();
  ASSERT_EQ(table.size(), 1u);
  EXPECT_TRUE(table[0].packet.flags.end_of_table && table[0].route(prefix("10.0.2.0/24")));
  EXPECT_FALSE(table[0].route(prefix("10.0.1.0/24"))) << "split horizon";
  EXPECT_EQ(table[0].to, peer);
}

TEST(Checklist34, Line06_InitFromAnUpNeighborRestartsIt) {
  Probe p;
  p.bring_up(peer);
  p.update(peer, far, 2560);
  p.acknowledge_all();
  p.advance(1s);
  p.take();
  auto init = p.packet(peer, Opcode::update);
  init.flags.init = true;
  p.receive(peer, init);
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is down: peer restarted"));
  EXPECT_FALSE(p.routes(far));
  const auto sent = p.take(Opcode::update);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].packet.flags.init) << "answered with INIT";
  EXPECT_EQ(sent[0].packet.acknowledgment, init.sequence);
  p.acknowledge(peer, sent[0].packet.sequence);
  EXPECT_FALSE(p.engine.neighbors(p.now)[0].pending);
}

TEST(Checklist34, Line07_PendingNeighborsAreNotAsked) {
  Probe p(3);
  p.bring_up(peer);
  const auto asked = address("10.0.2.2"), pending = address("10.0.3.2");
  p.bring_up(asked);
  p.hello(pending);
  p.update(peer, far, 2560);
  p.acknowledge_all();
  p.hello(pending);
  p.take();
  p.update(peer, far, withdrawn);
  p.acknowledge(asked, p.engine.neighbors(p.now)[1].queue.empty() ? 0 : p.engine.neighbors(p.now)[1].queue[0].second);
  for (const auto& query : p.take(Opcode::query)) EXPECT_NE(query.interface, "Gi3");
  EXPECT_TRUE(p.engine.topology(p.now, far)->active);
  p.receive(asked, p.packet(asked, Opcode::reply, {route(far, withdrawn)}));
  p.receive(peer, p.packet(peer, Opcode::reply, {route(far, withdrawn)}));
  EXPECT_FALSE(p.engine.topology(p.now, far)) << "no reply of 10.0.3.2 was awaited";
}

TEST(Checklist34, Line08_Figure9WithLostAckAndDuplicate) {
  Probe p(2);  // plays router B
  p.take();
  p.hello(peer);                               // (1)
  const auto b1 = p.take();                    // (2) HELLO, (3) INIT
  auto init = p.packet(peer, Opcode::update);  // (4)
  init.flags.init = true;
  init.acknowledgment = b1[1].packet.sequence;
  p.receive(peer, init);
  const auto table = p.take(Opcode::update);  // (5) with the acknowledgment of (4)
  ASSERT_EQ(table.size(), 1u);
  EXPECT_EQ(table[0].packet.acknowledgment, init.sequence);
  p.advance(5s);                              // (6) is lost
  const auto again = p.take(Opcode::update);  // (7)
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again[0].packet.sequence, table[0].packet.sequence);
  EXPECT_EQ(again[0].packet.tlvs, table[0].packet.tlvs);
  p.acknowledge(peer, table[0].packet.sequence);  // (8)
  EXPECT_EQ(p.engine.neighbors(p.now)[0].queued, 0u);
  p.take();
  p.receive(peer, init);  // a duplicate of (4) is acknowledged and not taken for another start
  const auto acknowledged = p.take();
  ASSERT_EQ(acknowledged.size(), 1u);
  EXPECT_EQ(acknowledged[0].packet.acknowledgment, init.sequence);
  EXPECT_FALSE(p.said("restarted"));
}

TEST(Checklist34, Line09_PeerTerminationAndGoodbye) {
  Probe p;
  p.bring_up(peer);
  p.hello(peer, {wire::PeerTermination{{address("10.0.1.77")}}});
  EXPECT_EQ(p.neighbors(), 1u) << "another one is meant";
  p.hello(peer, {wire::PeerTermination{{address("10.0.1.1")}}});
  EXPECT_TRUE(p.said("is down: Interface PEER-TERMINATION received"));
  EXPECT_EQ(p.neighbors(), 0u);
  p.bring_up(peer);
  wire::Packet goodbye;
  goodbye.tlvs.push_back(wire::Parameters{255, 255, 255, 255, 255, 0, 15});
  p.receive(peer, goodbye, true);
  EXPECT_TRUE(p.said("is down: Interface Goodbye received"));
  p.bring_up(peer);
  EXPECT_EQ(p.engine.clear(p.now), 1u);
  p.drain();
  auto sent = p.take();
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent[0].packet.find<wire::PeerTermination>()->neighbors, std::vector{peer});
  EXPECT_TRUE(p.said("is down: manually cleared"));
  p.bring_up(peer);
  p.engine.shutdown(p.now);
  p.drain();
  sent = p.take();
  ASSERT_FALSE(sent.empty());
  EXPECT_TRUE(sent[0].packet.find<wire::Parameters>()->is_goodbye());
}

// A router that lost power says, when it is back, that its former life is over.
TEST(Adjacency, AFormerLifeIsOver) {
  Probe p;
  const auto begun = p.take();
  ASSERT_GE(begun.size(), 2u);
  EXPECT_TRUE(begun[0].packet.find<wire::Parameters>()->is_goodbye());
  EXPECT_TRUE(begun[0].packet.flags.init);
  EXPECT_FALSE(begun[1].packet.find<wire::Parameters>()->is_goodbye());
  p.bring_up(peer);
  p.receive(peer, begun[0].packet, true);
  EXPECT_EQ(p.neighbors(), 1u) << "it comes late: the new life has begun";
  EXPECT_EQ(p.refused(Refusal::late_goodbye), 1u);
  p.advance(2s);
  p.update(peer, far, 2560);
  p.receive(peer, begun[0].packet, true);
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_FALSE(p.routes(far));
  EXPECT_TRUE(p.said("is down: Interface Goodbye received"));
}

TEST(Checklist34, Line10_CommonSubnet) {
  Probe p;
  const auto stranger = address("10.9.9.9");
  for (int i = 0; i < 100; ++i) p.hello(stranger);
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_EQ(p.refused(Refusal::not_on_common_subnet), 100u);
  ASSERT_EQ(p.events.size(), 1u);
  EXPECT_EQ(p.events[0].text, "EIGRP-IPv4 100: Neighbor 10.9.9.9 (Gi1) is blocked: not on common subnet (10.0.1.1/24)");
  EXPECT_EQ(p.events[0].kind, EventKind::neighbor_warning);
}

// The H column: numbers are used again, so that they stay short whoever came and went.
TEST(Adjacency, HandlesAreTheLowestFree) {
  Probe p;
  p.bring_up(peer);
  p.bring_up(other);
  p.engine.clear(p.now, peer);
  p.drain();
  p.hello(address("10.0.1.4"));
  ASSERT_EQ(p.neighbors(), 2u);
  for (const auto& neighbor : p.engine.neighbors(p.now))
    EXPECT_EQ(neighbor.handle, neighbor.address == other ? 1u : 0u) << neighbor.address.to_string();
}

// `debug eigrp packets` shows what nobody answers, and why.
TEST(Adjacency, WhoWatchesSeesWhatIsRefused) {
  struct Watch : Trace {
    void received(const Arrival&, const wire::Packet&) override {}
    void refused(const Arrival& arrival, unsigned opcode, std::string_view why) override {
      seen.push_back(fmt::format("{} {} {}", arrival.source, opcode, why));
    }
    void sent(std::string_view, const std::optional<net::Address>&, const wire::Packet&) override {}
    void fsm(std::string_view) override {}
    std::vector<std::string> seen;
  } watch;
  Probe p;
  p.engine.set_trace(&watch);
  p.hello(address("10.9.9.9"));
  p.receive_raw(peer, {}, true);
  p.configuration.interfaces["Gi1"].authentication.required = true;
  p.configure();
  p.hello(peer);
  p.engine.set_trace(nullptr);
  EXPECT_THAT(watch.seen,
              ::testing::ElementsAre("10.9.9.9 5 not on common subnet", ::testing::StartsWith("10.0.1.2 0 "),
                                     "10.0.1.2 5 authentication failed"));
}

TEST(Adjacency, InterfaceDownTakesItsNeighborsAlong) {
  Probe p(2);
  p.bring_up(peer);
  p.update(peer, far, 2560);
  p.interfaces[0].up = false;
  p.apply();
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is down: interface down"));
  EXPECT_FALSE(p.routes(far));
}

// Two routers that answered each INIT by another would never end.
TEST(Adjacency, AnInitThatAcknowledgesOursIsNotAnsweredByAnother) {
  Probe p;
  p.take();
  p.hello(peer);
  const auto ours = p.take(Opcode::update)[0].packet.sequence;
  for (int i = 0; i < 2; ++i) {
    auto init = p.packet(peer, Opcode::update);
    init.flags.init = true;
    init.acknowledgment = ours;
    p.receive(peer, init);
    const auto sent = p.take(Opcode::update);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_FALSE(sent[0].packet.flags.init);
    EXPECT_TRUE(sent[0].packet.flags.end_of_table);
  }
  EXPECT_TRUE(p.said("peer restarted"));
  EXPECT_FALSE(p.engine.neighbors(p.now)[0].pending);
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
