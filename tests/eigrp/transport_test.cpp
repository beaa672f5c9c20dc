// The reliable transport: checklist 3.4 lines 13 to 18.
#include <gtest/gtest.h>

#include "routing/eigrp/round_trip.h"
#include "routing/eigrp/sequence.h"
#include "tests/eigrp/probe.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;
using wire::Opcode;

const auto b = address("10.0.1.2");
const auto c = address("10.0.1.3");
const auto d = address("10.0.1.4");
const auto far = prefix("192.168.1.0/24");
const auto source = address("10.0.2.2");  // on another interface: what it tells is told to the others

TEST(Checklist34, Line13_SequenceNumbers) {
  SequenceCounter counter(0xfffffffe);
  EXPECT_EQ(counter.next(), 0xffffffffu);
  EXPECT_EQ(counter.next(), 1u) << "0 is for what wants no acknowledgment";
  EXPECT_TRUE(newer(1, 0xffffffff));
  EXPECT_FALSE(newer(0xffffffff, 1));
  Probe p(2);
  p.bring_up(b);
  p.bring_up(source);
  p.update(source, far, 2560);
  std::set<std::uint32_t> sequences;
  for (const auto& sent : p.take()) {
    EXPECT_EQ(sent.packet.sequence == 0, sent.is(Opcode::hello));
    if (!sent.to) {
      EXPECT_EQ(sent.packet.acknowledgment, 0u) << "multicast";
    }
    if (sent.packet.sequence) {
      EXPECT_TRUE(sequences.insert(sent.packet.sequence).second) << "one counter for all";
    }
  }
  EXPECT_GE(sequences.size(), 2u);
}

TEST(Checklist34, Line14_OneAtATimeSixteenTriesThenReset) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(source);
  p.update(source, far, 2560);
  p.update(source, prefix("192.168.2.0/24"), 2560);
  p.acknowledge(source, p.engine.neighbors(p.now)[1].queue.empty() ? 0 : p.engine.neighbors(p.now)[1].queue[0].second);
  EXPECT_EQ(p.engine.neighbors(p.now)[0].queued, 2u);
  EXPECT_EQ(p.engine.interfaces(p.now)[0].pending_routes, 1u) << "the second waits for the first";
  EXPECT_GE(p.engine.interfaces(p.now)[0].multicast_flow, 100ms);
  std::vector<Sent> tries;
  for (int i = 0; i < 100 && p.neighbors() == 2; ++i) {
    p.hello(b);
    p.hello(source);
    p.advance(1s);
    for (const auto& sent : p.take(Opcode::update))
      if (sent.interface == "Gi1") tries.push_back(sent);
  }
  ASSERT_EQ(tries.size(), 17u) << "the packet and sixteen repetitions";
  for (std::size_t i = 0; i < tries.size(); ++i) {
    EXPECT_EQ(tries[i].packet.sequence, tries[0].packet.sequence) << "the second one waits";
    EXPECT_EQ(tries[i].to.has_value(), i > 0) << "by unicast after the first time";
    if (i > 0) {
      EXPECT_LE(tries[i].when - tries[i - 1].when, 5s);
    }
  }
  EXPECT_TRUE(p.said("Neighbor 10.0.1.2 (Gi1) is down: retry limit exceeded"));
}

TEST(Checklist34, Line15_DuplicatesAreAcknowledgedAndOldOnesDropped) {
  Probe p;
  p.bring_up(b);
  const auto first = p.packet(b, Opcode::update, {route(far, 2560)});
  const auto second = p.packet(b, Opcode::update, {route(far, withdrawn)});
  p.receive(b, first);
  p.acknowledge_all();
  p.take();
  p.receive(b, first);
  auto sent = p.take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].packet.acknowledgment, first.sequence);
  EXPECT_EQ(p.refused(Refusal::duplicate), 1u);
  p.receive(b, second);
  p.acknowledge_all();
  p.receive(b, p.packet(b, Opcode::reply, {route(far, withdrawn)}));
  EXPECT_FALSE(p.routes(far));
  p.take();
  p.receive(b, first);
  EXPECT_TRUE(p.take().empty()) << "neither processed nor acknowledged";
  EXPECT_EQ(p.refused(Refusal::out_of_sequence), 1u);
  EXPECT_FALSE(p.routes(far));
}

