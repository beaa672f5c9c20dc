#include "routing/eigrp/metric.h"

#include <algorithm>

namespace culvert::routing::eigrp {
namespace {

constexpr std::uint64_t ten_microseconds_ps = 10'000'000;
constexpr std::uint64_t bandwidth_unit = 10'000'000;  // EIGRP_BANDWIDTH, §5.6.2.2
constexpr std::uint64_t classic_scale = 256;
constexpr std::uint64_t wide_scale = 65536;
constexpr std::uint64_t delay_pico = 1'000'000;
constexpr Distance classic_limit = 0xffffffff;

std::uint64_t delay_limit(MetricStyle style) {
  return style == MetricStyle::classic ? wire::Metric::unreachable_classic : wire::Metric::unreachable_wide;
}

// Truncated before it is scaled, §5.6.1.1.
std::uint64_t scaled_bandwidth(std::uint64_t kbps) {
  return classic_scale * (bandwidth_unit / std::max<std::uint64_t>(kbps, 1));
}
std::uint64_t scaled_delay(std::uint64_t ps) { return classic_scale * (ps / ten_microseconds_ps); }

std::uint64_t worse_bandwidth(std::uint64_t a, std::uint64_t b, MetricStyle style) {
  return style == MetricStyle::classic ? std::max(a, b) : std::min(a, b);
}

Distance classic_composite(const wire::Metric& m, const KValues& k) {
  const auto loaded = k.k2 * (m.bandwidth / classic_scale) / (256 - m.load);
  Distance sum = k.k1 * m.bandwidth + classic_scale * loaded + k.k3 * m.delay;
  if (k.k5 != 0) sum = classic_scale * (sum / classic_scale * k.k5 / std::max(m.reliability + k.k4, 1));
  return sum >= classic_limit ? unreachable : sum;
}

Distance wide_composite(const wire::Metric& m, const KValues& k, std::uint64_t extended) {
  const auto throughput = bandwidth_unit * wide_scale / std::max<std::uint64_t>(m.bandwidth, 1);
  const auto net = k.k1 * throughput + k.k2 * throughput / (256 - m.load);
  const auto latency = m.delay / delay_pico * wide_scale + m.delay % delay_pico * wide_scale / delay_pico;
  Distance sum = net + k.k3 * latency + k.k6 * std::min<std::uint64_t>(extended, wire::Metric::unreachable_wide);
  if (k.k5 != 0) sum = sum * k.k5 / std::max<std::uint64_t>(m.reliability + k.k4, 1);
  return sum;
}

// The classic delay of §5.6.1.2 is 10 microseconds from a gigabit on; the wide one goes on falling.
std::uint64_t ethernet_delay_ps(std::uint64_t kbps, MetricStyle style) {
  if (kbps < 100'000) return 1'000'000'000;
  if (kbps < 1'000'000) return 100'000'000;
  return style == MetricStyle::wide ? std::max<std::uint64_t>(10'000'000'000'000 / kbps, 1) : ten_microseconds_ps;
}

std::uint64_t number(net::View octets) {
  std::uint64_t value = 0;
  for (const auto octet : octets) value = value << 8 | std::to_integer<std::uint64_t>(octet);
  return value;
}

}  // namespace

LinkMetric default_link(LinkKind kind, std::uint64_t bandwidth_kbps, MetricStyle style) {
  switch (kind) {
    case LinkKind::serial:
      return {.bandwidth_kbps = bandwidth_kbps ? bandwidth_kbps : 1544, .delay_ps = 20'000'000'000};
    case LinkKind::tunnel: return {.bandwidth_kbps = 100, .delay_ps = 50'000'000'000, .mtu = 17916};
    case LinkKind::loopback:
      return {.bandwidth_kbps = 8'000'000,
              .delay_ps = style == MetricStyle::wide ? 1'250'000u : 5'000'000'000u,
              .mtu = 1514};
    case LinkKind::ethernet: break;
  }
  const auto kbps = bandwidth_kbps ? bandwidth_kbps : 1'000'000;
  return {.bandwidth_kbps = kbps, .delay_ps = ethernet_delay_ps(kbps, style)};
}

wire::Metric vector_of(const LinkMetric& link, MetricStyle style) {
  const bool classic = style == MetricStyle::classic;
  return {
      .delay = std::min(classic ? scaled_delay(link.delay_ps) : link.delay_ps, delay_limit(style) - 1),
      .bandwidth = classic ? scaled_bandwidth(link.bandwidth_kbps) : std::max<std::uint64_t>(link.bandwidth_kbps, 1),
      .mtu = std::min<std::uint32_t>(link.mtu, 0xffffff),
      .reliability = link.reliability,
      .load = link.load};
}

wire::Metric through(const wire::Metric& reported, const LinkMetric& link, MetricStyle style) {
  const auto own = vector_of(link, style);
  auto sum = reported;
  sum.delay = std::min(reported.delay + own.delay, delay_limit(style));
  sum.bandwidth = worse_bandwidth(reported.bandwidth, own.bandwidth, style);
  sum.mtu = std::min(reported.mtu, own.mtu);
  sum.reliability = std::min(reported.reliability, own.reliability);
  sum.load = std::max(reported.load, own.load);
  if (sum.hop_count < 255) ++sum.hop_count;
  return sum;
}

bool is_unreachable(const wire::Metric& metric, MetricStyle style) { return metric.delay >= delay_limit(style); }

wire::Metric poisoned(wire::Metric metric, MetricStyle style) {
  metric.delay = delay_limit(style);
  return metric;
}

Distance composite(const wire::Metric& metric, const KValues& k, MetricStyle style, std::uint64_t extended) {
  if (is_unreachable(metric, style)) return unreachable;
  return style == MetricStyle::classic ? classic_composite(metric, k) : wide_composite(metric, k, extended);
}

std::uint64_t extended_sum(net::View attributes) {
  constexpr std::uint8_t jitter = 4, quiescent_energy = 5, energy = 6;
  std::uint64_t sum = 0;
  net::Reader reader(attributes);
  while (reader.left() >= 2) {
    const auto kind = *reader.u8();
    const auto value = reader.take(*reader.u8() * 2u);
    if (!value) break;
    if (kind == jitter || kind == quiescent_energy || kind == energy)
      sum += number(value->first(std::min<std::size_t>(value->size(), 6)));
  }
  return sum;
}

std::uint32_t rib_metric(Distance distance, MetricStyle style, std::uint32_t rib_scale) {
  const auto scaled =
      style == MetricStyle::wide && distance != unreachable ? distance / std::max(rib_scale, 1u) : distance;
  return static_cast<std::uint32_t>(std::min<Distance>(scaled, classic_limit));
}

wire::Metric converted(const wire::Metric& metric, MetricStyle from, MetricStyle to) {
  if (from == to) return metric;
  auto other = metric;
  if (to == MetricStyle::wide) {
    other.bandwidth = classic_scale * bandwidth_unit / std::max<std::uint64_t>(metric.bandwidth, 1);
    other.delay = metric.delay * ten_microseconds_ps / classic_scale;
  } else {
    other.bandwidth = scaled_bandwidth(metric.bandwidth);
    other.delay = std::min(scaled_delay(metric.delay), delay_limit(to) - 1);
    other.flags &= 0xff;
  }
  return is_unreachable(metric, from) ? poisoned(other, to) : other;
}

}  // namespace culvert::routing::eigrp
