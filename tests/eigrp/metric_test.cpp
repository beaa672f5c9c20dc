// The figures of RFC 7868 §5.6, of Cisco's documents, and of real routers.
#include "routing/eigrp/metric.h"

#include <gtest/gtest.h>

namespace culvert::routing::eigrp {
namespace {

constexpr auto classic = MetricStyle::classic;
constexpr auto wide = MetricStyle::wide;

LinkMetric link(std::uint64_t kbps, std::uint64_t delay_us) {
  return {.bandwidth_kbps = kbps, .delay_ps = delay_us * 1'000'000};
}
Distance classic_of(std::uint64_t kbps, std::uint64_t delay_us, KValues k = {}) {
  return composite(vector_of(link(kbps, delay_us), classic), k, classic);
}

TEST(Checklist34, Line31_ClassicMetric) {
  EXPECT_EQ(classic_of(1544, 20'000), 2'169'856u);
  EXPECT_EQ(classic_of(128, 12'000), 20'307'200u);
  EXPECT_EQ(classic_of(10'000, 1'000), 281'600u);
  EXPECT_EQ(classic_of(1'000'000, 10), 2'816u);
  EXPECT_EQ(classic_of(1'000'000, 5'010), 130'816u) << "seen on IOS-XE: 172.16.1.2 by way of Gi1";
  EXPECT_EQ(classic_of(1'000'000, 20), 3'072u) << "seen on IOS-XE: 192.168.122.0/24 by way of Gi1";
  EXPECT_EQ(vector_of(link(1544, 0), classic).bandwidth, 256u * 6476) << "10^7/1544 is cut before it is scaled";
}

TEST(Checklist34, Line31_KValues) {
  auto vector = vector_of(link(10'000, 1'000), classic);  // BW 1000, delay 100
  vector.load = 56;
  vector.reliability = 250;
  EXPECT_EQ(composite(vector, {.k1 = 2, .k3 = 3}, classic), 256u * (2000 + 300));
  EXPECT_EQ(composite(vector, {.k1 = 0, .k2 = 3, .k3 = 0}, classic), 256u * (3000 / 200));
  EXPECT_EQ(composite(vector, {.k5 = 0}, classic), 256u * 1100) << "K5 of 0 means a factor of 1";
  EXPECT_EQ(composite(vector, {.k4 = 50, .k5 = 7}, classic), 256u * (1100 * 7 / 300));
}

TEST(Checklist34, Line31_UnreachableByDelay) {
  auto vector = vector_of(link(10'000, 1'000), classic);
  vector.delay = 0xffffffff;
  EXPECT_TRUE(is_unreachable(vector, classic));
  EXPECT_EQ(composite(vector, {}, classic), unreachable);
  EXPECT_EQ(composite(through(vector, link(10'000, 10), classic), {}, classic), unreachable);
  vector.delay = 0xfffffffe;
  EXPECT_EQ(composite(vector, {}, classic), unreachable) << "beyond 32 bits";
  EXPECT_EQ(rib_metric(unreachable, classic, 128), 0xffffffffu);
}

TEST(Metric, PathOfSeveralLinks) {
  auto path = vector_of(link(100'000, 100), classic);
  path = through(path, {.bandwidth_kbps = 1544, .delay_ps = 20'000'000'000, .mtu = 1400, .reliability = 200, .load = 9},
                 classic);
  path = through(path, link(10'000, 1'000), classic);
  EXPECT_EQ(path.bandwidth, 256u * 6476);
  EXPECT_EQ(path.delay, 256u * (10 + 2000 + 100));
  EXPECT_EQ(path.mtu, 1400u);
  EXPECT_EQ(path.reliability, 200);
  EXPECT_EQ(path.load, 9);
  EXPECT_EQ(path.hop_count, 2);
}

TEST(Checklist34, Line32_WideMetric) {
  // Two gigabits, 10 microseconds and a loopback of 8 Gbit/s: 1392640, in the routing table 10880 (IOS-XE).
  const auto loopback = vector_of({.bandwidth_kbps = 8'000'000, .delay_ps = 1'250'000}, wide);
  const auto path = through(loopback, {.bandwidth_kbps = 1'000'000, .delay_ps = 10'000'000}, wide);
  EXPECT_EQ(composite(path, {}, wide), 1'392'640u);
  EXPECT_EQ(rib_metric(1'392'640, wide, 128), 10'880u);
  EXPECT_EQ(rib_metric(UINT64_C(1) << 50, wide, 128), 0xffffffffu);
  const auto gigabit = vector_of({.bandwidth_kbps = 1'000'000, .delay_ps = 10'000'000}, wide);
  EXPECT_EQ(composite(gigabit, {}, wide), 655'360u * 2);
  EXPECT_EQ(composite(poisoned(gigabit, wide), {}, wide), unreachable);
}

TEST(Checklist34, Line32_ExtendedAttributesByK6) {
  const auto octets = [](std::initializer_list<int> values) {
    net::Bytes bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
  };
  // Padding, a tag that is passed over, jitter 258, quiescent energy 5, energy 7, and one cut short.
  const auto attributes =
      octets({0, 0, 2, 2, 0, 0, 0, 9, 4, 3, 0, 0, 0, 0, 1, 2, 5, 2, 0, 0, 0, 5, 6, 2, 0, 0, 0, 7, 6, 9, 1, 1});
  EXPECT_EQ(extended_sum(attributes), 258u + 5 + 7);
  const auto vector = vector_of({.bandwidth_kbps = 1'000'000, .delay_ps = 10'000'000}, wide);
  EXPECT_EQ(composite(vector, {.k6 = 2}, wide, 270), 1'310'720u + 540);
  EXPECT_EQ(composite(vector, {}, wide, 270), 1'310'720u) << "K6 of 0";
}

TEST(Metric, StylesConvert) {
  const auto vector = vector_of(link(1544, 20'000), classic);
  const auto there = converted(vector, classic, wide);
  EXPECT_EQ(there.delay, 20'000'000'000u);
  EXPECT_EQ(converted(there, wide, classic), vector);
  EXPECT_TRUE(is_unreachable(converted(poisoned(vector, classic), classic, wide), wide));
  EXPECT_TRUE(is_unreachable(converted(poisoned(there, wide), wide, classic), classic));
}

TEST(Checklist34, Line33_InterfaceDefaults) {
  struct Case {
    LinkKind kind;
    std::uint64_t hardware_kbps, bandwidth_kbps, classic_ns, wide_ns;
  };
  // §5.6.1.2; tunnels and loopbacks as IOS 17 has them.
  constexpr Case cases[]{{LinkKind::ethernet, 10'000, 10'000, 1'000'000, 1'000'000},
                         {LinkKind::ethernet, 100'000, 100'000, 100'000, 100'000},
                         {LinkKind::ethernet, 1'000'000, 1'000'000, 10'000, 10'000},
                         {LinkKind::ethernet, 2'000'000, 2'000'000, 10'000, 5'000},
                         {LinkKind::ethernet, 10'000'000, 10'000'000, 10'000, 1'000},
                         {LinkKind::ethernet, 100'000'000, 100'000'000, 10'000, 100},
                         {LinkKind::ethernet, 500'000'000, 500'000'000, 10'000, 20},
                         {LinkKind::ethernet, 0, 1'000'000, 10'000, 10'000},
                         {LinkKind::serial, 0, 1'544, 20'000'000, 20'000'000},
                         {LinkKind::serial, 64, 64, 20'000'000, 20'000'000},
                         {LinkKind::tunnel, 0, 100, 50'000'000, 50'000'000},
                         {LinkKind::loopback, 0, 8'000'000, 5'000'000, 1'250}};
  for (const auto& c : cases) {
    EXPECT_EQ(default_link(c.kind, c.hardware_kbps, classic).bandwidth_kbps, c.bandwidth_kbps);
    EXPECT_EQ(default_link(c.kind, c.hardware_kbps, classic).delay_ps, c.classic_ns * 1000) << c.bandwidth_kbps;
    EXPECT_EQ(default_link(c.kind, c.hardware_kbps, wide).delay_ps, c.wide_ns * 1000) << c.bandwidth_kbps;
  }
}

}  // namespace
}  // namespace culvert::routing::eigrp