// Router A of Figure 8, whose neighbour B loses what it should acknowledge.
TEST(Checklist34, Line16_Figure8AsTheSender) {
  Probe p(2);
  for (const auto& neighbor : {b, c, d}) p.bring_up(neighbor);
  p.bring_up(source);
  p.take();
  p.update(source, far, 2560);
  const auto first = p.take(Opcode::update);
  const auto hundred = std::ranges::find(first, "Gi1", &Sent::interface)->packet.sequence;
  p.acknowledge(c, hundred);
  p.acknowledge(d, hundred);
  p.take();
  p.update(source, prefix("192.168.2.0/24"), 2560);
  auto sent = p.take();
  std::erase_if(sent, [](const Sent& s) { return s.interface != "Gi1"; });
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_TRUE(sent[0].is_hello());
  EXPECT_EQ(sent[0].packet.find<wire::SequenceList>()->neighbors, std::vector{b});
  EXPECT_EQ(sent[0].packet.find<wire::NextMulticastSequence>()->sequence, sent[1].packet.sequence);
  EXPECT_TRUE(sent[1].packet.flags.conditional_receive && !sent[1].to);
  const auto next = sent[1].packet.sequence;
  p.acknowledge(c, next);
  p.acknowledge(d, next);
  p.advance(2s);
  sent = p.take(Opcode::update);
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent[0].to, b);
  EXPECT_EQ(sent[0].packet.sequence, hundred);
  p.acknowledge(b, hundred);
  sent = p.take(Opcode::update);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, b);
  EXPECT_EQ(sent[0].packet.sequence, next);
  EXPECT_FALSE(sent[0].packet.flags.conditional_receive) << "it is for B alone";
}

// Routers B, C and D of Figure 8: the one that is listed does not enter the mode, whatever the prose says.
TEST(Checklist34, Line16_Figure8AsTheReceiver) {
  Probe p;
  p.bring_up(b);
  const auto conditional = [&] {
    auto packet = p.packet(b, Opcode::update, {route(far, 2560)});
    packet.flags.conditional_receive = true;
    return packet;
  };
  auto packet = conditional();
  p.take();
  p.receive(b, packet, true);
  EXPECT_TRUE(p.take().empty()) << "not in the mode: dropped, not acknowledged";
  p.hello(b, {wire::SequenceList{{address("10.0.1.1")}}, wire::NextMulticastSequence{packet.sequence}});
  p.receive(b, packet, true);
  EXPECT_TRUE(p.take().empty()) << "listed: not in the mode";
  p.hello(b, {wire::SequenceList{{c}}, wire::NextMulticastSequence{packet.sequence + 1}});
  p.receive(b, packet, true);
  EXPECT_TRUE(p.take().empty()) << "another packet was meant";
  EXPECT_EQ(p.refused(Refusal::not_in_conditional_receive_mode), 3u);
  p.hello(b, {wire::SequenceList{{c}}, wire::NextMulticastSequence{packet.sequence}});
  p.receive(b, packet, true);
  EXPECT_FALSE(p.take().empty());
  EXPECT_TRUE(p.routes(far));
  packet = conditional();
  p.receive(b, packet, true);
  EXPECT_EQ(p.refused(Refusal::not_in_conditional_receive_mode), 4u) << "the mode is for one packet";
}

TEST(Checklist34, Line17_QueriesAndRepliesAreAcknowledgedAtOnce) {
  Probe p(2);
  p.bring_up(b);
  p.bring_up(source);
  p.update(b, far, 2560);
  p.acknowledge_all();
  p.take();
  const auto query = p.packet(b, Opcode::query, {route(far, withdrawn)});
  p.receive(b, query);
  auto sent = p.take();
  ASSERT_FALSE(sent.empty());
  EXPECT_TRUE(std::ranges::any_of(sent, [&](const Sent& s) { return s.packet.acknowledgment == query.sequence; }))
      << "though the answer has to wait for others";
  EXPECT_TRUE(p.engine.topology(p.now, far)->active);
  p.acknowledge_all();
  p.take();
  const auto reply = p.packet(source, Opcode::reply, {route(far, withdrawn)});
  p.receive(source, reply);
  sent = p.take();
  EXPECT_TRUE(std::ranges::any_of(sent, [&](const Sent& s) { return s.packet.acknowledgment == reply.sequence; }));
  EXPECT_TRUE(std::ranges::any_of(sent, [&](const Sent& s) { return s.is(Opcode::reply) && s.to == b; }));
}

