// A flood of one kind leaves the other kinds their queues (ATTACKS A15: ARP and rekeys go on under an IKE flood).
#include <gtest/gtest.h>

#include <map>

#include "ipsec-dataplane/punt_queues.h"
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
  EXPECT_GE(flood(PuntReason::ike_init), 60u);
  for (const auto reason : {PuntReason::arp, PuntReason::want_neighbor, PuntReason::icmp, PuntReason::ike})
    EXPECT_TRUE(offer(reason)) << static_cast<int>(reason);
  const auto taken = take(64);
  EXPECT_EQ(taken.size(), 5u);
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

// Which requests count as a newcomer's: the exchange type, the response flag and the responder's SPI tell.
TEST_F(Punts, NewcomersAreToldFromOtherIke) {
  const auto ike = [](std::uint16_t port, std::uint8_t exchange, std::uint8_t flags, std::uint8_t responder) {
    net::Bytes message(port == 4500 ? 4 : 0);
    net::Writer out(message);
    out.u64(0x1122334455667788);
    out.zeros(7);
    out.u8(responder);
    out.u8(33);
    out.u8(0x20);
    out.u8(exchange);
    out.u8(flags);
    out.zeros(8);
    auto datagram = udp(port, message.size());
    std::ranges::copy(message, datagram.begin() + 8);
    return datagram;
  };
  const auto reason_of = [](const net::Bytes& datagram) {
    Plane one;
    auto& p = one.arrive(framed(build({.destination = 0x0a010001, .options = {}, .payload = datagram})));
    one.run();
    return meta(p).punt;
  };
  for (const std::uint16_t port : {500, 4500}) {
    EXPECT_EQ(reason_of(ike(port, 34, 0x08, 0)), PuntReason::ike_init);
    EXPECT_EQ(reason_of(ike(port, 34, 0x20, 1)), PuntReason::ike);  // the response that an initiator waits for
    EXPECT_EQ(reason_of(ike(port, 35, 0x08, 1)), PuntReason::ike);
    EXPECT_EQ(reason_of(ike(port, 36, 0x08, 0)), PuntReason::ike);
  }
  EXPECT_EQ(reason_of(udp(500, 10)), PuntReason::ike);
}

}  // namespace
}  // namespace culvert::dataplane::test
