// Where a path leads: its next hops, each down to an interface.
#include <algorithm>
#include <numeric>

#include "routing/rib/rib.h"

namespace culvert::routing {

namespace {

// A gateway found through a gateway found through ...: more levels than any sane configuration has.
constexpr std::size_t recursion_max = 8;
// Prefixes that one question may look at; only routes that lead through each other need so many.
constexpr int visits_max = 256;
constexpr const char* null_interface = "Null0";
// Of a share that is divided among several ways: many numbers divide it without a rest.
constexpr std::uint64_t parts = 5040;

// Sorted, each once, the weights without a common divisor.
NextHops tidy(NextHops hops) {
  for (auto& hop : hops) hop.metric = 0;
  std::ranges::sort(hops);
  NextHops all;
  for (auto& hop : hops) {
    const bool same = !all.empty() && all.back().gateway == hop.gateway && all.back().interface == hop.interface;
    if (same)
      all.back().weight += hop.weight;
    else
      all.push_back(std::move(hop));
  }
  if (all.size() > Rib::paths_max) all.resize(Rib::paths_max);
  std::uint32_t divisor = 0;
  for (const auto& hop : all) divisor = std::gcd(divisor, hop.weight);
  for (auto& hop : all) hop.weight /= divisor;
  return all;
}

// The ways to a next hop divide its share among them.
void append(NextHops& all, const NextHop& hop, const NextHops& ways) {
  std::uint64_t sum = 0;
  for (const auto& way : ways) sum += way.weight;
  for (const auto& way : ways) {
    const auto share = std::max<std::uint64_t>(hop.weight * parts * way.weight / sum, 1);
    all.push_back({way.gateway ? way.gateway : hop.gateway, way.interface, static_cast<std::uint32_t>(share)});
  }
}

}  // namespace

bool Rib::usable(const Path& path, const NextHop& hop) const {
  return path.permanent || hop.interface == null_interface || usable_.contains(hop.interface);
}

// Not empty unless the path leads nowhere.
NextHops Rib::resolve(const Path& path, Walk& walk) const {
  NextHops all;
  for (const auto& hop : path.next_hops) {
    if (hop.weight == 0) continue;
    if (hop.interface.empty())
      append(all, hop, through(*hop.gateway, walk));
    else if (usable(path, hop))
      append(all, hop, {{hop.gateway, hop.interface}});
  }
  return tidy(std::move(all));
}

// Through the longest prefix that leads anywhere and is not one that the walk came by.
NextHops Rib::through(net::Address gateway, Walk& walk) const {
  if (walk.stack.size() - walk.begun_with >= recursion_max) return {};
  for (int length = static_cast<int>(gateway.bits()); length >= 0; --length) {
    if (by_length_[static_cast<std::size_t>(length)] == 0) continue;
    const auto prefix = net::Prefix{gateway, static_cast<std::uint8_t>(length)}.network();
    if (std::ranges::find(walk.stack, prefix) != walk.stack.end()) continue;
    const auto at = table_.find(prefix);
    if (at == table_.end() || at->second.held.empty()) continue;
    walk.touched.push_back(prefix);
    if (++walk.visits > visits_max) return {};
    walk.stack.push_back(prefix);
    auto hops = best_of(at->second, walk);
    walk.stack.pop_back();
    if (!hops || !hops->empty()) return std::move(hops).value_or(NextHops{});
  }
  return {};
}

// nullopt: the gateway would be the router itself.
std::optional<NextHops> Rib::best_of(const Entry& entry, Walk& walk) const {
  for (std::size_t first = 0, last = 0; first < entry.held.size(); first = last) {
    last = class_end(entry, first);
    NextHops all;
    for (auto i = first; i < last; ++i) {
      append(all, {}, resolve(entry.held[i].path->first, walk));
    }
    if (all.empty()) continue;
    if (entry.held[first].path->first.origin.source == Source::local) return std::nullopt;
    return tidy(std::move(all));
  }
  return NextHops{};
}

void Rib::resolve_path(Paths::value_type& path) {
  Walk walk;
  path.second.group = groups_.of(resolve(path.first, walk));
  path.second.touched = std::move(walk.touched);
  path.second.resolved = true;
}

// Every path whose way may be another now; whoever uses one that is another, is dirty. Those that the question itself
// came by have an answer of their own, which is asked for again.
void Rib::resolve_again() {
  if (!gateways_moved_ && !interfaces_moved_) return;
  for (auto& path : paths_) {
    auto& state = path.second;
    if (!state.resolved || (!state.recursive && !interfaces_moved_)) continue;
    const auto before = state.group;
    auto concerned = std::move(state.touched);
    resolve_path(path);
    concerned.insert(concerned.end(), state.touched.begin(), state.touched.end());
    for (const auto& prefix : concerned)
      if (const auto at = table_.find(prefix); at != table_.end()) mark_dirty(at);
    if (state.group == before) continue;
    for (const auto entry : state.users) mark_dirty(entry);
  }
  gateways_moved_ = interfaces_moved_ = false;
}

Rib::Group Rib::group_for(At entry, const Held& held) {
  auto& [path, state] = *held.path;
  if (!state.resolved) resolve_path(*held.path);
  auto group = state.group;
  if (state.recursive && std::ranges::find(state.touched, entry->first) != state.touched.end()) {
    Walk walk{.stack = {entry->first}, .touched = {}, .begun_with = 1};
    group = groups_.of(resolve(path, walk));
  }
  // What is permanent keeps the way it had.
  const bool keeps = !group && path.permanent && held.in_use && entry->second.held.size() == 1;
  return keeps ? entry->second.group : group;
}

// `leading` tells which of the first so many lead anywhere.
Rib::Group Rib::group_of_class(At entry, std::size_t first, std::size_t last, std::uint64_t& leading) {
  leading = 0;
  Group only;
  NextHops all;
  for (auto i = first; i < std::min(last, first + in_use_max); ++i) {
    auto group = group_for(entry, entry->second.held[i]);
    if (!group) continue;
    leading |= std::uint64_t{1} << (i - first);
    if (last - first > 1) append(all, {}, group->hops);
    only = std::move(group);
  }
  return (leading & (leading - 1)) == 0 ? only : groups_.of(tidy(std::move(all)));
}

}  // namespace culvert::routing