TEST(Checklist34, Line18_PacingByBandwidth) {
  Probe p(2);
  p.interfaces[0].link.bandwidth_kbps = 64;
  p.apply();
  for (const auto& neighbor : {b, c, d}) p.bring_up(neighbor);
  p.bring_up(source);
  p.advance(1s);
  for (const auto& neighbor : {b, c, d, source}) p.hello(neighbor);
  p.take();
  std::vector<wire::Tlv> many;
  for (std::uint32_t i = 0; i < 300; ++i) many.push_back(route({net::Address::v4(0xc0a80000u + (i << 8)), 24}, 2560));
  const auto begin = p.now;
  p.receive(source, p.packet(source, Opcode::update, many));
  std::size_t octets = 0;
  net::Time last = begin;
  for (int i = 0; i < 100; ++i) {
    for (const auto& neighbor : {b, c, d, source}) p.hello(neighbor);
    p.acknowledge_all();
    for (const auto& sent : p.take())
      if (sent.interface == "Gi1" && sent.packet.sequence) {
        octets += sent.packet.encode().size() * (sent.when > last || octets == 0);
        last = std::max(last, sent.when);
      }
    p.advance(50ms);
  }
  EXPECT_GT(octets, 300u * 24);
  const auto seconds = std::chrono::duration<double>(last - begin).count();
  EXPECT_LT(static_cast<double>(octets - 1500) * 8 / seconds, 32'000 * 1.01) << "half of 64 kbit/s";
  p.configuration.interfaces["Gi1"].bandwidth_percent = 100;
  p.configure();
  EXPECT_EQ(p.engine.interfaces(p.now)[0].pacing, 187'500us) << "1500 octets at 64 kbit/s";
}

TEST(Transport, WhoWaitsAloneGetsItsAcknowledgmentWithTheAnswer) {
  Probe p;
  p.bring_up(b);
  const auto suppressed = p.engine.interfaces(p.now)[0].acks_suppressed;
  const auto first = p.packet(b, Opcode::update, {route(far, 2560)});
  p.receive(b, first);
  auto sent = p.take();
  ASSERT_EQ(sent.size(), 1u) << "the poison of §5.4.2.2 and the acknowledgment are one packet";
  EXPECT_TRUE(sent[0].is(Opcode::update) && sent[0].route(far)->unreachable());
  EXPECT_EQ(sent[0].to, b);
  EXPECT_EQ(sent[0].packet.acknowledgment, first.sequence);
  EXPECT_EQ(p.engine.interfaces(p.now)[0].acks_suppressed, suppressed + 1);
  p.acknowledge_all();
  p.bring_up(c);
  const auto second = p.packet(b, Opcode::update, {route(prefix("192.168.2.0/24"), 2560)});
  p.receive(b, second);
  sent = p.take();
  ASSERT_EQ(sent.size(), 2u) << "where others listen, the multicast is for all and the acknowledgment for one";
  EXPECT_TRUE(sent[0].is(Opcode::update) && !sent[0].to);
  EXPECT_EQ(sent[0].packet.acknowledgment, 0u);
  EXPECT_TRUE(sent[1].is_ack() && sent[1].to == b);
}

TEST(RoundTrip, TimeoutsStayWithinTheirLimits) {
  RoundTrip trip;
  EXPECT_EQ(trip.timeout(), 2s);
  trip.measured(1ms);
  EXPECT_EQ(trip.timeout(), 100ms);
  EXPECT_EQ(trip.timeout_after(2), 150ms);
  EXPECT_EQ(trip.timeout_after(16), 5s);
  RoundTrip slow;
  slow.measured(3s);
  EXPECT_EQ(slow.timeout(), 5s);
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
