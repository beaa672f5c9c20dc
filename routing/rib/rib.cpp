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

Rib::Paths::value_type& Rib::path_of(const Path& path) {
  const auto [at, fresh] = paths_.try_emplace(path);
  if (fresh)
    for (const auto& hop : path.next_hops) {
      if (!hop.interface.empty()) continue;
      at->second.recursive = true;
      ++gateways_[*hop.gateway];
    }
  return *at;
}

Rib::At Rib::entry_of(At hint, const net::Prefix& prefix) {
  const auto before = table_.size();
  const auto at = table_.try_emplace(hint, prefix);
  if (table_.size() != before) ++by_length_[prefix.length];
  return at;
}

void Rib::mark_dirty(At entry) {
  if (!std::exchange(entry->second.dirty, true)) dirty_.push_back(entry);
}

bool Rib::covers_gateway(const net::Prefix& prefix) const {
  const auto first = gateways_.lower_bound(prefix.address);
  return first != gateways_.end() && prefix.contains(first->first);
}

void Rib::add(At entry, Paths::value_type& path, bool said) {
  const auto held = entry->second.held.all();
  const auto at = std::ranges::upper_bound(held, preference(path.first), {},
                                           [](const Held& h) { return preference(h.path->first); });
  const bool beaten =
      std::ranges::any_of(held, [&](const Held& h) { return h.beaten && h.path->first.origin == path.first.origin; });
  auto& users = path.second.users;
  entry->second.held.insert(static_cast<std::size_t>(at - held.begin()),
                            {.path = &path,
                             .user = static_cast<std::uint32_t>(users.size()),
                             .said = said,
                             .in_use = false,
                             .beaten = beaten});
  users.push_back(entry);
  gateways_moved_ = gateways_moved_ || covers_gateway(entry->first);
  mark_dirty(entry);
}

void Rib::remove(At entry, std::size_t index) {
  const auto held = entry->second.held[index];
  entry->second.lost = entry->second.lost || held.in_use;
  entry->second.held.erase(index);
  gateways_moved_ = gateways_moved_ || covers_gateway(entry->first);
  mark_dirty(entry);
  leave(*held.path, held.user);
}

// The last user takes the place of the one who leaves.
void Rib::leave(Paths::value_type& path, std::uint32_t user) {
  auto& users = path.second.users;
  if (user + 1 != users.size()) {
    users[user] = users.back();
    std::ranges::find(users[user]->second.held.all(), &path, &Held::path)->user = user;
  }
  users.pop_back();
  if (!users.empty()) return;
  for (const auto& hop : path.first.next_hops)
    if (hop.interface.empty() && --gateways_[*hop.gateway] == 0) gateways_.erase(*hop.gateway);
  paths_.erase(path.first);
}

// A path that the entry has already is only marked.
void Rib::say(At entry, const Path& path) {
  for (auto& held : entry->second.held.all())
    if (held.path->first == path) {
      held.said = true;
      return;
    }
  add(entry, path_of(path), true);
}

void Rib::replace(const Origin& origin, std::vector<Route> routes) {
  const auto by_prefix = [](const Route& a, const Route& b) { return a.prefix < b.prefix; };
  if (!std::ranges::is_sorted(routes, by_prefix)) std::ranges::stable_sort(routes, by_prefix);
  auto hint = table_.begin();
  for (const auto& route : routes) {
    assert(route.path.origin == origin && !route.path.next_hops.empty());
    if (route.path.distance == distance::never) continue;
    const auto at = entry_of(hint, route.prefix);
    say(at, route.path);
    hint = std::next(at);
  }
  remove_unsaid(origin);
}

void Rib::remove_unsaid(const Origin& origin) {
  std::vector<std::pair<At, const Paths::value_type*>> unsaid;
  for (auto at = paths_.lower_bound(Path{.origin = origin}); at != paths_.end() && at->first.origin == origin; ++at)
    for (const auto entry : at->second.users) {
      const auto held = std::ranges::find(entry->second.held.all(), &*at, &Held::path);
      if (!std::exchange(held->said, false)) unsaid.emplace_back(entry, &*at);
    }
  for (const auto& [entry, path] : unsaid) {
    const auto held = entry->second.held.all();
    remove(entry, static_cast<std::size_t>(std::ranges::find(held, path, &Held::path) - held.begin()));
  }
}

void Rib::forget_origin(At entry, const Origin& origin, const Paths::value_type* but) {
  for (auto i = entry->second.held.size(); i-- > 0;) {
    const auto* path = entry->second.held[i].path;
    if (path != but && path->first.origin == origin) remove(entry, i);
  }
}

void Rib::withdraw(const Origin& origin, const net::Prefix& prefix) {
  if (const auto at = table_.find(prefix); at != table_.end()) forget_origin(at, origin, nullptr);
}

// Routes of one path, and prefixes in order, come one after the other: neither is looked for again.
void Rib::update(const Origin& origin, const RouteBatch& batch) {
  const Path* latest = nullptr;
  Paths::value_type* path = nullptr;
  auto hint = table_.end();
  for (const auto& route : batch.routes) {
    assert(route.path->origin == origin && !route.path->next_hops.empty());
    if (route.path->distance == distance::never) continue;
    if (route.path.get() != latest) path = &path_of(*route.path);
    latest = route.path.get();
    const auto at = entry_of(hint, route.prefix);
    const auto held = at->second.held.all();
    if (std::ranges::find(held, path, &Held::path) == held.end()) add(at, *path, false);
    forget_origin(at, origin, path);
    hint = std::next(at);
  }
  for (const auto& route : batch.routes)
    if (route.path->distance == distance::never) withdraw(origin, route.prefix);
  for (const auto& prefix : batch.withdrawn) withdraw(origin, prefix);
}

std::vector<RouteChange> Rib::settle(net::Time now) {
  resolve_again();
  std::vector<RouteChange> set, withdrawn;
  for (const auto entry : dirty_) choose(entry, now, set, withdrawn);
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

void Rib::choose(At entry, net::Time now, std::vector<RouteChange>& set, std::vector<RouteChange>& withdrawn) {
  auto& [prefix, e] = *entry;
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
  if (group != e.group) (group ? set : withdrawn).push_back({prefix, group ? &group->hops : nullptr});
  installed_ += static_cast<std::size_t>(group != nullptr) - static_cast<std::size_t>(e.group != nullptr);
  e.group = std::move(group);
  if (!e.held.empty()) return;
  --by_length_[prefix.length];
  table_.erase(entry);
}

InstalledRoute Rib::shown(const Table::value_type& entry) const {
  const auto& e = entry.second;
  InstalledRoute route{.prefix = entry.first, .paths = {}, .resolved = &e.group->hops, .since = e.since};
  for (const auto& held : e.held.all())
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
