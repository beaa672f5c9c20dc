// What has to do with sizes beside reassembly itself: fragments that reach the router, MSS, what ICMP says of a path.
#include <gtest/gtest.h>
#include <rte_mempool.h>
#include <rte_tcp.h>

#include <algorithm>

#include "ipsec-dataplane/forwarding.h"
#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/path_mtu.h"
#include "ipsec-dataplane/tcp_mss.h"
#include "net/checksum.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {
namespace {

using net::Bytes;

// The two halves of a datagram to the router, cut at `at`.
std::pair<Bytes, Bytes> halves(Ipv4 packet, std::size_t at) {
  const auto payload = packet.payload;
  const auto cut = payload.begin() + static_cast<std::ptrdiff_t>(at);
  packet.fragment = 0x2000;
  packet.payload.assign(payload.begin(), cut);
  auto first = build(packet);
  packet.fragment = static_cast<std::uint16_t>(at / 8);
  packet.payload.assign(cut, payload.end());
  return {std::move(first), build(packet)};
}

TEST(Fragments, ToTheRouterArePutTogether) {
  Plane plane;
  const auto [first, second] = halves({.destination = 0x0a010001, .options = {}, .payload = udp(500, 2800)}, 1480);
  plane.arrive(framed(second));
  plane.arrive(framed(first));
  plane.run();
  EXPECT_EQ(plane.with(Step::done).size(), 1u);
  const auto punted = plane.with(Step::punt);
  ASSERT_EQ(punted.size(), 1u);
  EXPECT_EQ(meta(*punted[0]).punt, PuntReason::ike_stranger);
  EXPECT_EQ(punted[0]->pkt_len, 2828u);
}

TEST(Fragments, ALargePingIsAnsweredInFragments) {
  Plane plane;
  const auto [first, second] =
      halves({.destination = 0x0a010001, .protocol = 1, .options = {}, .payload = icmp_message(8, 1992)}, 1480);
  plane.arrive(framed(first));
  plane.arrive(framed(second));
  plane.run();
  const auto sent = plane.with(Step::transmit);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0]->pkt_len + sent[1]->pkt_len, 2000u + 2 * 20);
}

TEST(Fragments, WhatNeverBecomesWholeIsToldOnce) {  // RFC 1122 section 3.3.2
  Plane plane;
  const auto [first, second] = halves({.destination = 0x0a010001, .options = {}, .payload = udp(500, 2800)}, 1480);
  plane.arrive(framed(first));
  plane.run();
  finish(*plane.burst, plane.worker);
  plane.worker.now_cycles = 1000;
  expire_fragments(*plane.burst, plane.worker);
  plane.run();
  ASSERT_EQ(plane.with(Step::transmit).size(), 1u);
  const auto error = data(*plane.with(Step::transmit)[0]);
  EXPECT_EQ(error[20], std::byte{icmp::time_exceeded});
  EXPECT_EQ(error[21], std::byte{icmp::reassembly_time_exceeded});
  EXPECT_EQ(plane.counters->reassembly.timed_out.get(), 1u);
}

TEST(Fragments, WithoutALargeBufferThePacketIsADrop) {
  Plane plane;
  const auto before = rte_mempool_in_use_count(plane.worker.large_pool);
  std::vector<Packet*> taken;
  while (auto* p = rte_pktmbuf_alloc(plane.worker.large_pool)) taken.push_back(p);
  const auto [first, second] = halves({.destination = 0x0a010001, .options = {}, .payload = udp(500, 2800)}, 1480);
  plane.arrive(framed(first));
  plane.arrive(framed(second));
  plane.run();
  EXPECT_EQ(meta(*plane.with(Step::drop).at(0)).drop, Drop::no_buffer);
  for (auto* p : taken) rte_pktmbuf_free(p);
  EXPECT_EQ(rte_mempool_in_use_count(plane.worker.large_pool), before);
}

TEST(OwnPackets, TooBigIsToldToTheRouterItself) {
  Plane plane;
  auto& p = plane.arrive(framed(build({.source = 0x0a030001,
                                       .destination = 0x0a030002,
                                       .protocol = 1,
                                       .dont_fragment = true,
                                       .options = {},
                                       .payload = icmp_message(8, 800)})));
  meta(p).flags = flag::local;
  meta(p).step = Step::classify;
  plane.run();
  const auto punted = plane.with(Step::punt);
  ASSERT_EQ(punted.size(), 1u);
  EXPECT_EQ(meta(*punted[0]).punt, PuntReason::icmp);
  EXPECT_EQ(data(*punted[0])[21], std::byte{icmp::fragmentation_needed});
}

