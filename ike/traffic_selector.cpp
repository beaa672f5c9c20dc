#include "ike/traffic_selector.h"

#include <algorithm>

#include <fmt/format.h>

namespace culvert::ike {
namespace {

constexpr std::size_t selectors_kept_max = 16;

bool protocol_covers(std::uint8_t outer, std::uint8_t inner) { return outer == 0 || outer == inner; }

bool ports_cover(const TrafficSelector& outer, const TrafficSelector& inner) {
  if (outer.any_port()) return true;
  if (outer.opaque_ports() || inner.opaque_ports()) return outer.opaque_ports() && inner.opaque_ports();
  return outer.start_port <= inner.start_port && inner.end_port <= outer.end_port;
}

// Narrows the ports of `out` to those of `other`; false where none are left. OPAQUE meets only ANY and OPAQUE.
bool intersect_ports(TrafficSelector& out, const TrafficSelector& other) {
  if (ports_cover(other, out)) return true;
  if (ports_cover(out, other)) {
    out.start_port = other.start_port;
    out.end_port = other.end_port;
    return true;
  }
  if (out.opaque_ports() || other.opaque_ports()) return false;
  out.start_port = std::max(out.start_port, other.start_port);
  out.end_port = std::min(out.end_port, other.end_port);
  return out.start_port <= out.end_port;
}

}  // namespace

bool covers(const TrafficSelector& outer, const TrafficSelector& inner) {
  return outer.start.family() == inner.start.family() && outer.start <= inner.start && inner.end <= outer.end &&
         protocol_covers(outer.protocol, inner.protocol) && ports_cover(outer, inner);
}

bool covers(std::span<const TrafficSelector> outer, std::span<const TrafficSelector> inner) {
  return std::ranges::all_of(inner, [&](const TrafficSelector& one) {
    return std::ranges::any_of(outer, [&](const TrafficSelector& whole) { return covers(whole, one); });
  });
}

std::optional<TrafficSelector> intersection(const TrafficSelector& a, const TrafficSelector& b) {
  if (a.start.family() != b.start.family()) return std::nullopt;
  if (!protocol_covers(a.protocol, b.protocol) && !protocol_covers(b.protocol, a.protocol)) return std::nullopt;
  auto out = a;
  out.protocol = std::max(a.protocol, b.protocol);
  out.start = std::max(a.start, b.start);
  out.end = std::min(a.end, b.end);
  if (out.end < out.start || !intersect_ports(out, b)) return std::nullopt;
  return out;
}

std::vector<TrafficSelector> narrow(std::span<const TrafficSelector> proposed,
                                    std::span<const TrafficSelector> policy) {
  std::vector<TrafficSelector> kept;
  for (const auto& wanted : proposed) {
    for (const auto& allowed : policy) {
      const auto common = intersection(wanted, allowed);
      if (!common || std::ranges::find(kept, *common) != kept.end()) continue;
      if (kept.size() == selectors_kept_max) return kept;
      kept.push_back(*common);
    }
  }
  return kept;
}

std::string to_string(const TrafficSelector& selector) {
  auto text = selector == TrafficSelector::any(selector.start.family())
                  ? fmt::format("{}/0", selector.start)
                  : fmt::format("{}-{}", selector.start, selector.end);
  if (selector.protocol != 0) text += fmt::format(" protocol {}", selector.protocol);
  if (!selector.any_port()) text += fmt::format(" ports {}-{}", selector.start_port, selector.end_port);
  return text;
}

}  // namespace culvert::ike
