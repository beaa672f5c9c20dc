#include "routing/eigrp/wire/packet.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace culvert::routing::eigrp::wire {
namespace {

using test::octets;

net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }
net::Address address(std::string_view text) { return *net::Address::parse(text); }

Packet decoded(std::string_view hex) {
  auto packet = Packet::decode(octets(hex));
  EXPECT_TRUE(packet) << hex << ": " << text(packet.error());
  return packet ? *packet : Packet{};
}

// A packet whose only TLV has these octets, with a right checksum.
net::Bytes with_tlv(std::string_view hex) {
  auto bytes = Packet{.autonomous_system = 100}.encode();
  const auto tlv = octets(hex);
  bytes.insert(bytes.end(), tlv.begin(), tlv.end());
  set_checksum(bytes);
  return bytes;
}

DecodeError error_of(net::View bytes) {
  const auto packet = Packet::decode(bytes);
  EXPECT_FALSE(packet) << net::to_hex(bytes);
  return packet ? DecodeError::count : packet.error();
}

TEST(EigrpPacket, RealPacketsComeOutAsTheyWentIn) {
  for (const auto sample : test::real_packets) EXPECT_EQ(net::to_hex(decoded(sample).encode()), sample);
}

TEST(EigrpPacket, HelloTellsKValuesAndVersion) {
  const auto packet = decoded(test::hello);
  EXPECT_EQ(packet.opcode, Opcode::hello);
  EXPECT_EQ(packet.autonomous_system, 100);
  EXPECT_EQ(packet.sequence, 0u);
  ASSERT_NE(packet.find<Parameters>(), nullptr);
  EXPECT_EQ(*packet.find<Parameters>(), (Parameters{.k1 = 1, .k3 = 1, .hold_time_s = 15}));
  EXPECT_EQ(*packet.find<SoftwareVersion>(),
            (SoftwareVersion{.os_major = 12, .os_minor = 4, .tlv_major = 1, .tlv_minor = 2}));
}

TEST(EigrpPacket, HelloForConditionalReceive) {
  const auto packet = decoded(test::hello_with_sequence);
  EXPECT_EQ(packet.find<SequenceList>()->neighbors, std::vector{address("10.0.0.1")});
  EXPECT_EQ(packet.find<NextMulticastSequence>()->sequence, 0x19u);
}

TEST(EigrpPacket, UpdateTellsRoutes) {
  const auto packet = decoded(test::end_of_table);
  EXPECT_TRUE(packet.flags.end_of_table);
  EXPECT_FALSE(packet.flags.init);
  EXPECT_EQ(packet.sequence, 0x18u);
  EXPECT_EQ(packet.acknowledgment, 0x17u);
  ASSERT_EQ(packet.tlvs.size(), 7u);
  const auto& route = std::get<Route>(packet.tlvs[1]);
  EXPECT_EQ(
      route.metric,
      (Metric{.delay = 0x6400, .bandwidth = 0x3e800, .mtu = 1500, .hop_count = 0, .reliability = 255, .load = 1}));
  EXPECT_EQ(route.destinations, net::Few{prefix("10.0.0.4/30")});
  EXPECT_TRUE(route.next_hop.is_unspecified());
  EXPECT_FALSE(route.unreachable());
}

TEST(EigrpPacket, PoisonIsUnreachable) {
  const auto packet = decoded(test::conditional_poison);
  EXPECT_TRUE(packet.flags.conditional_receive);
  EXPECT_TRUE(packet.find<Route>()->unreachable());
}

TEST(EigrpPacket, Ipv6RoutesHaveTheirExtraOctet) {
  const auto packet = decoded(test::ipv6_query);
  EXPECT_EQ(packet.find<Route>()->destinations, net::Few{prefix("2001:db8:0:12::/64")});
  EXPECT_EQ(packet.find<Route>()->metric.flags, route_flag::active);
  const auto external = decoded(test::ipv6_external_default);
  EXPECT_EQ(external.find<Route>()->destinations, net::Few{prefix("::/0")});
}

