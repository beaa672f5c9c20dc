#include <gtest/gtest.h>

#include "net/checksum.h"
#include "net/random.h"
#include "router/ipv4_packet.h"
#include "router/ping.h"

namespace culvert::router {
namespace {

net::Address address(const char* text) { return *net::Address::parse(text); }

TEST(Ipv4Packet, UdpRoundTrip) {
  const net::Endpoint from{address("192.0.2.1"), 500}, to{address("198.51.100.2"), 4500};
  for (const std::size_t size : {0u, 1u, 7u, 1200u}) {
    const net::Bytes payload(size, std::byte{0x5a});
    const auto packet = build_udp(from, to, 7, payload);
    EXPECT_EQ(net::checksum_sum(net::View(packet).first(20)), 0xffff);
    const auto ip = parse_ipv4(packet);
    ASSERT_TRUE(ip);
    const auto udp = parse_udp(*ip);
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->source, from);
    EXPECT_EQ(udp->destination, to);
    EXPECT_EQ(net::Bytes(udp->payload.begin(), udp->payload.end()), payload);
  }
}

TEST(Ipv4Packet, EveryFlippedBitOfADatagramIsNoticed) {
  const auto packet =
      build_udp({address("192.0.2.1"), 500}, {address("198.51.100.2"), 500}, 7, net::as_view("payload!"));
  for (std::size_t bit = 8 * 24; bit < packet.size() * 8; ++bit) {
    auto damaged = packet;
    damaged[bit / 8] ^= std::byte{1} << bit % 8;
    const auto ip = parse_ipv4(damaged);
    EXPECT_FALSE(ip && parse_udp(*ip)) << "bit " << bit;
  }
}

TEST(Ipv4Packet, AnyBytesAreAcceptable) {
  net::SeededRandom random(3);
  for (int i = 0; i < 200'000; ++i) {
    auto bytes = random.bytes(random.below(64));
    if (!bytes.empty()) bytes[0] = static_cast<std::byte>(0x40 | random.below(16));
    if (const auto ip = parse_ipv4(bytes)) static_cast<void>(parse_udp(*ip));
  }
}

// A peer that turns an echo request into its answer.
net::Bytes answer(net::View request, std::uint8_t type) {
  const auto ip = *parse_ipv4(request);
  net::Bytes icmp;
  if (type == 0) {
    icmp.assign(ip.payload.begin(), ip.payload.end());
    icmp[0] = std::byte{0};
  } else {
    net::Writer w(icmp);
    w.u8(type);
    w.u8(1);
    w.zeros(6);
    w.bytes(request.first(28));
  }
  icmp[2] = icmp[3] = std::byte{0};
  net::Writer(icmp).patch_u16(2, net::checksum(icmp));
  const auto from = type == 0 ? ip.destination : address("203.0.113.9");
  return build_ipv4({.source = from, .destination = ip.source, .protocol = Protocol::icmp}, icmp);
}

struct Pinging {
  Ping ping{{.source = address("192.0.2.1"), .destination = address("192.0.2.2"), .repeat = 3}, 9};
  net::Time now{};
  void answered(std::uint8_t type) {
    const auto packet = ping.transmit(now);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->size(), 100u);
    EXPECT_FALSE(ping.transmit(now)) << "one request is out at a time";
    now += std::chrono::milliseconds(3);
    const auto reply = answer(*packet, type);
    ping.receive(now, *parse_ipv4(reply));
  }
};

TEST(Ping, AnswersUnreachablesAndSilence) {
  Pinging run;
  EXPECT_EQ(run.ping.heading(),
            "Type escape sequence to abort.\nSending 3, 100-byte ICMP Echos to 192.0.2.2, timeout is 2 seconds:\n");
  run.answered(0);
  run.answered(3);
  ASSERT_TRUE(run.ping.transmit(run.now));
  run.ping.timeout(run.now);
  EXPECT_FALSE(run.ping.finished()) << "two seconds have not passed";
  run.now = *run.ping.deadline();
  run.ping.timeout(run.now);
  EXPECT_TRUE(run.ping.finished());
  EXPECT_EQ(run.ping.take_marks(), "!U.");
  EXPECT_EQ(run.ping.summary(), "\nSuccess rate is 33 percent (1/3), round-trip min/avg/max = 3/3/3 ms\n");
  EXPECT_FALSE(run.ping.transmit(run.now));
}

TEST(Ping, StrangersAreIgnored) {
  Pinging run;
  const auto packet = *run.ping.transmit(run.now);
  Ping other({.source = address("192.0.2.1"), .destination = address("192.0.2.2")}, 10);
  const auto theirs = answer(*other.transmit(run.now), 0);
  run.ping.receive(run.now, *parse_ipv4(theirs));
  auto damaged = answer(packet, 0);
  damaged.back() ^= std::byte{1};
  run.ping.receive(run.now, *parse_ipv4(damaged));
  EXPECT_EQ(run.ping.take_marks(), "");
  const auto ours = answer(packet, 0);
  run.ping.receive(run.now, *parse_ipv4(ours));
  run.ping.receive(run.now, *parse_ipv4(ours));
  EXPECT_EQ(run.ping.take_marks(), "!");
}

}  // namespace
}  // namespace culvert::router