// A TCP SYN with these options; its checksum is right.
Bytes syn(const Bytes& options, std::uint8_t flags = RTE_TCP_SYN_FLAG, std::size_t payload = 0) {
  Ipv4 ip{.destination = 0x0a020002, .protocol = 6, .options = {}, .payload = {}};
  net::Writer w(ip.payload);
  w.u16(1000);
  w.u16(80);
  w.u32(7);
  w.u32(0);
  w.u8(static_cast<std::uint8_t>((20 + options.size()) / 4 << 4));
  w.u8(flags);
  w.u16(1024);
  w.u32(0);
  w.bytes(options);
  w.zeros(payload);
  const auto pseudo = net::pseudo_header_sum(net::Address::v4(ip.source), net::Address::v4(ip.destination), 6,
                                             static_cast<std::uint32_t>(ip.payload.size()));
  w.patch_u16(16, net::checksum(ip.payload, pseudo));
  return build(ip);
}

bool tcp_checksum_right(const Packet& packet) {
  const auto tcp = data(const_cast<Packet&>(packet)).subspan(20);
  const auto pseudo = net::pseudo_header_sum(net::Address::v4(0x0a010002), net::Address::v4(0x0a020002), 6,
                                             static_cast<std::uint32_t>(tcp.size()));
  return net::checksum_sum(tcp, pseudo) == 0xffff;
}

