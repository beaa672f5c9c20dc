#include "ipsec-dataplane/flow_key.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "tests/dataplane/plane.h"

namespace culvert::dataplane {
namespace {

using test::Ipv4;

FlowKey key_of(const Ipv4& packet) {
  test::Plane plane;
  return flow_key(plane.arrive(test::framed(test::build(packet))));
}

net::Bytes tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags, std::size_t octets = 20) {
  net::Bytes out;
  net::Writer w(out);
  w.u16(source);
  w.u16(destination);
  w.u32(1);
  w.u32(2);
  w.u8(0x50);
  w.u8(flags);
  out.resize(octets);
  return out;
}

TEST(FlowKey, ReadsPortsAndFlagsOfTcp) {
  const auto key = key_of({.protocol = 6, .tos = 0xb9, .payload = tcp(40000, 80, 0x52)});
  EXPECT_EQ(key, (FlowKey{.protocol = 6,
                          .tcp_flags = 0x12,
                          .tos = 0xb8,
                          .source = htonl(0x0a010002),
                          .destination = htonl(0x0a020002),
                          .source_port = htons(40000),
                          .destination_port = htons(80)}));
}

TEST(FlowKey, FindsTheTransportBehindOptions) {
  const auto key = key_of({.options = net::Bytes(8, std::byte{1}), .payload = test::udp(500, 20)});
  EXPECT_EQ(ntohs(key.destination_port), 500);
}

TEST(FlowKey, TypeAndCodeStandForPorts) {
  const auto key = key_of({.protocol = 1, .payload = test::icmp_message(8, 16)});
  EXPECT_EQ(ntohs(key.source_port), 8);
  EXPECT_EQ(ntohs(key.destination_port), 0);
}

TEST(FlowKey, OfLaterFragmentsHasNoPorts) {
  const auto key = key_of({.protocol = 6, .fragment = 10, .payload = tcp(40000, 80, 2)});
  EXPECT_EQ(key.shape, shape::later_fragment);
  EXPECT_EQ(key.destination_port, 0);
}

TEST(FlowKey, FirstFragmentsShowTheirPorts) {
  const auto key = key_of({.protocol = 6, .fragment = 0x2000, .payload = tcp(40000, 80, 2, 24)});
  EXPECT_EQ(key.shape, 0);
  EXPECT_EQ(ntohs(key.destination_port), 80);
}

// RFC 1858: a first fragment too short for the flags, and a second one that would overwrite them.
TEST(FlowKey, TinyAndOverlappingFragmentsAreTruncated) {
  EXPECT_EQ(key_of({.protocol = 6, .fragment = 0x2000, .payload = tcp(40000, 80, 2, 8)}).shape, shape::truncated);
  EXPECT_EQ(key_of({.protocol = 6, .fragment = 1, .payload = tcp(40000, 80, 2)}).shape, shape::truncated);
  EXPECT_EQ(key_of({.protocol = 17, .fragment = 1, .payload = test::udp(53, 20)}).shape, shape::later_fragment);
  EXPECT_EQ(key_of({.protocol = 50, .payload = {}}).shape, 0);
}

}  // namespace
}  // namespace culvert::dataplane
