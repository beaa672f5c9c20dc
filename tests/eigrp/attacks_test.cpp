// What a neighbour may try: attacks A29 (malformed packets) and A30 (well-formed ones that make no sense).
#include <gtest/gtest.h>

#include "routing/eigrp/wire/authentication.h"
#include "tests/eigrp/probe.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;
using wire::Opcode;

const auto peer = address("10.0.1.2");
const auto far = prefix("192.168.1.0/24");

std::uint64_t malformed(const Probe& p) {
  std::uint64_t sum = 0;
  for (const auto count : p.engine.traffic().malformed) sum += count;
  return sum;
}

// Every octet and every length of a real packet is spoilt, with the checksum made good again.
TEST(Attacks, A29_SpoiltPacketsAreCountedAndHarmless) {
  Probe p;
  p.bring_up(peer);
  auto external = route(prefix("10.5.0.0/16"), 2560);
  external.external = wire::External{};
  net::SeededRandom random(29);
  for (const auto opcode : {Opcode::update, Opcode::query, Opcode::reply, Opcode::sia_query, Opcode::sia_reply,
                            Opcode::hello, Opcode::request}) {
    auto packet = p.packet(peer, opcode,
                           {route(far, 2560), external, wire::Parameters{}, wire::Stub{}, wire::SequenceList{{peer}},
                            wire::PeerTermination{{peer}}});
    packet.autonomous_system = 100;
    const auto good = packet.encode();
    for (std::size_t at = 4; at < good.size(); ++at)
      for (const auto value : {0, 1, 4, 33, 129, 255}) {
        auto bad = good;
        bad[at] = static_cast<std::byte>(value);
        wire::set_checksum(bad);
        p.receive_raw(peer, bad, random.below(2));
      }
    for (std::size_t size = 0; size < good.size(); ++size) {
      net::Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
      if (size >= wire::header_octets) wire::set_checksum(cut);
      p.receive_raw(peer, cut);
    }
    p.advance(1s);
    p.acknowledge_all();
  }
  EXPECT_GT(malformed(p), 1000u);
}

// Random well-formed packets from several pretended neighbours, with whatever makes no sense.
TEST(Attacks, A30_SenselessPacketsKeepTheInvariants) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Probe p(2);
    net::SeededRandom random(seed);
    for (int i = 0; i < 300; ++i) {
      const auto from =
          net::Address::v4(0x0a000102u + static_cast<std::uint32_t>(random.below(2) * 256 + random.below(3)));
      if (random.below(8) == 0) p.bring_up(from);
      constexpr Opcode opcodes[]{Opcode::update,    Opcode::query,     Opcode::reply,  Opcode::hello,
                                 Opcode::sia_query, Opcode::sia_reply, Opcode::request};
      auto packet = p.packet(from, opcodes[random.below(7)]);
      if (random.below(6) == 0) packet.sequence = static_cast<std::uint32_t>(random.u64());
      if (random.below(3) == 0) packet.acknowledgment = static_cast<std::uint32_t>(random.u64());
      packet.flags = {.init = random.below(10) == 0,
                      .conditional_receive = random.below(10) == 0,
                      .restart = random.below(10) == 0,
                      .end_of_table = random.below(3) == 0};
      for (auto n = random.below(4); n > 0; --n) {
        auto r = route({net::Address::v4(0xc0a80000u + static_cast<std::uint32_t>(random.below(4) << 8)), 24},
                       random.below(4) == 0 ? withdrawn : random.below(1 << 20));
        if (random.below(4) == 0) r.external = wire::External{.router_id = static_cast<std::uint32_t>(random.below(2))};
        r.metric.hop_count = static_cast<std::uint8_t>(random.below(256));
        r.metric.flags = static_cast<std::uint16_t>(random.below(8));
        packet.tlvs.push_back(std::move(r));
      }
      p.receive(from, std::move(packet), random.below(4) == 0);
      if (random.below(3) == 0) p.acknowledge_all();
      p.advance(std::chrono::milliseconds(random.below(3000)));
      for (const auto& view : p.engine.topology(p.now))
        for (const auto& path : view.paths)
          EXPECT_TRUE(view.active || !path.successor || path.reported_distance < view.feasible_distance)
              << "seed " << seed;
    }
    p.take();
    p.advance(600s);
    EXPECT_EQ(p.neighbors(), 0u);
    EXPECT_EQ(p.engine.topology(p.now).size(), 2u) << "only our own are left, seed " << seed;
  }
}

