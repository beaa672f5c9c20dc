#include "access-lists/access_list.h"

#include <algorithm>
#include <charconv>

namespace culvert::access_lists {
namespace {

// The ports that are not among `ranges`, which are disjoint and ascending.
std::vector<PortRange> all_but(const std::vector<PortRange>& ranges) {
  std::vector<PortRange> rest;
  std::uint32_t next = 0;
  for (const auto& range : ranges) {
    if (range.first > next)
      rest.push_back({static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(range.first - 1)});
    next = range.last + 1u;
  }
  if (next <= 0xffff) rest.push_back({static_cast<std::uint16_t>(next), 0xffff});
  return rest;
}

std::vector<PortRange> single_ports(std::vector<std::uint16_t> ports) {
  std::ranges::sort(ports);
  ports.erase(std::ranges::unique(ports).begin(), ports.end());
  std::vector<PortRange> all;
  for (const auto port : ports) all.push_back({port, port});
  return all;
}

bool matches_icmp(const Entry& entry, const PacketFields& packet) {
  if (!entry.icmp) return true;
  return entry.icmp->type == packet.icmp_type && entry.icmp->code.value_or(packet.icmp_code) == packet.icmp_code;
}

bool matches_transport(const Entry& entry, const PacketFields& packet) {
  return entry.source_port.matches(packet.source_port) && entry.destination_port.matches(packet.destination_port) &&
         matches_icmp(entry, packet) && entry.tcp.matches(packet.tcp_flags);
}

}  // namespace

bool PortMatch::matches(std::uint16_t port) const {
  const auto among = [&] { return std::ranges::find(ports, port) != ports.end(); };
  switch (op) {
    case PortOperator::any: return true;
    case PortOperator::eq: return among();
    case PortOperator::neq: return !among();
    case PortOperator::lt: return port < ports[0];
    case PortOperator::gt: return port > ports[0];
    case PortOperator::range: return ports[0] <= port && port <= ports[1];
  }
  return false;
}

std::vector<PortRange> PortMatch::ranges() const {
  const auto below = [](unsigned last) { return static_cast<std::uint16_t>(last); };
  switch (op) {
    case PortOperator::any: return {PortRange{}};
    case PortOperator::eq: return single_ports(ports);
    case PortOperator::neq: return all_but(single_ports(ports));
    case PortOperator::lt:
      return ports[0] == 0 ? std::vector<PortRange>{} : std::vector{PortRange{0, below(ports[0] - 1u)}};
    case PortOperator::gt:
      return ports[0] == 0xffff ? std::vector<PortRange>{} : std::vector{PortRange{below(ports[0] + 1u), 0xffff}};
    case PortOperator::range: return {PortRange{ports[0], ports[1]}};
  }
  return {};
}

bool TcpFlagMatch::matches(std::uint8_t flags) const {
  if (is_any()) return true;
  if (established && (flags & (tcp_flag::ack | tcp_flag::rst)) != 0) return true;
  if (all && !established) return (flags & set) == set && (flags & clear) == 0;
  return (flags & set) != 0 || (~flags & clear) != 0;
}

bool Entry::tests_transport() const {
  return source_port.op != PortOperator::any || destination_port.op != PortOperator::any || icmp || !tcp.is_any();
}

std::optional<Kind> kind_of_number(std::string_view name) {
  unsigned number = 0;
  const auto* end = name.data() + name.size();
  if (const auto [stop, error] = std::from_chars(name.data(), end, number); error != std::errc{} || stop != end)
    return std::nullopt;
  const auto within = [number](unsigned low, unsigned high) { return low <= number && number <= high; };
  if (within(1, 99) || within(1300, 1999)) return Kind::standard;
  if (within(100, 199) || within(2000, 2699)) return Kind::extended;
  return std::nullopt;
}

bool matches(const Entry& entry, const PacketFields& packet) {
  if (entry.protocol && *entry.protocol != packet.protocol) return false;
  if (!entry.source.matches(packet.source) || !entry.destination.matches(packet.destination)) return false;
  if (entry.dscp && *entry.dscp != packet.dscp) return false;
  if (entry.fragments) return packet.transport == Transport::later_fragment;
  if (!entry.tests_transport()) return true;
  switch (packet.transport) {
    case Transport::shown: return matches_transport(entry, packet);
    case Transport::later_fragment: return entry.action == Action::permit;
    case Transport::truncated: return entry.action == Action::deny;
  }
  return false;
}

const Entry* first_match(const AccessList& list, const PacketFields& packet) {
  const auto found = std::ranges::find_if(list.entries, [&](const Entry& entry) { return matches(entry, packet); });
  return found == list.entries.end() ? nullptr : &*found;
}

}  // namespace culvert::access_lists
