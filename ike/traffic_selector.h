// Traffic selectors as values: cover, intersection and text (RFC 7296 §2.9).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ike/wire/traffic_selectors.h"

namespace culvert::ike {

using wire::TrafficSelector;

// Every packet of `inner` is one of `outer` too.
bool covers(const TrafficSelector& outer, const TrafficSelector& inner);
// Every selector of `inner` lies within one of `outer`.
bool covers(std::span<const TrafficSelector> outer, std::span<const TrafficSelector> inner);

// What both select; nullopt where that is nothing.
std::optional<TrafficSelector> intersection(const TrafficSelector& a, const TrafficSelector& b);
// The parts of `proposed` that `policy` allows, in the order proposed, without repeats, at most 16 (RFC 7296 §2.9).
std::vector<TrafficSelector> narrow(std::span<const TrafficSelector> proposed, std::span<const TrafficSelector> policy);

// "0.0.0.0/0", "10.0.0.1-10.0.0.9 protocol 6 ports 80-80".
std::string to_string(const TrafficSelector& selector);

}  // namespace culvert::ike
