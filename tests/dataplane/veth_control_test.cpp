// What control sends by itself, between two hosts and a router on veth pairs.
#include <optional>
#include <utility>

#include "tests/dataplane/plane.h"
#include "tests/dataplane/veth_lab.h"

namespace culvert::dataplane::test {
namespace {

constexpr std::uint8_t experimental = 253;  // a protocol that no kernel answers (RFC 3692)

// From the router to the left host, with a number.
net::Bytes numbered(std::uint32_t number) {
  Ipv4 packet{.source = 0x0a010001, .protocol = experimental};
  packet.destination = 0x0a010002;
  for (int shift = 24; shift >= 0; shift -= 8) packet.payload.push_back(static_cast<std::byte>(number >> shift));
  return build(packet);
}

// The number of the next packet that arrives; nullopt: none does.
std::optional<std::uint32_t> next_number(int fd) {
  std::array<std::uint8_t, 128> packet{};
  if (recv(fd, packet.data(), packet.size(), 0) < 24) return std::nullopt;
  return packet[20] << 24 | packet[21] << 16 | packet[22] << 8 | packet[23];
}

// Others may wake the worker, too (the kernel of a host speaks IPv6), but not each time.
TEST_F(Lab, ControlSendsByItselfWhileTheWorkerSleeps) {
  auto& plane = *lab->plane;
  while_serving([&] { ping(lab->left, "10.1.0.1"); });  // so that the neighbor is known
  const auto fd = lab->left.open(AF_INET, SOCK_RAW, experimental);
  const auto before = plane.statistics("Gi0/0").out_packets;
  bool asleep = false;
  std::uint32_t number = 0;
  while (!asleep && number < 200) {
    const auto turns = plane.workers().at(0).turns;
    ASSERT_TRUE(plane.inject(numbered(++number)));
    ASSERT_EQ(next_number(fd), number) << drops();
    asleep = plane.workers().at(0).turns == turns;
  }
  EXPECT_TRUE(asleep);
  EXPECT_GE(plane.statistics("Gi0/0").out_packets - before, number);
  close(fd);
}

TEST_F(Lab, WhatControlSendsKeepsItsOrder) {
  constexpr std::uint32_t count = 20'000;
  auto& plane = *lab->plane;
  while_serving([&] { ping(lab->left, "10.1.0.1"); });
  const auto fd = lab->left.open(AF_INET, SOCK_RAW, experimental);
  std::atomic<bool> done{false};
  // Transit packets, so that the worker falls asleep and wakes up all the time.
  std::thread others([&] {
    const auto from = lab->right.open(AF_INET, SOCK_DGRAM, 0);
    const auto target = endpoint("10.1.0.2", 9);
    while (!done) sendto(from, "x", 1, 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
    close(from);
  });
  std::uint32_t arrived = 0, last = 0;
  bool in_order = true;
  for (std::uint32_t number = 1; number <= count; ++number) {
    plane.inject(numbered(number));
    if (number % 16 != 0 && number != count) continue;
    plane.service(now());
    std::array<std::uint8_t, 128> packet{};
    while (recv(fd, packet.data(), packet.size(), MSG_DONTWAIT | MSG_PEEK) > 0) {
      const auto heard = next_number(fd);
      ++arrived;
      in_order = in_order && heard && *heard > std::exchange(last, *heard);
    }
  }
  done = true;
  others.join();
  EXPECT_TRUE(in_order) << "after " << last;
  EXPECT_GT(arrived, count / 10) << drops();
  close(fd);
}

}  // namespace
}  // namespace culvert::dataplane::test