TEST(EigrpPacket, UnknownTlvsAreKept) {
  const auto packet = decoded(test::md5_update);
  ASSERT_EQ(packet.tlvs.size(), 2u);
  EXPECT_EQ(std::get<Unknown>(packet.tlvs[1]).type, 0x00f2);
}

TEST(EigrpPacket, EveryKindOfTlvSurvives) {
  const Packet packet{
      .opcode = Opcode::update,
      .flags = {.init = true, .restart = true},
      .sequence = 0xffffffff,
      .acknowledgment = 7,
      .autonomous_system = 65535,
      .tlvs = {Parameters{.k6 = 1, .hold_time_s = 65535},
               Authentication{.kind = AuthenticationType::hmac_sha_256, .key_id = 3, .digest = net::Bytes(32)},
               SequenceList{{address("192.0.2.1"), address("fe80::1")}}, SoftwareVersion{}, NextMulticastSequence{9},
               Stub{Stub::receive_only}, PeerTermination{{address("192.0.2.9")}},
               Route{.next_hop = address("192.0.2.7"),
                     .external = External{.router_id = 1, .autonomous_system = 2, .tag = 3, .metric = 4},
                     .destinations = {prefix("10.0.0.0/8"), prefix("0.0.0.0/0"), prefix("192.0.2.1/32")}},
               Route{.metric = {.delay = Metric::unreachable_wide, .bandwidth = 1'000'000, .mtu = 0xffffff},
                     .wide = WideHeader{.router_id = 5, .priority = 6, .attributes = net::Bytes(4)},
                     .destinations = {prefix("10.1.0.0/16")}},
               Route{.next_hop = address("::"),
                     .external = External{.router_id = 1, .protocol = ExternalProtocol::connected, .flags = 1},
                     .wide = WideHeader{},
                     .destinations = {prefix("2001:db8::/32"), prefix("2001:db8::1/128")}},
               Unknown{0x00f5, net::Bytes(3)}}};
  const auto again = Packet::decode(packet.encode());
  ASSERT_TRUE(again) << text(again.error());
  EXPECT_EQ(*again, packet);
}

TEST(Checklist34, Line04_ForeignHeadersAreRefused) {
  const auto patched = [](std::size_t offset, std::uint8_t value) {
    auto bytes = octets(test::hello);
    bytes[offset] = std::byte{value};
    set_checksum(bytes);
    return bytes;
  };
  EXPECT_EQ(error_of(patched(0, 1)), DecodeError::bad_version);
  EXPECT_EQ(error_of(patched(1, 6)), DecodeError::unknown_opcode);
  EXPECT_EQ(error_of(patched(1, 9)), DecodeError::unknown_opcode);
  EXPECT_EQ(error_of(patched(17, 1)), DecodeError::unknown_virtual_router);
  EXPECT_EQ(error_of(patched(16, 0x80)), DecodeError::unknown_virtual_router);
  auto damaged = octets(test::hello);
  damaged.back() ^= std::byte{1};
  EXPECT_EQ(error_of(damaged), DecodeError::bad_checksum);
  EXPECT_EQ(error_of(octets("02050000")), DecodeError::truncated_header);
  EXPECT_EQ(autonomous_system_of(octets(test::hello)), 100);
  EXPECT_EQ(autonomous_system_of(octets("0205")), std::nullopt);
}

TEST(Checklist34, Line09_BothGoodbyesAreRead) {
  EXPECT_TRUE((Parameters{255, 255, 255, 255, 255, 0, 15}.is_goodbye()));
  EXPECT_FALSE((Parameters{255, 255, 255, 255, 0, 0, 15}.is_goodbye()));
  const auto packet = Packet::decode(with_tlv("0007000904c0000201"));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->find<PeerTermination>()->neighbors, std::vector{address("192.0.2.1")});
}

TEST(Checklist34, Line12_StubFlagsAreWhereScapySeesThem) {
  const auto packet = Packet::decode(with_tlv("00060006000d"));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->find<Stub>()->flags, Stub::connected | Stub::summary | Stub::receive_only);
}

