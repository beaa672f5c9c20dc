#include "ike/traffic_policy.h"

#include <algorithm>
#include <cassert>

namespace culvert::ike {
namespace {

constexpr std::size_t candidates_max = 64;  // bounds what an offer can cost; more go into further Child SAs

bool disjoint_protocols(const TrafficSelector& a, const TrafficSelector& b) {
  return a.protocol != 0 && b.protocol != 0 && a.protocol != b.protocol;
}

bool covers_pair(const SelectorPair& outer, const SelectorPair& inner) {
  return covers(outer.local, inner.local) && covers(outer.remote, inner.remote);
}

bool any_covers(std::span<const TrafficSelector> outer, const TrafficSelector& inner) {
  return std::ranges::any_of(outer, [&](const TrafficSelector& one) { return covers(one, inner); });
}

// Adds what is not covered yet, and takes away what it covers.
void add_maximal(std::vector<TrafficSelector>& kept, const TrafficSelector& added) {
  if (any_covers(kept, added)) return;
  std::erase_if(kept, [&](const TrafficSelector& old) { return covers(added, old); });
  kept.push_back(added);
}

void add_maximal(std::vector<SelectorPair>& kept, const SelectorPair& added) {
  if (std::ranges::any_of(kept, [&](const SelectorPair& old) { return covers_pair(old, added); })) return;
  std::erase_if(kept, [&](const SelectorPair& old) { return covers_pair(added, old); });
  kept.push_back(added);
}

std::vector<TrafficSelector> parts_within(std::span<const TrafficSelector> offered, const TrafficSelector& allowed) {
  std::vector<TrafficSelector> parts;
  for (const auto& one : offered)
    if (const auto common = intersection(one, allowed)) add_maximal(parts, *common);
  return parts;
}

// Permitted parts of the offer, none of which covers another.
std::vector<SelectorPair> candidates(std::span<const SelectorPair> policy, const ChildSelectors& offer) {
  std::vector<SelectorPair> found;
  for (const auto& line : policy) {
    const auto remotes = parts_within(offer.remote, line.remote);
    if (remotes.empty()) continue;
    for (const auto& local : parts_within(offer.local, line.local))
      for (const auto& remote : remotes)
        if (found.size() < candidates_max && !disjoint_protocols(local, remote)) add_maximal(found, {local, remote});
  }
  return found;
}

ChildSelectors with(ChildSelectors child, const SelectorPair& more) {
  add_maximal(child.local, more.local);
  add_maximal(child.remote, more.remote);
  return child;
}

bool fits(const ChildSelectors& child) {
  return child.local.size() <= child_selectors_max && child.remote.size() <= child_selectors_max;
}

}  // namespace

bool permits(std::span<const SelectorPair> policy, const TrafficSelector& local, const TrafficSelector& remote) {
  if (disjoint_protocols(local, remote)) return true;
  return std::ranges::any_of(policy, [&](const SelectorPair& line) { return covers_pair(line, {local, remote}); });
}

bool permits(std::span<const SelectorPair> policy, const ChildSelectors& child) {
  return std::ranges::all_of(child.local, [&](const TrafficSelector& local) {
    return std::ranges::all_of(child.remote,
                               [&](const TrafficSelector& remote) { return permits(policy, local, remote); });
  });
}

ChildSelectors all_of(std::span<const SelectorPair> policy) {
  assert(!policy.empty());
  ChildSelectors all;
  for (const auto& line : policy)
    if (auto more = with(all, line); fits(more)) all = std::move(more);
  return all;
}

bool covers(const ChildSelectors& child, const SelectorPair& pair) {
  return any_covers(child.local, pair.local) && any_covers(child.remote, pair.remote);
}

std::vector<SelectorPair> missing(std::span<const SelectorPair> policy, std::span<const ChildSelectors> children) {
  std::vector<SelectorPair> out;
  for (const auto& line : policy)
    if (std::ranges::none_of(children, [&](const ChildSelectors& child) { return covers(child, line); }))
      out.push_back(line);
  return out;
}

std::optional<Narrowed> narrow(std::span<const SelectorPair> policy, const ChildSelectors& offer) {
  if (offer.local.empty() || offer.remote.empty()) return std::nullopt;
  auto parts = candidates(policy, offer);
  if (parts.empty()) return std::nullopt;
  const SelectorPair first{offer.local.front(), offer.remote.front()};
  std::ranges::stable_partition(parts, [&](const SelectorPair& part) { return covers_pair(part, first); });
  Narrowed out;
  for (const auto& part : parts) {
    auto more = with(out.selectors, part);
    if (fits(more) && permits(policy, more)) {
      out.selectors = std::move(more);
    } else {
      out.others_possible = true;
    }
  }
  return out;
}

}  // namespace culvert::ike
