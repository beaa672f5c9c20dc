// Selector checks: four comparisons a range, and none at all where everything is allowed.
#include "ipsec-dataplane/selectors.h"

#include <algorithm>
#include <cassert>

namespace culvert::dataplane {

namespace {

constexpr std::uint8_t icmp = 1;
constexpr std::uint32_t no_ports = 0x10000;  // above every port

std::uint32_t number(std::span<const std::byte> octets) {
  std::uint32_t value = 0;
  for (const auto octet : octets) value = value << 8 | std::to_integer<std::uint32_t>(octet);
  return value;
}

bool has_ports(std::uint8_t protocol) {
  constexpr std::uint8_t protocols[]{6, 17, 33, 132, 136};  // TCP, UDP, DCCP, SCTP, UDP-Lite
  return std::ranges::find(protocols, protocol) != std::end(protocols);
}

struct Ports {
  std::uint32_t source = no_ports, destination = no_ports;
};

// ICMP's type and code stand for both ports (RFC 7296 section 3.13.1).
Ports ports_of(std::span<const std::byte> packet, std::size_t header_octets, std::uint8_t protocol) {
  const bool later_fragment = (number(packet.subspan(6, 2)) & 0x1fff) != 0;
  const auto payload = packet.subspan(header_octets);
  if (later_fragment || payload.size() < 4) return {};
  if (protocol == icmp) return {number(payload.first(2)), number(payload.first(2))};
  if (!has_ports(protocol)) return {};
  return {number(payload.first(2)), number(payload.subspan(2, 2))};
}

bool is_any(const SaSelector& s) {
  return s.first == net::Address::v4(0) && s.last == net::Address::v4(0xffffffff) && s.port_first == 0 &&
         s.port_last == 65535 && s.protocol == 0;
}

bool allows_all(const std::vector<SaSelector>& selectors) {
  return selectors.empty() || std::ranges::any_of(selectors, is_any);
}

}  // namespace

SelectorPair::SelectorPair(const SaParameters& parameters)
    : sources_(ranges_of(parameters.local_selectors)),
      destinations_(ranges_of(parameters.remote_selectors)),
      all_(allows_all(parameters.local_selectors) && allows_all(parameters.remote_selectors)) {
  if (parameters.direction == SaDirection::inbound) std::swap(sources_, destinations_);
}

std::vector<SelectorPair::Range> SelectorPair::ranges_of(const std::vector<SaSelector>& selectors) {
  if (selectors.empty()) return {Range{0, 0xffffffff, 0, 65535, 0}};
  std::vector<Range> ranges;
  for (const auto& s : selectors)
    if (s.first.is_v4() && s.last.is_v4())
      ranges.push_back({s.first.v4_value(), s.last.v4_value(), s.port_first, s.port_last, s.protocol});
  return ranges;
}

bool SelectorPair::names_ports() const {
  const auto narrowed = [](const Range& r) { return r.port_first != 0 || r.port_last != 65535; };
  return !all_ && (std::ranges::any_of(sources_, narrowed) || std::ranges::any_of(destinations_, narrowed));
}

bool SelectorPair::takes(std::span<const std::byte> packet, std::size_t header_octets) const {
  assert(packet.size() >= header_octets && header_octets >= 20);
  const auto protocol = std::to_integer<std::uint8_t>(packet[9]);
  const auto ports = ports_of(packet, header_octets, protocol);
  const auto in_any = [&](const std::vector<Range>& ranges, std::uint32_t address, std::uint32_t port) {
    return std::ranges::any_of(ranges, [&](const Range& r) {
      const bool any_port = r.port_first == 0 && r.port_last == 65535;
      return address >= r.first && address <= r.last && (r.protocol == 0 || r.protocol == protocol) &&
             (any_port || (port >= r.port_first && port <= r.port_last));
    });
  };
  return in_any(sources_, number(packet.subspan(12, 4)), ports.source) &&
         in_any(destinations_, number(packet.subspan(16, 4)), ports.destination);
}

}  // namespace culvert::dataplane