// The value of a classic internal route to these destinations.
std::string route(std::string_view destinations) {
  const auto size = 4 + 20 + destinations.size() / 2;
  return fmt::format("0102{:04x}00000000000064000003e8000005dc00ff010000{}", size, destinations);
}

TEST(Checklist34, Line35_PrefixLengths) {
  const auto destinations = [](std::string_view hex) {
    const auto packet = Packet::decode(with_tlv(route(hex)));
    EXPECT_TRUE(packet) << hex;
    return packet ? packet->find<Route>()->destinations : net::Few<net::Prefix>();
  };
  EXPECT_EQ(destinations("010a"), net::Few{prefix("0.0.0.0/1")});
  EXPECT_EQ(destinations("080a"), net::Few{prefix("10.0.0.0/8")});
  EXPECT_EQ(destinations("090a80"), net::Few{prefix("10.128.0.0/9")});
  EXPECT_EQ(destinations("180a0102"), net::Few{prefix("10.1.2.0/24")});
  EXPECT_EQ(destinations("190a010280"), net::Few{prefix("10.1.2.128/25")});
  EXPECT_EQ(destinations("200a010203"), net::Few{prefix("10.1.2.3/32")});
  EXPECT_EQ(destinations("080a180a0102"), (net::Few{prefix("10.0.0.0/8"), prefix("10.1.2.0/24")}));
  for (const auto* const too_many : {"210a01020300", "810a010203", "ff0a010203"})
    EXPECT_EQ(error_of(with_tlv(route(too_many))), DecodeError::prefix_length) << too_many;
  EXPECT_EQ(error_of(with_tlv(route("200a0102"))), DecodeError::route_length);
  EXPECT_EQ(error_of(with_tlv(route(""))), DecodeError::route_length);
}

TEST(Checklist34, Line35_TheDefaultRouteWithAndWithoutAnOctet) {
  for (const auto* const hex : {"00", "0000"}) {
    const auto packet = Packet::decode(with_tlv(route(hex)));
    ASSERT_TRUE(packet) << hex;
    EXPECT_EQ(packet->find<Route>()->destinations, net::Few{prefix("0.0.0.0/0")}) << hex;
  }
}

TEST(Checklist34, Line36_ExternalRoutesKeepTagAndOrigin) {
  const auto packet =
      Packet::decode(with_tlv("0103003000000000"
                              "0a0a0a0a"
                              "00000064"
                              "0000002a"
                              "00000015"
                              "00000301"
                              "00006400"
                              "000003e8"
                              "0005dc00"
                              "ff010000"
                              "18c0a805"));
  ASSERT_TRUE(packet) << text(packet.error());
  const auto& external = *packet->find<Route>();
  ASSERT_TRUE(external.external);
  EXPECT_EQ(*external.external, (External{.router_id = 0x0a0a0a0a,
                                          .autonomous_system = 100,
                                          .tag = 42,
                                          .metric = 21,
                                          .protocol = ExternalProtocol::static_route,
                                          .flags = 1}));
  EXPECT_TRUE(external.next_hop.is_unspecified());
}

// A wide internal route whose header begins with these two numbers.
std::string wide_route(std::string_view topology_and_family) {
  constexpr std::string_view rest = "0a0000010000ff010005dc01000000989680000f424000000000000000000000180a0102";
  const auto size = 4 + (topology_and_family.size() + rest.size()) / 2;
  return fmt::format("0602{:04x}{}{}", size, topology_and_family, rest);
}

TEST(EigrpPacket, WideRoutesInTheOrderOfTheRfcToo) {
  for (const auto* const order : {"00000001", "00010000"}) {
    const auto packet = Packet::decode(with_tlv(wide_route(order)));
    ASSERT_TRUE(packet) << order << " " << text(packet.error());
    EXPECT_EQ(packet->find<Route>()->destinations, net::Few{prefix("10.1.2.0/24")});
    EXPECT_EQ(packet->find<Route>()->metric.delay, 10'000'000u);
  }
}

