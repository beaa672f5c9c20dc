// What waits for an SA: bounds, who gives way, and how often an SA is asked for.
#include "ipsec-dataplane/held_packets.h"

#include <gtest/gtest.h>

namespace culvert::dataplane::test {
namespace {

using namespace std::chrono_literals;
using net::Time;

HeldPacket packet(InterfaceIndex entry, std::uint32_t source, Time since = {}, std::uint32_t destination = 0) {
  return {
      .entry = entry, .flow = {.source = source, .destination = destination}, .meta = {}, .packet = {}, .since = since};
}

TEST(Held, SixteenOfAnEntryThenTheOldestGivesWay) {
  HeldPackets held;
  for (std::uint32_t i = 0; i < HeldPackets::of_entry_max; ++i) EXPECT_FALSE(held.hold(packet(1, i)));
  const auto gone = held.hold(packet(1, 99));
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->flow.source, 0u);
  EXPECT_EQ(held.size(), HeldPackets::of_entry_max);
}

TEST(Held, WhoFloodsLosesHisOwn) {
  HeldPackets held;
  held.hold(packet(1, 5));
  for (std::uint32_t i = 0; i < 1000; ++i) held.hold(packet(1, 7, {}, i));
  const auto rest = held.take_all(1);
  ASSERT_EQ(rest.size(), HeldPackets::of_entry_max);
  EXPECT_EQ(rest.front().flow.source, 5u);
}

TEST(Held, AFullHouseStillTakesANewEntry) {
  HeldPackets held;
  for (InterfaceIndex entry = 1; held.size() < HeldPackets::all_max; ++entry)
    for (std::uint32_t i = 0; i < HeldPackets::of_entry_max; ++i) held.hold(packet(entry, i));
  const auto gone = held.hold(packet(500, 1));
  ASSERT_TRUE(gone);
  EXPECT_NE(gone->entry, 500);
  EXPECT_EQ(held.size(), HeldPackets::all_max);
  EXPECT_EQ(held.take_all(500).size(), 1u);
}

TEST(Held, TimesOutAfterTenSeconds) {
  HeldPackets held;
  const Time start{};
  EXPECT_FALSE(held.deadline());
  held.hold(packet(1, 1, start));
  held.hold(packet(2, 2, start + 1s));
  EXPECT_EQ(held.deadline(), start + 10s);
  EXPECT_TRUE(held.timeout(start + 9s).empty());
  EXPECT_EQ(held.timeout(start + 10s).size(), 1u);
  EXPECT_EQ(held.deadline(), start + 11s);
}

TEST(Held, OnlyWhatIsWantedIsTaken) {
  HeldPackets held;
  for (std::uint32_t i = 0; i < 4; ++i) held.hold(packet(1, i));
  held.hold(packet(2, 0));
  const auto taken = held.take(1, [](const HeldPacket& one) { return one.flow.source % 2 == 0; });
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].flow.source, 0u);
  EXPECT_EQ(taken[1].flow.source, 2u);
  EXPECT_EQ(held.size(), 3u);
}

TEST(Held, AFlowAsksOnceASecondAndTheTableIsBounded) {
  HeldPackets held;
  const Time start{};
  FlowKey flow{.source = 1};
  EXPECT_TRUE(held.request(start, 1, flow));
  EXPECT_FALSE(held.request(start + 999ms, 1, flow));
  EXPECT_TRUE(held.request(start + 999ms, 2, flow));
  EXPECT_TRUE(held.request(start + 1s, 1, flow));
  for (std::uint32_t i = 0; i < 10'000; ++i) held.request(start + 2s, 1, {.source = i});
  EXPECT_LE(held.requests(), HeldPackets::requests_max);
  EXPECT_TRUE(held.request(start + 2s, 3, flow));
}

// Its SA came, and went: the next packet asks anew, however soon.
TEST(Held, AFlowThatHadItsSaAsksAtOnce) {
  HeldPackets held;
  const Time start{};
  held.hold(packet(1, 7));
  EXPECT_TRUE(held.request(start, 1, packet(1, 7).flow));
  EXPECT_EQ(held.take_all(1).size(), 1u);
  EXPECT_TRUE(held.request(start + 1ms, 1, packet(1, 7).flow));
}

}  // namespace
}  // namespace culvert::dataplane::test
