#include "routing/rib/rib.h"

#include <algorithm>
#include <tuple>

namespace culvert::routing {

namespace {

// A next hop found through a next hop found through ...: more levels than any sane configuration has.
constexpr int recursion_max = 8;

bool names_interfaces(const Route& route) {
  return std::ranges::none_of(route.next_hops, [](const NextHop& hop) { return hop.interface.empty(); });
}

bool preferred(const Route* a, const Route* b) {
  return std::tie(a->distance, a->metric, a->source) < std::tie(b->distance, b->metric, b->source);
}

}  // namespace

const InstalledRoute* longest_match(const std::map<net::Prefix, InstalledRoute>& routes, net::Address destination) {
  for (int length = static_cast<int>(destination.bits()); length >= 0; --length) {
    const auto key = net::Prefix{destination, static_cast<std::uint8_t>(length)}.network();
    if (const auto found = routes.find(key); found != routes.end()) return &found->second;
  }
  return nullptr;
}

void Rib::replace(Source source, std::vector<Route> routes) { sources_[source] = std::move(routes); }

const InstalledRoute* Rib::lookup(net::Address destination) const { return longest_match(installed_, destination); }

Rib::Candidates Rib::candidates() const {
  Candidates all;
  for (const auto& [_, routes] : sources_)
    for (const auto& route : routes)
      if (route.distance < 255) all[route.prefix].push_back(&route);
  for (auto& [_, routes] : all) std::ranges::stable_sort(routes, preferred);
  return all;
}

// Routes that lead somewhere by themselves are chosen at once. Those that lead through others are tried again in rounds
// until nothing changes; a prefix never resolves through itself.
std::map<net::Prefix, InstalledRoute> Rib::choose(net::Time now) const {
  const auto wanted = candidates();
  std::map<net::Prefix, InstalledRoute> chosen;
  std::vector<const Candidates::value_type*> recursive;
  for (const auto& entry : wanted) {
    const bool direct = std::ranges::all_of(entry.second, [](const Route* r) { return names_interfaces(*r); });
    if (!direct) recursive.push_back(&entry);
    if (direct) chosen[entry.first] = {*entry.second.front(), entry.second.front()->next_hops, now};
  }
  bool changed = true;
  for (int round = 0; changed && round < recursion_max; ++round) {
    changed = false;
    for (const auto* entry : recursive) changed = choose_one(*entry, chosen, now) || changed;
  }
  return chosen;
}

// True if the choice for this prefix is another one than before.
bool Rib::choose_one(const Candidates::value_type& entry, std::map<net::Prefix, InstalledRoute>& chosen,
                     net::Time now) const {
  const auto before = chosen.extract(entry.first);
  for (const auto* route : entry.second) {
    auto hops = resolve(*route, chosen);
    if (hops.empty()) continue;
    const bool same = !before.empty() && before.mapped().route == *route && before.mapped().resolved == hops;
    chosen[entry.first] = {*route, std::move(hops), now};
    return !same;
  }
  return !before.empty();
}

std::vector<RouteChange> Rib::settle(net::Time now) {
  auto chosen = choose(now);
  std::vector<RouteChange> withdrawn, changed;
  for (const auto& [prefix, _] : installed_)
    if (!chosen.contains(prefix)) withdrawn.push_back({prefix, {}});
  for (auto& [prefix, route] : chosen) {
    const auto old = installed_.find(prefix);
    if (old != installed_.end() && old->second.route == route.route) route.since = old->second.since;
    if (old == installed_.end() || old->second.resolved != route.resolved) changed.push_back({prefix, route.resolved});
  }
  installed_ = std::move(chosen);
  withdrawn.insert(withdrawn.end(), changed.begin(), changed.end());
  return withdrawn;
}

std::vector<NextHop> Rib::resolve(const Route& route, const std::map<net::Prefix, InstalledRoute>& chosen) const {
  std::vector<NextHop> resolved;
  for (const auto& hop : route.next_hops) {
    if (!hop.interface.empty()) {
      resolved.push_back(hop);
      continue;
    }
    const auto* through = longest_match(chosen, *hop.gateway);
    if (through == nullptr || through->route.source == Source::local) continue;
    for (const auto& next : through->resolved)
      resolved.push_back({next.gateway ? next.gateway : hop.gateway, next.interface});
  }
  std::ranges::sort(resolved);
  const auto repeated = std::ranges::unique(resolved);
  resolved.erase(repeated.begin(), repeated.end());
  return resolved;
}

}  // namespace culvert::routing
