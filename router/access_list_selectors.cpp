#include "router/access_list_selectors.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <tuple>

#include "router/access_list_rules.h"

namespace culvert::router {
namespace {

using access_lists::Entry;
using ike::SelectorPair;
using ike::TrafficSelector;

bool is_scattered(const access_lists::WildcardAddress& address) {
  return (address.wildcard & (address.wildcard + 1)) != 0;
}

std::optional<std::string_view> unspeakable(const Entry& entry) {
  if (is_scattered(entry.source) || is_scattered(entry.destination)) return "scattered wildcard bits";
  if (!entry.tcp.is_any()) return "TCP flags";
  if (entry.dscp) return "DSCP";
  if (entry.fragments) return "fragments";
  return std::nullopt;
}

TrafficSelector addresses_of(const Entry& entry, const access_lists::WildcardAddress& address) {
  TrafficSelector selector;
  selector.protocol = entry.protocol.value_or(0);
  selector.start = net::Address::v4(address.address & ~address.wildcard);
  selector.end = net::Address::v4(address.address | address.wildcard);
  return selector;
}

TrafficSelector with_ports(TrafficSelector selector, std::uint16_t first, std::uint16_t last) {
  selector.start_port = first;
  selector.end_port = last;
  return selector;
}

// RFC 7296 section 3.13.1: type and code stand for the ports of both ends.
SelectorPair icmp_pair(const Entry& entry, const SelectorPair& addresses) {
  const auto type = static_cast<std::uint16_t>(entry.icmp->type << 8);
  const auto first = static_cast<std::uint16_t>(type | entry.icmp->code.value_or(0));
  const auto last = static_cast<std::uint16_t>(type | entry.icmp->code.value_or(0xff));
  return {with_ports(addresses.local, first, last), with_ports(addresses.remote, first, last)};
}

std::vector<SelectorPair> pairs_of(const Entry& entry) {
  const SelectorPair addresses{addresses_of(entry, entry.source), addresses_of(entry, entry.destination)};
  if (entry.icmp) return {icmp_pair(entry, addresses)};
  std::vector<SelectorPair> pairs;
  for (const auto& source : entry.source_port.ranges())
    for (const auto& destination : entry.destination_port.ranges())
      pairs.push_back({with_ports(addresses.local, source.first, source.last),
                       with_ports(addresses.remote, destination.first, destination.last)});
  return pairs;
}

// Tells pairs apart, and sorts them.
auto key_of(const SelectorPair& pair) {
  const auto end = [](const TrafficSelector& s) {
    return std::tuple(s.protocol, s.start, s.end, s.start_port, s.end_port);
  };
  return std::tuple(end(pair.local), end(pair.remote));
}

TrafficSelector host(std::uint32_t address, std::uint8_t protocol) {
  TrafficSelector selector;
  selector.protocol = protocol;
  selector.start = selector.end = net::Address::v4(address);
  return selector;
}

}  // namespace

ListSelectors selectors_of(const access_lists::AccessList& list) {
  ListSelectors found;
  std::set<decltype(key_of(SelectorPair{}))> known;
  for (const auto& entry : list.entries) {
    if (entry.action == access_lists::Action::deny) continue;
    if (const auto what = unspeakable(entry)) {
      found.unspeakable.push_back({entry.sequence, *what});
      continue;
    }
    for (auto& pair : pairs_of(entry))
      if (known.insert(key_of(pair)).second) found.pairs.push_back(std::move(pair));
  }
  return found;
}

SelectorPair selectors_of(const dataplane::FlowKey& packet) {
  const auto fields = fields_of(packet);
  SelectorPair pair{host(fields.source, fields.protocol), host(fields.destination, fields.protocol)};
  if (fields.transport != access_lists::Transport::shown) return pair;
  if (fields.protocol == access_lists::protocol::icmp) {
    const auto message = static_cast<std::uint16_t>(fields.icmp_type << 8 | fields.icmp_code);
    return {with_ports(pair.local, message, message), with_ports(pair.remote, message, message)};
  }
  if (fields.protocol != access_lists::protocol::tcp && fields.protocol != access_lists::protocol::udp) return pair;
  return {with_ports(pair.local, fields.source_port, fields.source_port),
          with_ports(pair.remote, fields.destination_port, fields.destination_port)};
}

std::vector<net::Prefix> prefixes_of(const TrafficSelector& selector) {
  std::vector<net::Prefix> prefixes;
  if (!selector.start.is_v4() || !selector.end.is_v4()) return prefixes;
  std::uint64_t first = selector.start.v4_value();
  const std::uint64_t last = selector.end.v4_value();
  while (first <= last) {
    const auto aligned = first == 0 ? 32 : std::countr_zero(first);
    const auto fits = std::bit_width(last - first + 1) - 1;
    const auto bits = std::min<int>(aligned, fits);
    prefixes.push_back({net::Address::v4(static_cast<std::uint32_t>(first)), static_cast<std::uint8_t>(32 - bits)});
    first += std::uint64_t{1} << bits;
  }
  return prefixes;
}

}  // namespace culvert::router
