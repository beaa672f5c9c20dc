// Taps and the file that captured packets become.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "ipsec-dataplane/capture_tap.h"
#include "ipsec-dataplane/pcap.h"

namespace culvert::dataplane {
namespace {

net::Bytes ipv4_packet(std::uint8_t protocol, std::uint32_t source, std::uint32_t destination, std::size_t size = 20) {
  net::Bytes packet(size);
  packet[0] = std::byte{0x45};
  packet[9] = std::byte{protocol};
  for (unsigned i = 0; i < 4; ++i) {
    packet[12 + i] = static_cast<std::byte>(source >> (24 - 8 * i));
    packet[16 + i] = static_cast<std::byte>(destination >> (24 - 8 * i));
  }
  return packet;
}

TEST(TapFilter, TakesWhatItNames) {
  const TapFilter filter{.everything = false,
                         .source = 0x0a010000,
                         .source_mask = 0xffff0000,
                         .destination = 0x0a020001,
                         .destination_mask = 0xffffffff,
                         .protocol = 1};
  EXPECT_TRUE(filter.matches(ipv4_packet(1, 0x0a01ffff, 0x0a020001)));
  EXPECT_FALSE(filter.matches(ipv4_packet(6, 0x0a01ffff, 0x0a020001)));
  EXPECT_FALSE(filter.matches(ipv4_packet(1, 0x0a030000, 0x0a020001)));
  EXPECT_FALSE(filter.matches(ipv4_packet(1, 0x0a010000, 0x0a020002)));
}

TEST(TapFilter, AnyOctetsWillDo) {
  const TapFilter addresses{.everything = false};
  const auto whole = ipv4_packet(1, 1, 2);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(addresses.matches(net::View(whole).first(size))) << size;
  EXPECT_TRUE(addresses.matches(whole));
  EXPECT_TRUE(TapFilter{}.matches({}));
  auto version_6 = whole;
  version_6[0] = std::byte{0x65};
  EXPECT_FALSE(addresses.matches(version_6));
}

TEST(Tap, KeepsOrderAndCutsWhatIsLong) {
  Tap tap({.interface = "Tunnel1", .in = true, .out = false, .filter = {}, .packet_octets_max = 64}, false, -1);
  EXPECT_FALSE(tap.take());
  tap.offer(TapDirection::in, ipv4_packet(1, 1, 2, 1000));
  tap.offer(TapDirection::out, ipv4_packet(2, 1, 2));
  tap.offer(TapDirection::in, ipv4_packet(3, 1, 2, 40));
  const auto first = tap.take(), second = tap.take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->size_octets, 1000u);
  EXPECT_EQ(first->octets.size(), 64u);
  EXPECT_EQ(second->octets, ipv4_packet(3, 1, 2, 40));
  EXPECT_GE(second->since_start, first->since_start);
  EXPECT_FALSE(tap.take());
}

TEST(Tap, AFullRingCountsWhatItMisses) {
  Tap tap({.interface = "x"}, true, -1);
  const auto frame = net::Bytes(14);
  for (std::size_t round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < Tap::slot_count + 10; ++i) tap.offer(TapDirection::in, frame);
    EXPECT_EQ(tap.missed(), 10 * (round + 1));
    for (std::size_t i = 0; i < Tap::slot_count; ++i) EXPECT_TRUE(tap.take());
    EXPECT_FALSE(tap.take());
  }
}

// Several workers and a reader at once: every packet is delivered whole or counted, and each writer's stay in order.
TEST(Tap, ManyWritersOneReader) {
  constexpr unsigned writers = 4, packets = 20'000;
  Tap tap({.interface = "x"}, false, -1);
  std::vector<std::jthread> threads;
  std::atomic<unsigned> running{writers};
  for (unsigned writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      for (unsigned i = 0; i < packets; ++i) tap.offer(TapDirection::in, ipv4_packet(1, writer, i));
      --running;
    });
  std::array<std::int64_t, writers> last;
  last.fill(-1);
  std::uint64_t taken = 0;
  for (bool more = true; more;) {
    more = running > 0;
    while (const auto one = tap.take()) {
      const auto writer = *net::Reader(net::View(one->octets).subspan(12)).u32();
      const auto number = *net::Reader(net::View(one->octets).subspan(16)).u32();
      ASSERT_LT(writer, writers);
      ASSERT_GT(number, last[writer]);
      last[writer] = number;
      ++taken;
    }
  }
  EXPECT_EQ(taken + tap.missed(), std::uint64_t{writers} * packets);
}

TEST(Pcap, HeaderAndRecordAreTheFormat) {
  // Magic, version 2.4, zone, accuracy, snaplen 2048, link type; as a little-endian machine writes them.
  const auto header = pcap_header(LinkType::ipv4, 2048);
  const std::vector<unsigned> wanted{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0,   0, 0, 0,
                                     0,    0,    0,    0,    0, 8, 0, 0, 228, 0, 0, 0};
  ASSERT_EQ(header.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(std::to_integer<unsigned>(header[i]), wanted[i]) << i;
  const net::WallTime when(std::chrono::seconds(0x01020304) + std::chrono::microseconds(7));
  const auto record = pcap_record_header(when, 60, 1500);
  const std::vector<unsigned> row{4, 3, 2, 1, 7, 0, 0, 0, 60, 0, 0, 0, 0xdc, 5, 0, 0};
  ASSERT_EQ(record.size(), row.size());
  for (std::size_t i = 0; i < row.size(); ++i) EXPECT_EQ(std::to_integer<unsigned>(record[i]), row[i]) << i;
}

}  // namespace
}  // namespace culvert::dataplane
