// What a tunnel may carry, as pairs of selectors, and what of it two ends can agree on (RFC 7296 §2.9, RFC 4301
// §4.4.1).
//
// A line of an access list is one pair: from here to there. A Child SA has a list for either end, and carries whatever
// goes from any of the one to any of the other: more than its pairs, unless every combination is permitted as well.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ike/traffic_selector.h"

namespace culvert::ike {

struct SelectorPair {
  TrafficSelector local, remote;
  bool operator==(const SelectorPair&) const = default;
};

// The selectors of a Child SA, seen from our end; none is empty.
struct ChildSelectors {
  std::vector<TrafficSelector> local, remote;
  bool operator==(const ChildSelectors&) const = default;
};

inline constexpr std::size_t child_selectors_max = 16;  // of one end

// Every packet from `local` to `remote` is one of a single pair of `policy`. So is a pair of selectors of different
// protocols, since no packet is of both.
bool permits(std::span<const SelectorPair> policy, const TrafficSelector& local, const TrafficSelector& remote);
// Every combination of the Child SA is permitted.
bool permits(std::span<const SelectorPair> policy, const ChildSelectors& child);

// One Child SA for all pairs, in their order, without repeats and without what another covers; at most
// child_selectors_max of an end. Requires: not empty.
ChildSelectors all_of(std::span<const SelectorPair> policy);

bool covers(const ChildSelectors& child, const SelectorPair& pair);
// The pairs of `policy` that none of `children` covers, in their order.
std::vector<SelectorPair> missing(std::span<const SelectorPair> policy, std::span<const ChildSelectors> children);

// What of an offer is permitted, as the responder has to choose it (§2.9): a subset with the first selectors of both
// ends in it wherever these are permitted, and as many others as can be had without a combination that is not.
struct Narrowed {
  ChildSelectors selectors;
  bool others_possible = false;  // more of the offer would do, in a Child SA of its own: ADDITIONAL_TS_POSSIBLE
};
// nullopt: nothing of the offer is permitted.
std::optional<Narrowed> narrow(std::span<const SelectorPair> policy, const ChildSelectors& offer);

}  // namespace culvert::ike
