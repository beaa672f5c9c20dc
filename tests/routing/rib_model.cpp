#include "tests/routing/rib_model.h"

#include <algorithm>
#include <numeric>
#include <ranges>
#include <utility>

namespace culvert::routing::test {

namespace {

constexpr std::size_t depth_max = 8;  // gateways through gateways, as deep as the table looks

auto preference(const Path& p) { return std::tuple(p.distance, p.origin.source, p.metric, p.origin.process); }

double sum_of(const Ways& ways) {
  return std::accumulate(ways.begin(), ways.end(), 0.0, [](double s, const auto& w) { return s + w.second; });
}

}  // namespace

void RibModel::say(const Route& route) {
  if (route.path.distance == distance::never) return;
  auto& all = routes_[route.prefix];
  if (std::ranges::find(all, route.path, &Said::path) != all.end()) return;
  const auto of = [](const Said& s) { return preference(s.path); };
  all.insert(std::ranges::upper_bound(all, preference(route.path), {}, of), {route.path, ++said_});
}

// All of the origin's at the prefix that `but` does not say again.
void RibModel::forget(const Origin& origin, const net::Prefix& prefix, const std::vector<Route>& but) {
  std::erase_if(routes_[prefix], [&](const Said& s) {
    return s.path.origin == origin && std::ranges::find(but, Route{prefix, s.path}) == but.end();
  });
}

void RibModel::replace(const Origin& origin, const std::vector<Route>& routes) {
  for (auto& [prefix, _] : routes_) forget(origin, prefix, routes);
  for (const auto& route : routes) say(route);
}

void RibModel::update(const Origin& origin, const std::vector<Route>& routes,
                      const std::vector<net::Prefix>& withdrawn) {
  for (const auto& prefix : withdrawn) forget(origin, prefix, {});
  for (const auto& route : routes) {
    forget(origin, route.prefix, {route});
    say(route);
  }
}

// Of the most preferred routes that lead anywhere, without going through any prefix in `through`.
RibModel::Answer RibModel::lead(const net::Prefix& prefix, const Through& through) const {
  const auto& all = routes_.at(prefix);
  for (std::size_t i = 0; i < all.size();) {
    Answer answer;
    const auto wanted = preference(all[i].path);
    for (; i < all.size() && preference(all[i].path) == wanted; ++i) {
      auto ways = lead(all[i].path, through);
      const auto sum = sum_of(ways);
      for (const auto& [way, share] : ways) answer.ways[way] += share / sum;
      if (!ways.empty()) answer.paths.emplace(all[i], std::move(ways));
    }
    if (i < all.size() && all[i].path.distance == all[i - 1].path.distance) ++met_.ties;
    if (!answer.ways.empty()) return answer;
  }
  return {};
}

Ways RibModel::lead(const Path& path, const Through& through) const {
  Ways all;
  for (const auto& hop : path.next_hops) {
    if (hop.weight == 0) continue;
    if (!hop.interface.empty()) {
      const bool leads = path.permanent || hop.interface == "Null0" || usable_.contains(hop.interface);
      if (leads) all[{hop.gateway, hop.interface}] += hop.weight;
      continue;
    }
    for (const auto& [way, share] : resolve(*hop.gateway, through))
      all[way.first ? way : Way{hop.gateway, way.second}] += hop.weight * share;
  }
  return all;
}

// `through` begins with the prefix whose gateway is asked for.
Ways RibModel::resolve(net::Address gateway, const Through& through) const {
  if (through.size() > depth_max) return {};
  for (int length = 32; length >= 0; --length) {
    const auto prefix = net::Prefix{gateway, static_cast<std::uint8_t>(length)}.network();
    if (const auto at = routes_.find(prefix); at == routes_.end() || at->second.empty()) continue;
    met_.loops += through.contains(prefix);
    if (through.contains(prefix)) continue;
    auto further = through;
    further.insert(prefix);
    const auto answer = lead(prefix, further);
    if (answer.ways.empty()) continue;
    const auto source = answer.path().origin.source;
    if (source == Source::local) return {};
    met_.through_eigrp += source == Source::eigrp;
    auto shares = answer.ways;
    for (auto& [way, share] : shares) share /= sum_of(answer.ways);
    return shares;
  }
  return {};
}

// What is permanent and alone keeps the way it had.
RibModel::InUse RibModel::kept_or(const net::Prefix& prefix, Answer answer, net::Time now) const {
  const auto former = in_use_.find(prefix);
  answer.since = now;
  if (former == in_use_.end()) return answer;
  const auto& said = routes_.at(prefix);
  const auto known = former->second.paths.find(said.front());
  const bool keeps = said.size() == 1 && said.front().path.permanent && known != former->second.paths.end();
  if (answer.ways.empty() && keeps) {
    ++met_.kept;
    answer.ways = known->second;
    answer.paths = {*known};
  }
  if (std::ranges::equal(answer.paths | std::views::keys, former->second.paths | std::views::keys))
    answer.since = former->second.since;
  return answer;
}

// A protocol's route has lost where one that is preferred to it leads anywhere.
void RibModel::judge(const net::Prefix& prefix, const InUse& used) {
  for (const auto& [path, _] : routes_.at(prefix)) {
    if (path.origin.source != Source::eigrp) continue;
    learned_.insert({path.origin, prefix});
    if (!used.ways.empty() && preference(used.path()) < preference(path)) beaten_.insert({path.origin, prefix});
  }
}

void RibModel::settle(net::Time now) {
  std::map<net::Prefix, InUse> next;
  learned_.clear();
  beaten_.clear();
  std::erase_if(routes_, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [prefix, _] : routes_) {
    auto used = kept_or(prefix, lead(prefix, {prefix}), now);
    judge(prefix, used);
    for (const auto& [way, share] : used.ways) met_.blackholed += way.second == "Null0";
    if (!used.ways.empty()) next.emplace(prefix, std::move(used));
  }
  in_use_ = std::move(next);
}

const std::pair<const net::Prefix, RibModel::InUse>* RibModel::lookup(net::Address destination) const {
  const std::pair<const net::Prefix, InUse>* longest = nullptr;
  for (const auto& entry : in_use_)
    if (entry.first.contains(destination) && (!longest || entry.first.length > longest->first.length)) longest = &entry;
  return longest;
}

}  // namespace culvert::routing::test
