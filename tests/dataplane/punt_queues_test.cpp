// A flood of one kind leaves the other kinds their queues (ATTACKS A15: ARP and rekeys go on under an IKE flood).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "ipsec-dataplane/ike_spis.h"
#include "ipsec-dataplane/punt_queues.h"
#include "net/random.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {
namespace {

class Punts : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(queues.open("test_punt", 1024)); }
  void TearDown() override {
    std::array<void*, 64> out;
    while (const auto count = queues.take(out))
      for (unsigned i = 0; i < count; ++i) rte_pktmbuf_free(static_cast<Packet*>(out[i]));
  }
  bool offer(PuntReason reason) {
    auto* packet = rte_pktmbuf_alloc(plane.pool);
    meta(*packet) = Meta{};
    meta(*packet).punt = reason;
    if (queues.offer(packet)) return true;
    rte_pktmbuf_free(packet);
    return false;
  }
  // Offers until the queue is full, and returns how many it took.
  unsigned flood(PuntReason reason) {
    unsigned count = 0;
    while (offer(reason)) ++count;
    return count;
  }
  std::map<PuntReason, unsigned> take(std::size_t most) {
    std::vector<void*> out(most);
    std::map<PuntReason, unsigned> seen;
    const auto count = queues.take(out);
    for (unsigned i = 0; i < count; ++i) {
      auto* packet = static_cast<Packet*>(out[i]);
      ++seen[meta(*packet).punt];
      rte_pktmbuf_free(packet);
    }
    return seen;
  }

  Plane plane;
  PuntQueues queues;
};

TEST_F(Punts, FloodOfNewcomersLeavesRoomForTheRest) {
  EXPECT_GE(flood(PuntReason::ike_stranger), 60u);
  for (const auto reason :
       {PuntReason::arp, PuntReason::want_neighbor, PuntReason::icmp, PuntReason::ike_half_open, PuntReason::ike})
    EXPECT_TRUE(offer(reason)) << static_cast<int>(reason);
  const auto taken = take(64);
  EXPECT_EQ(taken.size(), 6u);
  EXPECT_EQ(taken.at(PuntReason::arp), 1u);
  EXPECT_FALSE(queues.empty());
}

// Anybody on a wire can send these; who has neighbors there still rekeys, resolves and pings.
TEST_F(Punts, FloodOfEigrpStarvesNoOther) {
  EXPECT_GE(flood(PuntReason::eigrp), 60u);
  for (int other = 0; other < static_cast<int>(PuntReason::count); ++other)
    if (static_cast<PuntReason>(other) != PuntReason::eigrp) {
      EXPECT_TRUE(offer(static_cast<PuntReason>(other))) << other;
    }
  const auto taken = take(64);
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(PuntReason::count));
  EXPECT_LE(taken.at(PuntReason::eigrp), 64u / static_cast<unsigned>(PuntReason::count));
}

TEST_F(Punts, TogetherTheyHoldNoMoreThanHalfOfTheBuffers) {
  unsigned all = 0;
  for (int reason = 0; reason < static_cast<int>(PuntReason::count); ++reason)
    all += flood(static_cast<PuntReason>(reason));
  EXPECT_LE(all, 512u);
}

constexpr std::uint64_t standing = 0x1122334455667788, begun = 0x8877665544332210;

// An IKE message between these SPIs; on 4500 with its marker.
net::Bytes ike(std::uint16_t port, std::uint64_t initiator, std::uint64_t responder) {
  net::Bytes message(port == 4500 ? 4 : 0);
  net::Writer out(message);
  out.u64(initiator);
  out.u64(responder);
  out.zeros(12);
  auto datagram = udp(port, message.size());
  std::ranges::copy(message, datagram.begin() + 8);
  return datagram;
}

class IkePunts : public Punts {
 protected:
  IkePunts() {
    spis.set(standing, false);
    spis.set(begun, true);
  }
  PuntReason reason_of(const net::Bytes& datagram) {
    Plane one;
    one.worker.ike_spis = &spis;
    auto& p = one.arrive(framed(build({.destination = 0x0a010001, .options = {}, .payload = datagram})));
    one.run();
    return meta(p).punt;
  }
  IkeSpis spis;
};

// The SPIs of a message tell, whichever end drew them.
TEST_F(IkePunts, WhatBelongsToAnSaIsToldFromTheRest) {
  for (const std::uint16_t port : {500, 4500}) {
    EXPECT_EQ(reason_of(ike(port, standing, 7)), PuntReason::ike);
    EXPECT_EQ(reason_of(ike(port, 7, standing)), PuntReason::ike);
    EXPECT_EQ(reason_of(ike(port, standing, begun)), PuntReason::ike);
    EXPECT_EQ(reason_of(ike(port, 7, begun)), PuntReason::ike_half_open);
    EXPECT_EQ(reason_of(ike(port, 7, 0)), PuntReason::ike_stranger);
    EXPECT_EQ(reason_of(ike(port, 7, 9)), PuntReason::ike_stranger);
    EXPECT_EQ(reason_of(ike(port, 0, 0)), PuntReason::ike_stranger);
  }
  EXPECT_EQ(reason_of(udp(500, 10)), PuntReason::ike_stranger);
  spis.set(begun, false);
  EXPECT_EQ(reason_of(ike(500, 7, begun)), PuntReason::ike);
  spis.erase(standing);
  EXPECT_EQ(reason_of(ike(500, 7, standing)), PuntReason::ike_stranger);
}

// Messages of no SA, or of one that a stranger began, leave the SAs that stand their room.
TEST_F(IkePunts, FloodOfForgedIkeLeavesRoomForWhatStands) {
  net::SeededRandom random(1);
  for (int i = 0; i < 1000; ++i) {
    Plane one;
    one.worker.ike_spis = &spis;
    auto& p = one.arrive(framed(build(
        {.destination = 0x0a010001, .options = {}, .payload = ike(500, random.u64(), i % 2 ? random.u64() : begun)})));
    one.run();
    ASSERT_NE(meta(p).punt, PuntReason::ike);
    offer(meta(p).punt);
  }
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(offer(PuntReason::ike));
  EXPECT_FALSE(offer(PuntReason::ike_stranger));
  EXPECT_FALSE(offer(PuntReason::ike_half_open));
}

// Ten thousand SAs at once: nearly all are remembered, and none that is gone.
TEST(IkeSpisTest, ManyComeAndGo) {
  net::SeededRandom random(2);
  IkeSpis spis;
  std::vector<std::uint64_t> all(10'000);
  for (auto& spi : all) spis.set(spi = random.u64(), false);
  const auto known = std::ranges::count_if(all, [&](auto spi) { return spis.of(0, spi) == IkeStanding::known; });
  EXPECT_GT(known, 9'900);
  for (const auto spi : all) spis.erase(spi);
  for (const auto spi : all) EXPECT_EQ(spis.of(spi, 0), IkeStanding::stranger);
}

}  // namespace
}  // namespace culvert::dataplane::test
