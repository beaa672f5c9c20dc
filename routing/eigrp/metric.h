// The metric: what a link costs, how costs add up along a path, and the one number DUAL compares (RFC 7868 §5.5, §5.6).
//
// A path's cost is a vector (wire::Metric) in the units of its style: classic vectors are scaled by 256 and make a
// 32-bit number, wide ones are in kbit/s and picoseconds and make a 64-bit one. Costs of the two styles are never
// compared: an engine converts what comes in the other style.
#pragma once

#include <cstdint>

#include "routing/eigrp/wire/route.h"
#include "routing/eigrp/wire/tlv.h"

namespace culvert::routing::eigrp {

enum class MetricStyle : std::uint8_t { classic, wide };

// §5.5. All neighbours must agree.
struct KValues {
  std::uint8_t k1 = 1, k2 = 0, k3 = 1, k4 = 0, k5 = 0, k6 = 0;
  bool operator==(const KValues&) const = default;
};

// A distance: the composite metric, or unreachable, which is greater than any other.
using Distance = std::uint64_t;
inline constexpr Distance unreachable = UINT64_MAX;

// What an interface adds to the routes that come in by it.
struct LinkMetric {
  std::uint64_t bandwidth_kbps = 1'000'000;  // 1 and above
  std::uint64_t delay_ps = 10'000'000;       // picoseconds; classic metrics count whole tens of microseconds
  std::uint32_t mtu = 1500;
  std::uint8_t reliability = 255;  // of 255
  std::uint8_t load = 1;           // of 255
  bool operator==(const LinkMetric&) const = default;
};

enum class LinkKind : std::uint8_t { ethernet, serial, tunnel, loopback };
// What an interface costs that nobody has configured, by the table of §5.6.1.2; tunnels and loopbacks as IOS 17 has
// them. `bandwidth_kbps` is what the hardware of an Ethernet tells; 0: the usual of its kind.
LinkMetric default_link(LinkKind kind, std::uint64_t bandwidth_kbps, MetricStyle style);

// The vector of a directly connected network, whose cost is the link's own; no hops yet.
wire::Metric vector_of(const LinkMetric& link, MetricStyle style);

// The vector of `reported` after one more link, §5.6.2.1: the least bandwidth, MTU and reliability, the greatest load,
// the sum of delays, one hop more. Unreachable stays unreachable.
wire::Metric through(const wire::Metric& reported, const LinkMetric& link, MetricStyle style);

bool is_unreachable(const wire::Metric& metric, MetricStyle style);
// The same destination, withdrawn: a delay without end.
wire::Metric poisoned(wire::Metric metric, MetricStyle style);

// The composite, §5.6.1.1 or §5.6.2.5; `unreachable` for an unreachable vector and for what exceeds 32 bits (classic).
// `extended` is the sum of the extended attributes, which K6 weighs; classic vectors have none.
Distance composite(const wire::Metric& metric, const KValues& k, MetricStyle style, std::uint64_t extended = 0);

// Jitter and energy among the attributes of a wide route (§6.9.3), added up. Those not known are passed over.
std::uint64_t extended_sum(net::View attributes);

// What the routing table shows: wide composites are divided by `rib_scale`, and 32 bits are the limit.
std::uint32_t rib_metric(Distance distance, MetricStyle style, std::uint32_t rib_scale);

// A vector of the other style, as near as its units allow.
wire::Metric converted(const wire::Metric& metric, MetricStyle from, MetricStyle to);

}  // namespace culvert::routing::eigrp
