#include "routing/rib/rib.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <tuple>
#include <utility>

namespace culvert::routing {

namespace {

auto preference(const Path& path) {
  return std::tuple(path.distance, path.origin.source, path.metric, path.origin.process);
}

}  // namespace

void Rib::set_usable_interfaces(std::set<std::string> names) {
  if (usable_ == names) return;
  usable_ = std::move(names);
  interfaces_moved_ = true;
}

Rib::Paths::value_type& Rib::path_of(Path path) {
  const auto [at, fresh] = paths_.try_emplace(std::move(path));
  if (fresh)
    for (const auto& hop : at->first.next_hops) {
      if (!hop.interface.empty()) continue;
      at->second.recursive = true;
      ++gateways_[*hop.gateway];
    }
  return *at;
}

Rib::Table::iterator Rib::entry_of(Table::iterator hint, const net::Prefix& prefix) {
  const auto before = table_.size();
  const auto at = table_.try_emplace(hint, prefix);
  if (table_.size() != before) ++by_length_[prefix.length];
  return at;
}

void Rib::mark_dirty(Table::value_type& entry) {
  if (!std::exchange(entry.second.dirty, true)) dirty_.push_back(&entry);
}

bool Rib::covers_gateway(const net::Prefix& prefix) const {
  const auto first = gateways_.lower_bound(prefix.address);
  return first != gateways_.end() && prefix.contains(first->first);
}

void Rib::add(Table::value_type& entry, Paths::value_type& path) {
  auto& held = entry.second.held;
  const auto at = std::ranges::upper_bound(held, preference(path.first), {},
                                           [](const Held& h) { return preference(h.path->first); });
  const bool beaten =
      std::ranges::any_of(held, [&](const Held& h) { return h.beaten && h.path->first.origin == path.first.origin; });
  held.insert(at, {&path, path.second.users.insert(path.second.users.end(), &entry), mark_, false, beaten});
  gateways_moved_ = gateways_moved_ || covers_gateway(entry.first);
  mark_dirty(entry);
}

void Rib::remove(Table::value_type& entry, std::size_t index) {
  auto& held = entry.second.held;
  auto& path = *held[index].path;
  entry.second.lost = entry.second.lost || held[index].in_use;
  path.second.users.erase(held[index].user);
  held.erase(held.begin() + static_cast<std::ptrdiff_t>(index));
  gateways_moved_ = gateways_moved_ || covers_gateway(entry.first);
  mark_dirty(entry);
  if (!path.second.users.empty()) return;
  for (const auto& hop : path.first.next_hops)
    if (hop.interface.empty() && --gateways_[*hop.gateway] == 0) gateways_.erase(*hop.gateway);
  paths_.erase(path.first);
}

// A path that the entry has already is only marked.
void Rib::say(Table::value_type& entry, Path path) {
  for (auto& held : entry.second.held)
    if (held.path->first == path) {
      held.mark = mark_;
      return;
    }
  add(entry, path_of(std::move(path)));
}

void Rib::replace(const Origin& origin, std::vector<Route> routes) {
  ++mark_;
  const auto by_prefix = [](const Route& a, const Route& b) { return a.prefix < b.prefix; };
  if (!std::ranges::is_sorted(routes, by_prefix)) std::ranges::stable_sort(routes, by_prefix);
  auto hint = table_.begin();
  for (auto& route : routes) {
    assert(route.path.origin == origin && !route.path.next_hops.empty());
    if (route.path.distance == distance::never) continue;
    const auto at = entry_of(hint, route.prefix);
    say(*at, std::move(route.path));
    hint = std::next(at);
  }
  remove_unsaid(origin);
}

void Rib::remove_unsaid(const Origin& origin) {
  std::vector<Table::value_type*> concerned;
  for (auto at = paths_.lower_bound(Path{.origin = origin}); at != paths_.end() && at->first.origin == origin; ++at)
    for (auto* entry : at->second.users) {
      const auto found = std::ranges::find(entry->second.held, &*at, &Held::path);
      if (found->mark != mark_) concerned.push_back(entry);
    }
  for (auto* entry : concerned)
    for (auto i = entry->second.held.size(); i-- > 0;) {
      const auto& held = entry->second.held[i];
      if (held.path->first.origin == origin && held.mark != mark_) remove(*entry, i);
    }
}

void Rib::forget_origin(Table::value_type& entry, const Origin& origin, const Paths::value_type* but) {
  for (auto i = entry.second.held.size(); i-- > 0;) {
    const auto* path = entry.second.held[i].path;
    if (path != but && path->first.origin == origin) remove(entry, i);
  }
}

void Rib::update(const Origin& origin, RouteBatch batch) {
  for (auto& route : batch.routes) {
    assert(route.path.origin == origin && !route.path.next_hops.empty());
    if (route.path.distance == distance::never) {
      batch.withdrawn.push_back(route.prefix);
      continue;
    }
    const auto at = entry_of(table_.lower_bound(route.prefix), route.prefix);
    auto& path = path_of(std::move(route.path));
    const bool known = std::ranges::find(at->second.held, &path, &Held::path) != at->second.held.end();
    if (!known) add(*at, path);
    forget_origin(*at, origin, &path);
  }
  for (const auto& prefix : batch.withdrawn)
    if (const auto at = table_.find(prefix); at != table_.end()) forget_origin(*at, origin, nullptr);
}

std::vector<RouteChange> Rib::settle(net::Time now) {
  resolve_again();
  std::vector<RouteChange> set, withdrawn;
  for (auto* entry : dirty_) choose(*entry, now, set, withdrawn);
  dirty_.clear();
  for (auto* changes : {&set, &withdrawn})
    if (!std::ranges::is_sorted(*changes, {}, &RouteChange::prefix))
      std::ranges::sort(*changes, {}, &RouteChange::prefix);
  set.insert(set.end(), std::make_move_iterator(withdrawn.begin()), std::make_move_iterator(withdrawn.end()));
  return set;
}

std::size_t Rib::class_end(const Entry& entry, std::size_t first) const {
  const auto wanted = preference(entry.held[first].path->first);
  auto last = first + 1;
  while (last < entry.held.size() && preference(entry.held[last].path->first) == wanted) ++last;
  return last;
}

void Rib::judge(const net::Prefix& prefix, Held& held, bool beaten) {
  const auto& origin = held.path->first.origin;
  if (origin.source == Source::eigrp && std::exchange(held.beaten, beaten) != beaten)
    verdicts_.push_back({origin, prefix, beaten});
}

void Rib::choose(Table::value_type& entry, net::Time now, std::vector<RouteChange>& set,
                 std::vector<RouteChange>& withdrawn) {
  auto& [prefix, e] = entry;
  e.dirty = false;
  Group group;
  std::size_t first = 0, last = 0;
  std::uint64_t leading = 0;  // bits, from `first` on
  while (!group && last < e.held.size()) {
    first = last;
    last = class_end(e, first);
    group = group_of_class(entry, first, last, leading);
  }
  bool same = !std::exchange(e.lost, false);
  for (std::size_t i = 0; i < e.held.size(); ++i) {
    const bool in_use = group && i >= first && i < last && i - first < in_use_max && (leading >> (i - first) & 1) != 0;
    same = std::exchange(e.held[i].in_use, in_use) == in_use && same;
    judge(prefix, e.held[i], group && i >= last);
  }
  if (!same) e.since = now;
  if (group != e.group) (group ? set : withdrawn).push_back({prefix, group});
  installed_ += static_cast<std::size_t>(group != nullptr) - static_cast<std::size_t>(e.group != nullptr);
  e.group = std::move(group);
  if (!e.held.empty()) return;
  --by_length_[prefix.length];
  table_.erase(table_.find(prefix));
}

InstalledRoute Rib::shown(const Table::value_type& entry) const {
  InstalledRoute route{.prefix = entry.first, .paths = {}, .resolved = entry.second.group, .since = entry.second.since};
  for (const auto& held : entry.second.held)
    if (held.in_use) route.paths.push_back(&held.path->first);
  return route;
}

std::optional<InstalledRoute> Rib::find(const net::Prefix& prefix) const {
  const auto at = table_.find(prefix);
  if (at == table_.end() || !at->second.group) return std::nullopt;
  return shown(*at);
}

std::optional<InstalledRoute> Rib::lookup(net::Address destination) const {
  for (int length = static_cast<int>(destination.bits()); length >= 0; --length) {
    if (by_length_[static_cast<std::size_t>(length)] == 0) continue;
    if (auto found = find(net::Prefix{destination, static_cast<std::uint8_t>(length)}.network())) return found;
  }
  return std::nullopt;
}

void Rib::each(const std::function<void(const InstalledRoute&)>& take) const {
  for (const auto& entry : table_)
    if (entry.second.group) take(shown(entry));
}

void Rib::each(const net::Prefix& within, const std::function<void(const InstalledRoute&)>& take) const {
  for (auto at = table_.lower_bound(within); at != table_.end() && within.contains(at->first); ++at)
    if (at->second.group) take(shown(*at));
}

}  // namespace culvert::routing