TEST(Attacks, A30_StrangersAndSpoofedEnds) {
  Probe p;
  p.configuration.interfaces["Gi1"].authentication = {
      .required = true,
      .send = wire::AuthenticationKey{.id = 1, .password = net::Secret(net::as_view("good"))},
      .accept = {{.id = 1, .password = net::Secret(net::as_view("good"))}}};
  p.configure();
  wire::Packet goodbye{.autonomous_system = 100};
  goodbye.tlvs.push_back(wire::Parameters{255, 255, 255, 255, 255, 0, 15});
  wire::Packet hello{.autonomous_system = 100};
  hello.tlvs.push_back(wire::Parameters{});
  const wire::AuthenticationKey key{.id = 1, .password = net::Secret(net::as_view("good"))};
  const wire::AuthenticationKey wrong{.id = 1, .password = net::Secret(net::as_view("evil"))};
  const wire::AuthenticationKey unknown{.id = 2, .password = net::Secret(net::as_view("good"))};
  p.receive_raw(peer, encode_signed(hello, wrong, peer), true);
  p.receive_raw(peer, encode_signed(hello, unknown, peer), true);
  p.receive(peer, hello, true);
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_EQ(p.refused(Refusal::authentication), 3u);
  p.receive_raw(peer, encode_signed(hello, key, peer), true);
  EXPECT_EQ(p.neighbors(), 1u);
  p.receive(peer, goodbye, true);
  p.receive_raw(peer, encode_signed(goodbye, wrong, peer), true);
  EXPECT_EQ(p.neighbors(), 1u) << "who cannot sign cannot end it";
  p.receive_raw(peer, encode_signed(goodbye, key, peer), true);
  EXPECT_EQ(p.neighbors(), 0u);
}

TEST(Attacks, A30_HoldTimeOfZeroIsRefused) {
  Probe p;
  p.hello(peer, {}, 0);
  EXPECT_EQ(p.neighbors(), 0u);
  EXPECT_EQ(p.refused(Refusal::hold_time_zero), 1u);
}

TEST(Attacks, A30_NeighborsAndPrefixesAreBounded) {
  Probe p(1, {.neighbors_per_interface_max = 10, .prefixes_per_neighbor_max = 100});
  for (std::uint32_t i = 2; i < 200; ++i) p.hello(net::Address::v4(0x0a000100u + i));
  EXPECT_EQ(p.neighbors(), 10u);
  EXPECT_EQ(p.refused(Refusal::neighbor_limit), 188u);
  p.bring_up(peer);
  for (std::uint32_t i = 0; i < 300; ++i) p.update(peer, {net::Address::v4(0xc0000000u + (i << 8)), 24}, 2560);
  EXPECT_EQ(p.engine.neighbors(p.now)[0].prefixes, 100u);
  EXPECT_EQ(p.refused(Refusal::prefix_limit), 200u);
  EXPECT_TRUE(p.said("prefix limit of 100 reached"));
  EXPECT_EQ(p.engine.topology(p.now).size(), 101u);
}

TEST(Attacks, A30_AStormOfQueriesIsAnsweredWithinBounds) {
  Probe p(1, {.queue_packets_max = 50});
  p.bring_up(peer);
  for (std::uint32_t i = 0; i < 1000 && p.neighbors() == 1; ++i)
    p.receive(peer, p.packet(peer, Opcode::query, {route({net::Address::v4(0xc0000000u + (i << 8)), 24}, withdrawn)}));
  EXPECT_EQ(p.neighbors(), 0u) << "who never acknowledges is given up";
  EXPECT_TRUE(p.said("retry limit exceeded"));
  EXPECT_EQ(p.engine.topology(p.now).size(), 1u) << "and leaves nothing";
}

TEST(Attacks, A30_DestinationsThatNoRouteCanHave) {
  Probe p;
  p.bring_up(peer);
  for (const char* text : {"224.0.0.0/4", "127.0.0.0/8", "2001:db8::/32", "0.0.0.0/8", "0.1.0.0/16", "240.0.0.0/4",
                           "255.255.255.255/32"}) {
    auto r = route(prefix(text), 2560);
    if (!r.destinations[0].address.is_v4()) r.next_hop = address("::");
    p.receive(peer, p.packet(peer, Opcode::update, {r}));
  }
  EXPECT_EQ(p.refused(Refusal::bad_destination), 7u);
  EXPECT_EQ(p.engine.topology(p.now).size(), 1u);
  for (const char* text : {"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"}) {
    p.receive(peer, p.packet(peer, Opcode::update, {route(prefix(text), 2560)}));
    EXPECT_TRUE(p.routes(prefix(text))) << text;
  }
}

// A next hop that is the network or everybody on it stands for nobody; the sender is asked to carry the packets.
TEST(Attacks, A30_ABroadcastIsNobodysAddress) {
  Probe p;
  p.bring_up(peer);
  for (const char* text : {"10.0.1.0", "10.0.1.255"}) {
    auto r = route(far, 2560);
    r.next_hop = address(text);
    p.receive(peer, p.packet(peer, Opcode::update, {r}));
    ASSERT_TRUE(p.routes(far));
    EXPECT_EQ(p.table[far].next_hops[0].gateway, peer) << text;
    p.hello(address(text));
  }
  EXPECT_EQ(p.neighbors(), 1u);
  EXPECT_EQ(p.refused(Refusal::not_on_common_subnet), 2u);
}

TEST(Attacks, A30_HopsAreLimited) {
  Probe p;
  p.bring_up(peer);
  auto r = route(far, 2560);
  r.metric.hop_count = 99;
  p.receive(peer, p.packet(peer, Opcode::update, {r}));
  EXPECT_TRUE(p.routes(far));
  r.metric.hop_count = 100;
  r.destinations = {prefix("192.168.2.0/24")};
  p.receive(peer, p.packet(peer, Opcode::update, {r}));
  EXPECT_FALSE(p.routes(r.destinations[0]));
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
