// What a routing protocol needs of the plane: its packets come in where its group was joined, and only there, and its
// own leave by the interface that it names, in frames for the group's station.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "net/checksum.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {
namespace {

using net::Bytes;

constexpr std::uint32_t eigrp_group = 0xe000000a;  // 224.0.0.10
constexpr InterfaceIndex joined = 1, not_joined = 2, tunnel_interface = 4, down = 5;
constexpr Mac eigrp_station{{0x01, 0x00, 0x5e, 0x00, 0x00, 0x0a}};

class Multicast : public ::testing::Test {
 protected:
  Multicast() { plane.tables.interfaces[joined].groups = {eigrp_group}; }

  static Ipv4 hello(std::uint32_t to = eigrp_group) {
    return {.source = 0x0a010002, .destination = to, .ttl = 1, .protocol = 88, .options = {}, .payload = Bytes(40)};
  }
  Packet& arrives(const Ipv4& packet, InterfaceIndex interface, const Mac& to = eigrp_station) {
    auto& p = plane.arrive(framed(build(packet), 0x0800, to), interface);
    plane.run();
    return p;
  }
  // A packet of ours that control hands in for this interface.
  Packet& leaves(const Ipv4& packet, InterfaceIndex egress) {
    auto* p = make_packet(plane.pool, build(packet));
    meta(*p) = {.egress = egress, .header_length = 20, .step = Step::directed, .flags = flag::local};
    plane.burst->push(p);
    plane.run();
    return *p;
  }

  Plane plane;
};

TEST_F(Multicast, GroupIsPuntedWhereItWasJoined) {
  auto& p = arrives(hello(), joined);
  EXPECT_EQ(meta(p).step, Step::punt);
  EXPECT_EQ(meta(p).punt, PuntReason::eigrp);
  EXPECT_EQ(meta(p).interface, joined);
  EXPECT_EQ(ipv4(p).time_to_live, 1);
  EXPECT_EQ(data(p).size(), 60u);
}

TEST_F(Multicast, OtherGroupsAndProtocolsAreDroppedSilently) {
  const auto dropped_for = [&](Packet& p) { return meta(p).step == Step::drop ? meta(p).drop : Drop::none; };
  EXPECT_EQ(dropped_for(arrives(hello(), not_joined)), Drop::group_not_joined);
  EXPECT_EQ(dropped_for(arrives(hello(0xe0000005), joined)), Drop::group_not_joined);
  EXPECT_EQ(dropped_for(arrives(hello(0xefffffff), joined)), Drop::group_not_joined);
  auto other = hello();
  other.protocol = 89;
  EXPECT_EQ(dropped_for(arrives(other, joined)), Drop::not_accepted);
  other.protocol = 1;
  other.payload = icmp_message(8, 20);
  EXPECT_EQ(dropped_for(arrives(other, joined)), Drop::not_accepted);
  EXPECT_EQ(plane.burst->size(), 5u) << "an answer was sent to a multicast";
}

// Whatever its TTL, and with a route that covers it.
TEST_F(Multicast, GroupsAreNeverForwarded) {
  plane.fib.set(*net::Prefix::parse("0.0.0.0/0"), 2);
  for (const std::uint8_t ttl : {1, 2, 255}) {
    for (const auto interface : {joined, not_joined}) {
      auto packet = hello();
      packet.ttl = ttl;
      EXPECT_NE(meta(arrives(packet, interface)).step, Step::transmit);
      packet.protocol = 17;
      EXPECT_EQ(meta(arrives(packet, interface)).step, Step::drop);
    }
  }
}

TEST_F(Multicast, OwnAddressIsPuntedFromAnyInterface) {
  for (const auto interface : {joined, not_joined}) {
    auto& p = arrives(hello(0x0a010001), interface, own_mac);
    EXPECT_EQ(meta(p).punt, PuntReason::eigrp);
    EXPECT_EQ(meta(p).interface, interface);
  }
}

TEST_F(Multicast, OutOfATunnelTheGroupIsTheTunnels) {
  const auto out_of_tunnel = [&] {
    auto* p = make_packet(plane.pool, build(hello()));
    meta(*p) = {.interface = tunnel_interface, .header_length = 20, .flags = flag::decrypted};
    plane.burst->push(p);
    plane.run();
    return meta(*p);
  };
  EXPECT_EQ(out_of_tunnel().drop, Drop::group_not_joined);
  plane.tables.interfaces[tunnel_interface].groups = {eigrp_group};
  const auto m = out_of_tunnel();
  EXPECT_EQ(m.step, Step::punt);
  EXPECT_EQ(m.interface, tunnel_interface);
}

TEST_F(Multicast, FragmentsComeTogetherFirst) {
  auto first = hello(), last = hello();
  first.fragment = 0x2000;
  last.fragment = 5;
  arrives(first, joined);
  EXPECT_TRUE(plane.with(Step::punt).empty());
  arrives(last, joined);
  const auto punted = plane.with(Step::punt);
  ASSERT_EQ(punted.size(), 1u);
  EXPECT_EQ(data(*punted.front()).size(), 100u);
}

TEST_F(Multicast, LeavesInAFrameForTheStationOfTheGroup) {
  auto& p = leaves(hello(), not_joined);
  ASSERT_EQ(meta(p).step, Step::transmit);
  EXPECT_TRUE(has(p, flag::l2));
  const auto frame = data(p);
  ASSERT_EQ(frame.size(), 74u);
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(eigrp_station.octets)), frame.first(6)));
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(own_mac.octets)), frame.subspan(6, 6)));
  EXPECT_EQ(frame[22], std::byte{1}) << "the TTL is the caller's";
  EXPECT_EQ(net::checksum_sum(frame.subspan(14, 20)), 0xffff);
}

TEST_F(Multicast, StationTakesTheLow23BitsOfTheGroup) {
  EXPECT_EQ(group_mac(eigrp_group), eigrp_station);
  EXPECT_EQ(group_mac(0xefffffff), (Mac{{0x01, 0x00, 0x5e, 0x7f, 0xff, 0xff}}));
}

TEST_F(Multicast, NeighborIsReachedOnTheInterfaceThatWasNamed) {
  plane.fib.set(*net::Prefix::parse("10.2.0.2/32"), 2);
  auto& known = leaves(hello(0x0a020002), 2);
  EXPECT_EQ(meta(known).step, Step::transmit);
  EXPECT_EQ(plane.tables.adjacency(meta(known).adjacency).mac, host_mac);
  // The route to it leads elsewhere: it is asked for here all the same.
  auto& elsewhere = leaves(hello(0x0a020002), 3);
  EXPECT_EQ(meta(elsewhere).step, Step::punt);
  EXPECT_EQ(meta(elsewhere).punt, PuntReason::want_neighbor);
  EXPECT_EQ(meta(elsewhere).egress, 3);
  EXPECT_EQ(meta(elsewhere).adjacency, 0) << "control asks for the destination itself";
}

TEST_F(Multicast, WhatCannotLeaveHasItsReason) {
  EXPECT_EQ(meta(leaves(hello(), down)).drop, Drop::egress_down);
  EXPECT_EQ(meta(leaves(hello(), tunnel_interface)).drop, Drop::tunnel_down);
  EXPECT_EQ(meta(leaves(hello(), 77)).drop, Drop::egress_down);
  auto large = hello();
  large.payload = Bytes(600);
  EXPECT_EQ(meta(leaves(large, 3)).drop, Drop::too_big);
  large.destination = 0x0a030002;
  EXPECT_EQ(meta(leaves(large, 3)).drop, Drop::too_big);
}

}  // namespace
}  // namespace culvert::dataplane::test
