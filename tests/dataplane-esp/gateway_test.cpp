// Lines of the checklist for ESP that concern whole packets, sizes and header fields, between two gateways.
#include "tests/dataplane-esp/gateway.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ipsec-dataplane/fragment.h"
#include "net/checksum.h"

namespace culvert::dataplane::test {
namespace {

using net::Bytes;
using Packets = std::vector<Bytes>;

std::uint32_t number(const Bytes& p, std::size_t at, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < octets; ++i) value = value << 8 | std::to_integer<std::uint32_t>(p.at(at + i));
  return value;
}
bool is_esp(const Bytes& p) { return p.at(9) == std::byte{50}; }
bool is_piece(const Bytes& p) { return (number(p, 6, 2) & 0x3fff) != 0; }
bool has_df(const Bytes& p) { return (number(p, 6, 2) & 0x4000) != 0; }

// A datagram of this many octets of payload from a host behind one gateway to one behind the other.
Ipv4 datagram(std::size_t octets, bool dont_fragment = false) {
  return {.source = 0x0a010002,
          .destination = 0x0a040002,
          .dont_fragment = dont_fragment,
          .options = {},
          .payload = udp(9, octets - 8)};
}

// Cut as a host with this MTU cuts.
Packets cut(const Ipv4& packet, std::size_t mtu) {
  Packets pieces;
  const auto room = (mtu - 20) / 8 * 8;
  for (std::size_t at = 0; at < packet.payload.size(); at += room) {
    const auto size = std::min(room, packet.payload.size() - at);
    auto piece = packet;
    piece.payload.assign(packet.payload.begin() + static_cast<std::ptrdiff_t>(at),
                         packet.payload.begin() + static_cast<std::ptrdiff_t>(at + size));
    piece.fragment = static_cast<std::uint16_t>(at / 8 | (at + size < packet.payload.size() ? 0x2000 : 0));
    pieces.push_back(build(piece));
  }
  return pieces;
}

// The payload of pieces in any order.
Bytes joined(const Packets& pieces) {
  Bytes payload;
  for (const auto& p : pieces) {
    const auto at = (number(p, 6, 2) & 0x1fff) * 8;
    payload.resize(std::max(payload.size(), at + p.size() - 20));
    std::copy(p.begin() + 20, p.end(), payload.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return payload;
}

// 10.4.0.0/24 is behind the peer: there it is the LAN.
struct Peers {
  Bench bench;
  Gateway hq{bench, false}, branch{bench, true};
  Peers() {
    hq.secure();
    branch.secure();
    branch.fib.set(*net::Prefix::parse("10.4.0.0/24"), 1);
  }
  Packets across(const Packets& inner) { return branch.carry(hq.carry(inner, lan), wan); }
};

TEST(Checklist33OfPackets, Line08_FragmentsAreReassembledBeforeEsp) {
  Peers peers;
  const auto whole = datagram(4000);
  // Into the tunnel: no ESP packet carries a piece that the router did not cut itself to fit.
  const auto sealed = peers.hq.carry(cut(whole, 1500), lan);
  EXPECT_EQ(sealed.size(), 3u);
  EXPECT_TRUE(std::ranges::all_of(sealed, is_esp));
  EXPECT_TRUE(std::ranges::none_of(sealed, is_piece));
  EXPECT_EQ(joined(peers.branch.carry(sealed, wan)), whole.payload);
  // Out of order, and ESP itself in pieces.
  auto pieces = cut(whole, 700);
  std::ranges::reverse(pieces);
  peers.hq.into_tunnel().fragmentation = Fragmentation::after_encryption;
  peers.hq.tables.interfaces[tunnel].mtu = 9000;
  auto outer = peers.hq.carry(pieces, lan);
  EXPECT_TRUE(std::ranges::all_of(outer, is_piece));
  std::ranges::reverse(outer);
  EXPECT_EQ(joined(peers.branch.carry(outer, wan)), whole.payload);
  EXPECT_EQ(peers.branch.counters->reassembly.reassembled.get(), 1u);
  // A piece that reaches ESP all the same is no packet to open.
  EXPECT_EQ(peers.bench.open(outer.front()), Drop::fragment_to_us);
}

TEST(Checklist33OfPackets, Line12_TheOuterHeader) {
  struct Row {
    int line;
    DfBit df;
    bool inner_df, outer_df;
  };
  for (const auto& row :
       {Row{1, DfBit::copy, false, false}, Row{2, DfBit::copy, true, true}, Row{3, DfBit::set, false, true},
        Row{4, DfBit::set, true, true}, Row{5, DfBit::clear, false, false}, Row{6, DfBit::clear, true, false}}) {
    Peers peers;
    peers.hq.into_tunnel().df_bit = row.df;
    auto packet = datagram(100, row.inner_df);
    packet.tos = 0xb8 | 2;  // EF, ECT(0)
    const auto outer = peers.hq.carry(build(packet), lan);
    ASSERT_EQ(outer.size(), 1u);
    EXPECT_EQ(has_df(outer[0]), row.outer_df) << "row " << row.line;
    EXPECT_EQ(outer[0][1], std::byte{0xb8 | 2}) << "DSCP is copied, ECN in normal mode: row " << row.line;
    EXPECT_EQ(outer[0][8], std::byte{255}) << "the outer TTL is ours: row " << row.line;
    EXPECT_EQ(net::checksum(net::View(outer[0]).first(20)), 0) << "row " << row.line;
    const auto inner = peers.branch.carry(outer, wan);
    ASSERT_EQ(inner.size(), 1u);
    EXPECT_EQ(inner[0][8], std::byte{62}) << "one hop at each gateway: row " << row.line;
    EXPECT_EQ(has_df(inner[0]), row.inner_df) << "row " << row.line;
  }
}

TEST(Checklist33OfPackets, Line12_DscpOfTheOuterHeaderStaysOutside) {
  Peers peers;
  auto packet = datagram(100);
  packet.tos = 0x28;
  auto outer = peers.hq.carry(build(packet), lan);
  outer.at(0)[1] = std::byte{0xc0};  // marked anew on the way
  mend_checksum(outer[0]);
  const auto inner = peers.branch.carry(outer, wan);
  ASSERT_EQ(inner.size(), 1u);
  EXPECT_EQ(inner[0][1], std::byte{0x28});
}

// RFC 6040 section 4.2, figure 4: a row an inner codepoint, a column an outer one.
TEST(Checklist33OfPackets, Line12_EcnLeavesTheTunnelByTheTable) {
  constexpr int drop = -1;
  constexpr int table[4][4]{{0, 0, 0, drop}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
  for (unsigned inner = 0; inner < 4; ++inner)
    for (unsigned outer = 0; outer < 4; ++outer) {
      Peers peers;
      auto packet = datagram(100);
      packet.tos = static_cast<std::uint8_t>(0x28 | inner);
      auto sealed = peers.hq.carry(build(packet), lan);
      EXPECT_EQ(std::to_integer<unsigned>(sealed.at(0)[1]), 0x28 | inner);
      sealed[0][1] = static_cast<std::byte>(0x28 | outer);
      mend_checksum(sealed[0]);
      const auto opened = peers.branch.carry(sealed, wan);
      ASSERT_EQ(opened.size(), table[inner][outer] == drop ? 0u : 1u) << inner << " in " << outer;
      if (opened.empty()) continue;
      EXPECT_EQ(std::to_integer<int>(opened[0][1]), 0x28 | table[inner][outer]) << inner << " in " << outer;
    }
}

struct SizeRow {
  int line;
  Fragmentation fragmentation;
  DfBit df;
  bool inner_df;
  std::size_t sealed;  // ESP packets that leave, in `outer` packets
  std::size_t outer;
  bool told;  // the host, that it is too big
};

// The table of IOS: what happens to a packet of 1480 octets, more than a path of 1400 takes once it is sealed.
TEST(Checklist33OfPackets, Line13_WhereAPacketIsCut) {
  using enum Fragmentation;
  const SizeRow rows[]{
      {1, before_encryption, DfBit::copy, false, 2, 2, false},  {2, before_encryption, DfBit::copy, true, 0, 0, true},
      {3, before_encryption, DfBit::set, false, 2, 2, false},   {4, before_encryption, DfBit::set, true, 0, 0, true},
      {5, before_encryption, DfBit::clear, false, 2, 2, false}, {6, before_encryption, DfBit::clear, true, 2, 2, false},
      {7, after_encryption, DfBit::copy, false, 1, 2, false},   {8, after_encryption, DfBit::copy, true, 0, 0, true},
      {9, after_encryption, DfBit::set, false, 1, 2, false},    {10, after_encryption, DfBit::set, true, 0, 0, true},
      {11, after_encryption, DfBit::clear, false, 1, 2, false}, {12, after_encryption, DfBit::clear, true, 1, 2, false},
  };
  for (const auto& row : rows) {
    Peers peers;
    peers.hq.secure([](SaParameters& p) { p.spi = 0xc0de4502; }, 1400);
    peers.branch.secure([](SaParameters& p) { p.spi = 0xc0de4502; });
    peers.hq.tables.interfaces[wan].mtu = 1400;
    peers.hq.into_tunnel().fragmentation = row.fragmentation;
    peers.hq.into_tunnel().df_bit = row.df;
    const auto packet = datagram(1460, row.inner_df);
    const auto sent = peers.hq.carry(build(packet), lan);
    Packets esp;
    std::ranges::copy_if(sent, std::back_inserter(esp), is_esp);
    EXPECT_EQ(esp.size(), row.outer) << "row " << row.line;
    EXPECT_EQ(peers.hq.outbound().statistics().packets, row.sealed) << "row " << row.line;
    EXPECT_EQ(sent.size() - esp.size(), row.told ? 1u : 0u) << "row " << row.line;
    if (row.told) {
      EXPECT_EQ(number(sent[0], 20, 2), 0x0304u) << "row " << row.line;
      EXPECT_EQ(number(sent[0], 26, 2), peers.hq.outbound().plaintext_mtu(1400)) << "row " << row.line;
      EXPECT_EQ(number(sent[0], 16, 4), 0x0a010002u) << "row " << row.line;
    } else {
      EXPECT_TRUE(std::ranges::all_of(esp, [](const Bytes& p) { return p.size() <= 1400; })) << "row " << row.line;
      EXPECT_EQ(std::ranges::all_of(esp, has_df), row.df == DfBit::set) << "row " << row.line;
      EXPECT_EQ(joined(peers.branch.carry(esp, wan)), packet.payload) << "row " << row.line;
    }
  }
}

// The stated option: an SA for some ports only carries whole packets, cut after they are sealed.
TEST(Checklist33OfPackets, Line14_OnAPortSpecificSaPacketsTravelWhole) {
  Peers peers;
  const auto narrow = [](SaDirection near) {
    return [near](SaParameters& p) {
      p.spi = 0xc0de4503;
      const SaSelector any{.first = net::Address::v4(0), .last = net::Address::v4(0xffffffff)};
      SaSelector port = any;
      port.protocol = 17;
      port.port_first = port.port_last = 9;
      p.local_selectors = {p.direction == near ? any : port};
      p.remote_selectors = {p.direction == near ? port : any};
      if (p.direction == SaDirection::inbound) std::swap(p.local_selectors, p.remote_selectors);
    };
  };
  peers.hq.secure(narrow(SaDirection::outbound));
  peers.branch.secure(narrow(SaDirection::inbound));
  const auto whole = datagram(4000);
  const auto outer = peers.hq.carry(cut(whole, 1500), lan);
  EXPECT_EQ(peers.hq.outbound().statistics().packets, 1u);
  EXPECT_EQ(outer.size(), 3u);
  EXPECT_EQ(joined(peers.branch.carry(outer, wan)), whole.payload);
  // A later piece that a peer sealed all the same cannot show its port, and is refused.
  auto later = cut(whole, 1500).at(1);
  EXPECT_FALSE(peers.branch.tables.find_inbound(0xc0de4503)->selectors().accept(later, 20));
}

// Transport mode, whose checksums a NAT breaks, is refused by `mode transport`. What is left of the line for tunnel
// mode: two peers behind one NAT whose hosts bear the same address are told apart by their SAs.
TEST(Checklist33OfPackets, Line23_TwoPeersBehindOneNatWithTheSameInnerAddress) {
  Bench bench;
  std::vector<Bytes> sealed;
  const net::Bytes inner = build(datagram(100));
  for (const std::uint16_t port : {std::uint16_t{50001}, std::uint16_t{50002}}) {
    const auto own = [port](SaDirection direction) {
      auto p = parameters_of(suite_named("AES-GCM-128"), direction, true);
      p.spi = 0xc0de0000u + port;
      p.udp = UdpEncapsulation{.local_port = 4500, .remote_port = port};
      return p;
    };
    bench.install(own(SaDirection::outbound));
    sealed.push_back(bench.seal(inner).bytes);
    EXPECT_EQ(number(sealed.back(), 22, 2), port);
    EXPECT_EQ(number(sealed.back(), 26, 2), 0u) << "the UDP checksum is zero";
    const auto interface = static_cast<InterfaceIndex>(port - 50000 + 10);
    const auto parameters = own(SaDirection::inbound);
    auto made = make_security_association(parameters, interface).value();
    bench.tables.inbound[parameters.spi] = made.get();
    bench.tables.associations.push_back(std::move(made));
  }
  EXPECT_EQ(bench.open(sealed[0]).meta.interface, 11);
  EXPECT_EQ(bench.open(sealed[1]).meta.interface, 12);
}

TEST(Checklist33OfPackets, Line24_MulticastAndBroadcastCrossTheTunnel) {
  for (const std::uint32_t group : {0xe000000au, 0xffffffffu}) {  // 224.0.0.10, EIGRP's
    Bench bench;
    bench.install(parameters_of(suite_named("AES-GCM-128"), SaDirection::outbound));
    bench.install(parameters_of(suite_named("AES-GCM-128"), SaDirection::inbound));
    const auto hello = build(
        {.source = 0x0aff0001, .destination = group, .ttl = 2, .protocol = 88, .options = {}, .payload = Bytes(40)});
    const auto opened = bench.open(bench.seal(hello).bytes);
    EXPECT_EQ(opened.meta.step, Step::classify);
    EXPECT_EQ(opened.meta.interface, Bench::tunnel);
    EXPECT_EQ(opened.bytes, hello);
  }
}

TEST(Checklist33OfPackets, Line25_AnSaKeepsTheOrderOfItsPackets) {
  Peers peers;
  Packets inner;
  for (std::uint16_t i = 0; i < 200; ++i) {
    auto packet = datagram(i % 7 == 0 ? 1470 : 60);
    packet.identification = i;
    inner.push_back(build(packet));
  }
  auto outer = peers.hq.carry(inner, lan);
  for (std::size_t i = 0; i < outer.size(); ++i)
    ASSERT_EQ(number(outer[i], 24, 4), i + 1) << "sequence numbers in order";
  const auto opened = peers.branch.carry(outer, wan);
  std::uint32_t last = 0;
  for (const auto& packet : opened) {
    ASSERT_GE(number(packet, 4, 2), last);
    last = number(packet, 4, 2);
  }
  // Another order on the way, as far apart as the window is wide, costs nothing.
  outer = peers.hq.carry(inner, lan);
  for (std::size_t at = 0; at + 64 <= outer.size(); at += 64)
    std::reverse(outer.begin() + static_cast<std::ptrdiff_t>(at), outer.begin() + static_cast<std::ptrdiff_t>(at + 64));
  EXPECT_EQ(peers.branch.carry(outer, wan).size(), outer.size());
  EXPECT_EQ(peers.branch.dropped(Drop::replay), 0u);
}

}  // namespace
}  // namespace culvert::dataplane::test
