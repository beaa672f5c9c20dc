// An access list as pairs of traffic selectors, which IKE negotiates: one pair a permit line, several where the line
// names several ports.
//
// A selector is one range of addresses, one of ports and a protocol. What a line asks beyond that (scattered wildcard
// bits, TCP flags, DSCP, fragments) cannot be negotiated; such a line yields no pair, and what it permits finds no SA.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access-lists/access_list.h"
#include "ike/traffic_policy.h"
#include "ipsec-dataplane/classifier.h"

namespace culvert::router {

struct UnspeakableLine {
  std::uint32_t sequence = 0;
  std::string_view what;  // "scattered wildcard bits"
  bool operator==(const UnspeakableLine&) const = default;
};

struct ListSelectors {
  std::vector<ike::SelectorPair> pairs;  // sources are the local end; without repeats
  std::vector<UnspeakableLine> unspeakable;
};

ListSelectors selectors_of(const access_lists::AccessList& list);

// The packet alone: its addresses, protocol and, where it shows them, its ports or ICMP type and code.
ike::SelectorPair selectors_of(const dataplane::FlowKey& packet);

// The prefixes that make up the addresses of a selector, in order; empty for IPv6.
std::vector<net::Prefix> prefixes_of(const ike::TrafficSelector& selector);

}  // namespace culvert::router
