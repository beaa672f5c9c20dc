// The stages as tables of rows: what arrives, where it ends, and what the sender is told.
#include <gtest/gtest.h>
#include <rte_tcp.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "ipsec-dataplane/icmp.h"
#include "net/checksum.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {
namespace {

using net::Bytes;

Bytes changed(Bytes frame, std::size_t at, std::uint8_t value) {
  frame[at] = std::byte{value};
  return frame;
}

Bytes shortened(Bytes frame, std::size_t size) {
  frame.resize(size);
  return frame;
}

Bytes good() { return framed(build({.options = {}, .payload = udp(9, 20)})); }

struct ParseRow {
  int line;
  Bytes frame;
  Drop expected;
  InterfaceIndex interface = 1;
};

TEST(Parse, MalformedFramesHaveTheirReasons) {
  const ParseRow rows[] = {
      {1, good(), Drop::none},
      {2, {}, Drop::frame_too_short},
      {3, shortened(good(), 13), Drop::frame_too_short},
      {4, shortened(good(), 14), Drop::frame_too_short},
      {5, shortened(good(), 33), Drop::frame_too_short},
      {6, changed(good(), 14, 0x65), Drop::bad_ip_version},
      {7, changed(good(), 14, 0x44), Drop::bad_ip_header_length},
      {8, changed(good(), 14, 0x4f), Drop::bad_ip_header_length},
      {9, shortened(good(), 50), Drop::bad_ip_length},
      {10, changed(changed(good(), 16, 0), 17, 19), Drop::bad_ip_length},
      {11, changed(good(), 22, 63), Drop::bad_ip_checksum},
      {12, framed(build({.source = 0xe0000001, .options = {}, .payload = udp(9, 1)})), Drop::bad_source},
      {13, framed(build({.source = 0x7f000001, .options = {}, .payload = udp(9, 1)})), Drop::bad_source},
      {14, framed(build({.source = 0, .options = {}, .payload = udp(9, 1)})), Drop::bad_source},
      {15, framed(build({.options = {}, .payload = {}}), 0x8100), Drop::vlan_unsupported},
      {16, framed(build({.options = {}, .payload = {}}), 0x86dd), Drop::ipv6_unsupported},
      {17, framed(build({.options = {}, .payload = {}}), 0x1234), Drop::unknown_ethertype},
      {18, framed(build({.options = {}, .payload = {}}), 0x0800, Mac{{2, 0, 0, 0, 0, 9}}), Drop::not_our_mac},
      {19, framed(Bytes(27), 0x0806), Drop::malformed_arp},
      {20, framed(Bytes(46), 0x0806), Drop::none},
      {21, good(), Drop::interface_down, 5},
      {22, good(), Drop::interface_down, 77},
  };
  for (const auto& row : rows) {
    Plane plane;
    auto& p = plane.arrive(row.frame, row.interface);
    EXPECT_EQ(text_of(meta(p).drop).counter, text_of(row.expected).counter) << "row " << row.line;
    EXPECT_EQ(meta(p).step == Step::drop, row.expected != Drop::none) << "row " << row.line;
  }
}

TEST(Parse, TrimsPadding) {
  Plane plane;
  auto frame = framed(build({.options = {}, .payload = udp(9, 2)}));
  frame.resize(60);
  EXPECT_EQ(plane.arrive(frame).pkt_len, 30u);
}

struct WayRow {
  int line;
  Ipv4 packet;
  Step step;
  Drop drop = Drop::none;
  int icmp_type = -1, icmp_code = -1;  // of the error that the sender gets
  Mac to = own_mac;
};

TEST(Way, EndsWhereItShould) {
  const auto icmp_unreachable = icmp_message(3, 28);
  const WayRow rows[] = {
      {1, {.payload = udp(9, 20)}, Step::transmit},
      {2, {.ttl = 1, .payload = udp(9, 20)}, Step::drop, Drop::ttl_expired, 11, 0},
      {3, {.ttl = 0, .payload = udp(9, 20)}, Step::drop, Drop::ttl_expired, 11, 0},
      {4, {.ttl = 2, .payload = udp(9, 20)}, Step::transmit},
      {5, {.destination = 0xc0000201, .payload = udp(9, 20)}, Step::drop, Drop::no_route, 3, 0},
      {6, {.destination = 0x0a020063, .payload = udp(9, 20)}, Step::punt},
      {7, {.destination = 0x0a050001, .payload = udp(9, 20)}, Step::drop, Drop::null_route, 3, 1},
      {8, {.destination = 0x0a060002, .payload = udp(9, 20)}, Step::drop, Drop::egress_down, 3, 1},
      {9, {.destination = 0x0a040002, .payload = udp(9, 20)}, Step::drop, Drop::tunnel_down, 3, 1},
      {10, {.destination = 0x0a030002, .dont_fragment = true, .payload = udp(9, 800)}, Step::drop, Drop::too_big, 3, 4},
      // To the router.
      {11, {.destination = 0x0a010001, .payload = udp(9, 20)}, Step::drop, Drop::not_accepted, 3, 3},
      {12, {.destination = 0x0a010001, .payload = udp(500, 28)}, Step::punt},
      {13, {.destination = 0x0a010001, .protocol = 50, .payload = Bytes(40)}, Step::esp_open},
      {14, {.destination = 0x0a010001, .payload = udp(4500, 40)}, Step::esp_open},
      {15, {.destination = 0x0a010001, .protocol = 89, .payload = Bytes(40)}, Step::drop, Drop::not_accepted},
      {16, {.destination = 0x0a010001, .fragment = 0x2000, .payload = udp(500, 24)}, Step::done, Drop::none},
      {17, {.destination = 0x0a010001, .payload = Bytes(7)}, Step::drop, Drop::bad_udp},
      {18, {.destination = 0x0a010001, .protocol = 1, .payload = icmp_unreachable}, Step::punt},
      {19,
       {.destination = 0x0a010001, .protocol = 1, .payload = Bytes(8, std::byte{8})},
       Step::drop,
       Drop::not_accepted},
      {20, {.destination = 0x0a0100ff, .payload = udp(9, 20)}, Step::drop, Drop::not_accepted},
      {21, {.destination = 0xe0000005, .payload = udp(9, 20)}, Step::drop, Drop::group_not_joined},
      {22, {.destination = 0xffffffff, .payload = udp(9, 20)}, Step::drop, Drop::not_accepted, -1, -1, broadcast_mac},
      // RFC 1812 §4.3.2.7: nothing is said about these.
      {23, {.ttl = 1, .protocol = 1, .payload = icmp_unreachable}, Step::drop, Drop::ttl_expired},
      {24, {.ttl = 1, .fragment = 5, .payload = udp(9, 20)}, Step::drop, Drop::ttl_expired},
      {25, {.payload = udp(9, 20)}, Step::drop, Drop::not_accepted, -1, -1, broadcast_mac},
      {26, {.source = 0x0a020001, .payload = udp(9, 20)}, Step::drop, Drop::bad_source},
      {27, {.ttl = 1, .protocol = 1, .payload = icmp_message(8, 8)}, Step::drop, Drop::ttl_expired, 11, 0},
      {28, {.destination = 0x0a010001, .protocol = 6, .payload = Bytes(20)}, Step::punt},
  };
  for (const auto& row : rows) {
    Plane plane;
    plane.arrive(framed(build(row.packet), 0x0800, row.to));
    plane.run();
    auto& first = (*plane.burst)[0];
    EXPECT_EQ(meta(first).step, row.step) << "row " << row.line;
    EXPECT_EQ(text_of(meta(first).drop).counter, text_of(row.drop).counter) << "row " << row.line;
    const bool told = plane.burst->size() == 2;
    ASSERT_EQ(told, row.icmp_type >= 0) << "row " << row.line;
    if (!told) continue;
    auto& error = (*plane.burst)[1];
    EXPECT_EQ(meta(error).step, Step::transmit) << "row " << row.line;
    EXPECT_EQ(std::to_integer<int>(data(error)[20]), row.icmp_type) << "row " << row.line;
    EXPECT_EQ(std::to_integer<int>(data(error)[21]), row.icmp_code) << "row " << row.line;
    EXPECT_EQ(net::checksum_sum(data(error).subspan(20)), 0xffff) << "row " << row.line;
    EXPECT_EQ(rte_be_to_cpu_32(ipv4(error).src_addr), 0x0a010001u) << "row " << row.line;
    EXPECT_EQ(rte_be_to_cpu_32(ipv4(error).dst_addr), 0x0a010002u) << "row " << row.line;
  }
}

TEST(Way, TtlIsDecrementedAndTheChecksumStaysRight) {
  for (unsigned ttl = 2; ttl < 256; ++ttl) {
    Plane plane;
    auto& p = plane.arrive(framed(build({.ttl = static_cast<std::uint8_t>(ttl), .options = {}, .payload = udp(9, 4)})));
    plane.run();
    EXPECT_EQ(ipv4(p).time_to_live, ttl - 1);
    EXPECT_EQ(net::checksum_sum(data(p).first(20)), 0xffff) << "ttl " << ttl;
  }
}

TEST(Way, FragmentationNeededNamesTheMtu) {
  Plane plane;
  plane.arrive(
      framed(build({.destination = 0x0a030002, .dont_fragment = true, .options = {}, .payload = udp(9, 800)})));
  plane.run();
  ASSERT_EQ(plane.burst->size(), 2u);
  const auto octets = data((*plane.burst)[1]);
  EXPECT_EQ(std::to_integer<int>(octets[26]) * 256 + std::to_integer<int>(octets[27]), 600);
}

TEST(Way, PingIsAnswered) {
  Plane plane;
  auto& p = plane.arrive(
      framed(build({.destination = 0x0a010001, .protocol = 1, .options = {}, .payload = icmp_message(8, 33)})));
  plane.run();
  EXPECT_EQ(meta(p).step, Step::transmit);
  EXPECT_EQ(meta(p).egress, 1);
  EXPECT_EQ(data(p)[20], std::byte{0});
  EXPECT_EQ(ipv4(p).time_to_live, 255);
  EXPECT_EQ(rte_be_to_cpu_32(ipv4(p).src_addr), 0x0a010001u);
  EXPECT_EQ(net::checksum_sum(data(p).first(20)), 0xffff);
  EXPECT_EQ(net::checksum_sum(data(p).subspan(20)), 0xffff);
}

TEST(Way, ErrorsAreLimited) {
  Plane plane;
  for (int i = 0; i < 14; ++i) plane.arrive(framed(build({.ttl = 1, .options = {}, .payload = udp(9, 20)})));
  plane.run();
  EXPECT_EQ(plane.with(Step::transmit).size(), 10u);
  EXPECT_EQ(plane.dropped(Drop::icmp_rate), 4u);
}

TEST(Way, NatTraversalPort) {
  const auto payload = [](Bytes octets) {
    auto datagram = udp(4500, octets.size());
    std::ranges::copy(octets, datagram.begin() + 8);
    return datagram;
  };
  const auto arrive = [&](Plane& plane, Bytes octets) -> Packet& {
    auto& p = plane.arrive(framed(build({.destination = 0x0a010001, .options = {}, .payload = payload(octets)})));
    plane.run();
    return p;
  };
  Plane plane;
  EXPECT_EQ(meta(arrive(plane, {std::byte{0xff}})).drop, Drop::nat_keepalive);
  EXPECT_EQ(meta(arrive(plane, Bytes(32))).punt, PuntReason::ike_stranger);  // the marker is four zero octets
  EXPECT_TRUE(has(arrive(plane, Bytes(32, std::byte{1})), flag::udp_esp));
}

// What another_pass() lets through can only shrink: the fourth pass is the last.
TEST(Way, PassesEnd) {
  Plane plane;
  auto& p = plane.arrive(good());
  for (int pass = 0; pass < passes_max; ++pass) EXPECT_TRUE(another_pass(*plane.burst).any_under_way());
  EXPECT_FALSE(another_pass(*plane.burst).any_under_way());
  EXPECT_EQ(meta(p).drop, Drop::passes_exceeded);
}

TEST(Finish, CountsAndFreesEveryDrop) {
  Plane plane;
  const auto before = rte_mempool_avail_count(plane.pool);
  plane.arrive(framed(build({.ttl = 1, .protocol = 1, .options = {}, .payload = icmp_message(3, 28)})));
  plane.arrive(framed(build({.destination = 0x0a060002, .protocol = 1, .options = {}, .payload = icmp_message(3, 8)})));
  plane.run();
  finish(*plane.burst, plane.worker);
  EXPECT_TRUE(plane.burst->empty());
  EXPECT_EQ(rte_mempool_avail_count(plane.pool), before);
  EXPECT_EQ(plane.dropped(Drop::ttl_expired), 1u);
  EXPECT_EQ(plane.counters->interfaces[1].in_drops.get(), 1u);
  EXPECT_EQ(plane.counters->interfaces[5].out_drops.get(), 1u);
}

// Puts fragments together as a host would, and compares.
Bytes reassembled(const std::vector<Packet*>& fragments, std::size_t mtu) {
  Bytes payload;
  for (auto* f : fragments) {
    const auto& ip = ipv4(*f);
    const auto field = rte_be_to_cpu_16(ip.fragment_offset);
    const std::size_t header = (ip.version_ihl & 0xf) * 4u;
    EXPECT_LE(f->pkt_len, mtu);
    EXPECT_EQ(net::checksum_sum(data(*f).first(header)), 0xffff);
    EXPECT_EQ(rte_be_to_cpu_16(ip.total_length), f->pkt_len);
    EXPECT_EQ((field & 0x1fff) * 8u, payload.size());
    EXPECT_EQ((field & 0x2000) != 0, f != fragments.back());
    const auto octets = data(*f).subspan(header);
    payload.insert(payload.end(), octets.begin(), octets.end());
  }
  return payload;
}

TEST(Fragmentation, EverySizeComesTogetherAgain) {
  for (std::size_t size = 560; size < 1460; size += 7) {
    Plane plane;
    const auto payload = udp(9, size);
    plane.arrive(framed(build({.destination = 0x0a030002, .options = {}, .payload = payload})));
    plane.run();
    EXPECT_EQ(reassembled(plane.with(Step::transmit), 600), payload) << "size " << size;
  }
}

TEST(Fragmentation, OnlyCopiedOptionsAreRepeated) {
  Plane plane;
  // A record route (not copied), then a copied option, then the end.
  const Bytes options{std::byte{7}, std::byte{3}, std::byte{4}, std::byte{0x94},
                      std::byte{4}, std::byte{0}, std::byte{0}, std::byte{0}};
  const auto payload = udp(9, 1200);
  plane.arrive(framed(build({.destination = 0x0a030002, .options = options, .payload = payload})));
  plane.run();
  const auto fragments = plane.with(Step::transmit);
  ASSERT_EQ(fragments.size(), 3u);
  EXPECT_EQ(ipv4(*fragments[0]).version_ihl, 0x47);
  EXPECT_EQ(ipv4(*fragments[1]).version_ihl, 0x46);
  EXPECT_EQ(data(*fragments[1])[20], std::byte{0x94});
  EXPECT_EQ(reassembled(fragments, 600), payload);
}

Bytes tcp(std::size_t octets, std::uint8_t flags) {
  Bytes out;
  net::Writer w(out);
  w.u16(1000);
  w.u16(80);
  w.u32(0xfffffff0);  // wraps within the first segment
  w.u32(7);
  w.u8(0x50);
  w.u8(flags);
  w.u16(1024);
  w.u32(0);
  for (std::size_t i = 0; i < octets; ++i) w.u8(static_cast<std::uint8_t>(i * 13));
  return out;
}

std::uint16_t pseudo(std::uint8_t protocol, std::size_t length) {
  return net::pseudo_header_sum(net::Address::v4(0x0a010002), net::Address::v4(0x0a020002), protocol,
                                static_cast<std::uint32_t>(length));
}

// The segments of an offloaded frame carry its stream on, each with right sequence number, flags and checksum.
TEST(Resegment, CutsWhatNoWireCarried) {
  static auto* const large = make_packet_pool("test_large", 15, large_packet_room).value();
  Plane plane;
  const auto segment = tcp(40000, RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG | RTE_TCP_ACK_FLAG | RTE_TCP_CWR_FLAG);
  plane.arrive(framed(build({.protocol = 6, .dont_fragment = true, .options = {}, .payload = segment})), 1, large);
  plane.run();
  const auto segments = plane.with(Step::transmit);
  ASSERT_EQ(segments.size(), 28u);  // 1460 octets each
  Bytes stream;
  for (auto* s : segments) {
    const auto l4 = data(*s).subspan(20);
    const auto& header = *reinterpret_cast<const rte_tcp_hdr*>(l4.data());
    EXPECT_LE(s->pkt_len, 1500u);
    EXPECT_EQ(net::checksum_sum(l4, pseudo(6, l4.size())), 0xffff);
    EXPECT_EQ(rte_be_to_cpu_32(header.sent_seq), 0xfffffff0u + static_cast<std::uint32_t>(stream.size()));
    EXPECT_EQ((header.tcp_flags & RTE_TCP_CWR_FLAG) != 0, s == segments.front());
    EXPECT_EQ((header.tcp_flags & RTE_TCP_FIN_FLAG) != 0, s == segments.back());
    EXPECT_EQ((header.tcp_flags & RTE_TCP_PSH_FLAG) != 0, s == segments.back());
    stream.insert(stream.end(), l4.begin() + 20, l4.end());
  }
  EXPECT_TRUE(std::ranges::equal(stream, std::span(segment).subspan(20)));
}

TEST(Resegment, OtherLongFramesAreDropped) {
  static auto* const large = make_packet_pool("test_large2", 15, large_packet_room).value();
  Plane plane;
  auto& p = plane.arrive(framed(build({.options = {}, .payload = udp(9, 3000)})), 1, large);
  plane.run();
  EXPECT_EQ(meta(p).drop, Drop::frame_too_long);
}

// Every possible checksum field on one datagram: only the bare pseudo-header sum is completed.
TEST(ChecksumCompletion, OnlyWhatHardwareWasToDo) {
  Plane plane;
  for (const std::uint8_t protocol : {6, 17}) {
    const std::size_t at = protocol == 6 ? 16 : 6;
    auto l4 = protocol == 6 ? tcp(11, RTE_TCP_ACK_FLAG) : udp(9, 11);
    const auto bare = pseudo(protocol, l4.size());
    const auto right = net::checksum(l4, bare);
    for (unsigned field = 0; field < 0x10000; field += field == bare || field == right || field + 1u == bare ? 1 : 97) {
      net::Writer(l4).patch_u16(at, static_cast<std::uint16_t>(field));
      auto& p = plane.arrive(framed(build({.protocol = protocol, .options = {}, .payload = l4})));
      net::Reader got(data(p).subspan(20 + at));
      EXPECT_EQ(got.u16(), field == bare ? right : field);
      rte_pktmbuf_free(&p);
      plane.burst->clear();
    }
    for (const unsigned field : {unsigned{bare}, unsigned{right}}) {
      net::Writer(l4).patch_u16(at, static_cast<std::uint16_t>(field));
      auto& p = plane.arrive(framed(build({.protocol = protocol, .options = {}, .payload = l4})));
      EXPECT_EQ(net::Reader(data(p).subspan(20 + at)).u16(), right);
      rte_pktmbuf_free(&p);
      plane.burst->clear();
    }
  }
}

// A right checksum that happens to equal the pseudo-header sum stays as it is.
TEST(ChecksumCompletion, LeavesARightChecksumAlone) {
  Plane plane;
  auto l4 = udp(9, 12);
  const auto bare = pseudo(17, l4.size());
  net::Writer(l4).patch_u16(6, bare);
  const auto rest = net::checksum_sum(l4, bare);
  net::Writer(l4).patch_u16(18, 0);  // make the sum come out right by the last two octets
  const auto without = net::checksum_sum(l4, bare);
  net::Writer(l4).patch_u16(18, static_cast<std::uint16_t>(~without));
  ASSERT_NE(rest, 0xffff);
  ASSERT_EQ(net::checksum_sum(l4, bare), 0xffff);
  auto& p = plane.arrive(framed(build({.options = {}, .payload = l4})));
  EXPECT_TRUE(std::ranges::equal(data(p).subspan(20), std::span(l4)));
}

}  // namespace
}  // namespace culvert::dataplane::test