Bytes octets(std::initializer_list<unsigned> values) {
  Bytes out;
  for (const auto v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

struct MssRow {
  int line;
  Bytes options;
  std::uint8_t flags;
  std::uint16_t in, out;  // adjust-mss of the two interfaces
  std::size_t at;         // of the value in the options
  std::uint16_t expected;
};

TEST(AdjustMss, Table) {
  const auto usual = octets({2, 4, 5, 180});            // 1460
  const auto odd = octets({1, 2, 4, 5, 180, 0, 0, 0});  // behind a NOP
  const MssRow rows[]{
      {1, usual, 2, 1360, 0, 2, 1360},
      {2, usual, 2, 0, 1360, 2, 1360},
      {3, usual, 2, 1400, 1300, 2, 1300},
      {4, usual, 2, 1300, 1400, 2, 1300},
      {5, usual, 2, 0, 0, 2, 1460},
      {6, usual, 0x12, 1360, 0, 2, 1360},
      {7, usual, 0x10, 1360, 0, 2, 1460},
      {8, octets({2, 4, 2, 24}), 2, 1360, 0, 2, 536},
      {9, odd, 2, 1360, 0, 3, 1360},
      {10, octets({1, 1, 1, 0, 2, 4, 5, 180}), 2, 1360, 0, 6, 1460},  // behind the end of options
      {11, octets({3, 0, 2, 4, 5, 180, 0, 0}), 2, 1360, 0, 4, 1460},  // behind an option without a length
  };
  for (const auto& row : rows) {
    Plane plane;
    plane.tables.interfaces[1].tcp_mss = row.in;
    plane.tables.interfaces[2].tcp_mss = row.out;
    auto& p = plane.arrive(framed(syn(row.options, row.flags)));
    plane.run();
    const auto value = data(p).subspan(40 + row.at, 2);
    EXPECT_EQ(std::to_integer<int>(value[0]) * 256 + std::to_integer<int>(value[1]), row.expected)
        << "row " << row.line;
    EXPECT_TRUE(tcp_checksum_right(p)) << "row " << row.line;
  }
}

TEST(AdjustMss, AnyTcpHeaderIsAcceptable) {
  for (std::size_t size = 0; size < 60; ++size)
    for (unsigned fill = 0; fill < 256; fill += 5) {
      Plane plane;
      plane.tables.interfaces[1].tcp_mss = 600;
      auto& p = plane.arrive(
          framed(build({.protocol = 6, .options = {}, .payload = Bytes(size, static_cast<std::byte>(fill))})));
      plane.run();
      EXPECT_EQ(p.pkt_len, 20 + size);
    }
}

// "Fragmentation needed" from a router on the way, about ESP of SPI 0x1234 and sequence number 5.
Bytes frag_needed(std::uint16_t mtu, std::uint16_t octets = 1480, std::uint8_t protocol = 50, std::size_t quoted = 28) {
  Bytes about =
      build({.source = 0xc0000201, .destination = 0xc6336401, .protocol = protocol, .options = {}, .payload = {}});
  net::Writer w(about);
  w.patch_u16(2, octets);
  if (protocol == 17) {
    w.u16(4500);
    w.u16(4500);
    w.u32(0x00400000);
  }
  w.u32(0x1234);
  w.u32(5);
  about.resize(std::min(about.size(), quoted));
  Bytes message;
  net::Writer icmp(message);
  icmp.u16(0x0304);
  icmp.u32(0);
  icmp.u16(mtu);
  icmp.bytes(about);
  return build({.source = 0xc0000299, .destination = 0xc0000201, .protocol = 1, .options = {}, .payload = message});
}

TEST(PathMtu, TheQuoteNamesTheSa) {
  const auto quoted = quoted_esp(frag_needed(1300));
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->spi, 0x1234u);
  EXPECT_EQ(quoted->sequence, 5u);
  EXPECT_EQ(quoted->mtu, 1300);
  EXPECT_EQ(quoted->octets, 1480);
  EXPECT_EQ(quoted->local, net::Address::v4(0xc0000201));
  EXPECT_EQ(quoted->remote, net::Address::v4(0xc6336401));
  EXPECT_TRUE(quoted_esp(frag_needed(1300, 1480, 17, 36))->in_udp);
  for (std::size_t short_of = 0; short_of < 28; ++short_of)
    EXPECT_FALSE(quoted_esp(frag_needed(1300, 1480, 50, short_of)));
  EXPECT_FALSE(quoted_esp(frag_needed(1300, 1480, 17, 28))) << "a UDP header alone names no SA";
  EXPECT_FALSE(quoted_esp(frag_needed(1300, 1480, 6)));
  EXPECT_FALSE(quoted_esp(build({.protocol = 1, .options = {}, .payload = icmp_message(8, 40)})));
}

TEST(Attacks, A26_ALearnedMtuHasAFloorAndAnEnd) {
  using std::chrono::minutes;
  const net::Time start{};
  const auto told = [](std::uint16_t mtu, std::uint16_t octets = 1480) {
    return *quoted_esp(frag_needed(mtu, octets));
  };
  PathMtus paths;
  EXPECT_FALSE(paths.learn(start, 4, 1500, told(1500))) << "it fits";
  EXPECT_FALSE(paths.learn(start, 4, 1500, told(1480))) << "it fits exactly";
  EXPECT_FALSE(paths.learn(start, 4, 1300, told(1400))) << "larger than what is known";
  EXPECT_FALSE(paths.of(4));
  EXPECT_TRUE(paths.learn(start, 4, 1500, told(1300)));
  EXPECT_EQ(paths.of(4), 1300);
  EXPECT_TRUE(paths.learn(start, 4, 1300, told(68)));
  EXPECT_EQ(paths.of(4), 576);
  EXPECT_TRUE(paths.learn(start, 5, 1500, told(0))) << "no MTU told: the plateau below";
  EXPECT_EQ(paths.of(5), 1006);
  EXPECT_FALSE(paths.of(6));
  EXPECT_FALSE(paths.learn(start + minutes(5), 4, 576, told(576))) << "said again";
  EXPECT_TRUE(paths.timeout(start + minutes(10)));
  EXPECT_FALSE(paths.of(5));
  EXPECT_EQ(paths.of(4), 576);
  EXPECT_EQ(paths.deadline(), start + minutes(15));
  EXPECT_TRUE(paths.timeout(start + minutes(15)));
  EXPECT_FALSE(paths.of(4));
  EXPECT_FALSE(paths.deadline());
}

// The same address on two ports: what one loses the other still has.
TEST(Forwarding, ANeighborOnAnotherPortKeepsTheRoute) {
  TablePublisher publisher(1);
  Forwarding forwarding(Fib::create(64).value(), publisher,
                        {{.name = "Gi0/0", .id = 0, .mac = own_mac}, {.name = "Gi0/1", .id = 1, .mac = own_mac}});
  const auto port = [](const char* name, const char* address) {
    return InterfaceConfig{.name = name, .up = true, .addresses = {*net::Prefix::parse(address)}};
  };
  forwarding.apply({.interfaces = {port("Gi0/0", "10.1.0.1/24"), port("Gi0/1", "10.2.0.1/24")}});
  const auto address = *net::Address::parse("10.1.0.7");
  const auto next_hop = [&] {
    return forwarding.tables().adjacency(forwarding.tables().fib.lookup(address.v4_value()));
  };
  const auto first = forwarding.index_of("Gi0/0"), second = forwarding.index_of("Gi0/1");
  forwarding.neighbor_resolved(first, address, host_mac);
  forwarding.neighbor_resolved(second, address, host_mac);
  forwarding.neighbor_lost(second, address);
  EXPECT_EQ(next_hop().interface, first);
  EXPECT_TRUE(next_hop().resolved);
  forwarding.neighbor_resolved(second, address, host_mac);
  forwarding.neighbor_lost(first, address);
  EXPECT_EQ(next_hop().interface, second);
  forwarding.neighbor_lost(second, address);
  EXPECT_EQ(next_hop().kind, AdjacencyKind::unreachable);
}

}  // namespace
}  // namespace culvert::dataplane::test