TEST(EigrpPacket, WideRouteOfAnotherTopologyOrFamily) {
  for (const auto* const pair : {"00010001", "00004000", "00000000"})
    EXPECT_EQ(error_of(with_tlv(wide_route(pair))), DecodeError::route_family) << pair;
}

struct Malformed {
  std::string_view tlv;
  DecodeError error;
};
constexpr Malformed malformed[]{
    {"0001", DecodeError::tlv_length},
    {"000100", DecodeError::tlv_length},
    {"00010000", DecodeError::tlv_length},
    {"00010001", DecodeError::tlv_length},
    {"00f10003", DecodeError::tlv_length},
    {"0001000c010001000000000f00", DecodeError::tlv_length},  // an octet after the last TLV
    {"00f10005", DecodeError::tlv_overrun},
    {"0004ff04", DecodeError::tlv_overrun},
    {"0001000c01000100000000", DecodeError::tlv_overrun},
    {"0001000b01000100000000", DecodeError::parameters},
    {"00010004", DecodeError::parameters},
    {"00020004", DecodeError::authentication},
    {"0002001400020000000000010000000000000000", DecodeError::authentication},
    {"000200180001000000000001000000000000000000000000", DecodeError::authentication},
    {"00020018000200000000000100000000000000000000000000000000", DecodeError::authentication},
    {"00030004", DecodeError::sequence},
    {"0003000504", DecodeError::sequence},
    {"0003000a060102030405", DecodeError::sequence},
    {"0003000f0a01020304050607080900", DecodeError::sequence},  // IPX, of which we know nothing
    {"000400070c0401", DecodeError::software_version},
    {"00040004", DecodeError::software_version},
    {"000500060000", DecodeError::next_multicast_sequence},
    {"0006000500", DecodeError::stub},
    {"00070004", DecodeError::peer_termination},
    {"0007000800000000", DecodeError::peer_termination},
    {"01020004", DecodeError::route_length},
    {"01030004", DecodeError::route_length},
    {"04020004", DecodeError::route_length},
    {"06020004", DecodeError::route_length},
    {"0603000c0000000100000000", DecodeError::route_length},
};

TEST(Attacks, A29_MalformedTlvsAreRefusedWithTheirReason) {
  for (const auto& row : malformed) {
    const auto packet = Packet::decode(with_tlv(row.tlv));
    ASSERT_FALSE(packet) << row.tlv;
    EXPECT_EQ(packet.error(), row.error) << row.tlv << ": " << text(packet.error());
  }
}

TEST(Attacks, A29_ThirtySixOctetsThatStopAnotherRouter) {
  EXPECT_EQ(error_of(with_tlv("0102001000000000ffffffff00000000")), DecodeError::route_length);
  for (std::uint16_t type : {0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0102, 0x0103, 0x0402, 0x0603})
    for (std::size_t size = 0; size <= 64; ++size) {
      auto tlv = fmt::format("{:04x}{:04x}{:0>{}}", type, size + 4, "", 2 * size);
      const auto packet = Packet::decode(with_tlv(tlv));
      EXPECT_TRUE(!packet || Packet::decode(packet->encode()) == packet) << tlv;
    }
}

TEST(Attacks, A29_EveryErrorHasItsName) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(DecodeError::count); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NE(text(DecodeError{static_cast<std::uint8_t>(i)}), text(DecodeError{static_cast<std::uint8_t>(j)}));
}

// Every octet of every real packet set to edges: refused, or understood and written down the same.
TEST(Attacks, A29_DamagedPacketsWithRightChecksums) {
  for (const auto sample : test::real_packets)
    for (std::size_t at = 0; at < sample.size() / 2; ++at)
      for (const auto value : {0x00, 0x01, 0x03, 0x04, 0x21, 0x7f, 0x81, 0xff}) {
        auto bytes = octets(sample);
        bytes[at] = static_cast<std::byte>(value);
        set_checksum(bytes);
        const auto packet = Packet::decode(bytes);
        ASSERT_TRUE(!packet || Packet::decode(packet->encode()) == packet) << net::to_hex(bytes);
      }
}

}  // namespace
}  // namespace culvert::routing::eigrp::wire
