#include "routing/eigrp/dual.h"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

namespace culvert::routing::eigrp {
namespace {

template <class List>
void add_once(List& list, NeighborId neighbor) {
  if (std::ranges::find(list, neighbor) == list.end()) list.push_back(neighbor);
}

bool same_route(const Advertisement& said, const net::Shared<Path>& best) {
  if (said.distance != best->distance) return false;
  const auto& before = said.path;
  return before == best || (before->metric == best->metric && before->origin.source == best->origin.source &&
                            before->next_hop == best->next_hop && before->same_extra(*best));
}

// The successors that still have a path: those in use while ACTIVE.
void keep_reachable(Entry& entry) {
  const auto gone = erase_if(entry.successors, [&](const Origin& origin) {
    const auto* path = entry.find(origin);
    return !path || !path->reachable();
  });
  if (gone) entry.todo.install = true;
}

auto place_of(auto& paths, const Origin& origin) {
  return std::ranges::find_if(paths, [&](const auto& path) { return path->origin == origin; });
}

void forget_path(Entry& entry, const Origin& origin) {
  erase_if(entry.paths, [&](const auto& path) { return path->origin == origin; });
}

// The best of the paths in use, or none.
net::Shared<Path> best_in_use(const Entry& entry) {
  net::Shared<Path> best;
  for (const auto& origin : entry.successors)
    if (const auto path = place_of(entry.paths, origin);
        path != entry.paths.end() && (!best || (*path)->distance < best->distance))
      best = *path;
  return best;
}

net::Shared<Past> last_of(const Past& past, std::size_t count) {
  return Past{
      .made = past.made, .count = count, .before = count > 1 ? last_of(*past.before, count - 1) : net::Shared<Past>()};
}

}  // namespace

const Path* Entry::find(const Origin& origin) const {
  const auto found = place_of(paths, origin);
  return found == paths.end() ? nullptr : &**found;
}

bool Entry::is_successor(const Origin& origin) const {
  return std::ranges::find(successors, origin) != successors.end();
}

bool Entry::awaits(NeighborId neighbor) const {
  return active && std::ranges::find(active->awaited, neighbor, &Awaited::neighbor) != active->awaited.end();
}

net::Shared<Path> best_path(const Entry& entry) {
  if (entry.paths.size() == 1) return entry.paths.front()->reachable() ? entry.paths.front() : net::Shared<Path>();
  const auto rank = [&](const Path& path) {
    const bool learned = path.origin.source == PathSource::neighbor;
    return std::tuple(learned, path.external(), path.distance, !entry.is_successor(path.origin));
  };
  net::Shared<Path> best;
  for (const auto& path : entry.paths)
    if (path->reachable() && (!best || rank(*path) < rank(*best))) best = path;
  return best;
}

void Dual::hear(net::Time now, Entry& entry, Input input, net::Shared<Path> path) {
  const auto from = path->origin;
  if (input == Input::reply && !entry.awaits(from.id)) return;
  const auto known = place_of(entry.paths, from);
  const bool is_known = known != entry.paths.end();
  const auto before = is_known ? (*known)->distance : unreachable;
  if (!path->reachable())
    forget_path(entry, from);
  else if (is_known)
    *known = std::move(path);
  else
    entry.paths.push_back(std::move(path));
  decide(now, entry, input, from, before);
  if (entry.is_successor(from)) entry.todo.install = true;
}

void Dual::confirm(net::Time now, Entry& entry, NeighborId neighbor) {
  if (!entry.awaits(neighbor)) return;
  std::erase_if(entry.active->awaited, [&](const Awaited& a) { return a.neighbor == neighbor; });
  note(now, entry, 8, Origin::neighbor(neighbor));
  finish_if_answered(now, entry, Origin::neighbor(neighbor));
}

void Dual::lose(net::Time now, Entry& entry, const Origin& origin) {
  const auto* known = entry.find(origin);
  const auto before = known ? known->distance : unreachable;
  if (known) forget_path(entry, origin);
  if (entry.active && origin.source == PathSource::neighbor) {
    std::erase(entry.active->owed, origin.id);
    if (entry.active->old_successor == origin) entry.active->old_successor.reset();
  }
  if (known || entry.awaits(origin.id)) decide(now, entry, Input::link, origin, before);
}

void Dual::choose_again(net::Time, Entry& entry) {
  if (!entry.active && best_path(entry)) settle(entry);
}

void Dual::decide(net::Time now, Entry& entry, Input input, const Origin& from, Distance before) {
  if (!entry.active) return passive(now, entry, input, from);
  const auto* path = entry.find(from);
  active(now, entry, input, from, (path ? path->distance : unreachable) > before);
}

void Dual::passive(net::Time now, Entry& entry, Input input, const Origin& from) {
  const auto best = best_path(entry);
  const bool was_unreachable = entry.successors.empty();
  if (best ? best->reported_distance >= entry.feasible : !was_unreachable) return activate(now, entry, input, from);
  const bool by_successor = entry.is_successor(from);
  const auto version = entry.advertised.version;
  const auto successors = entry.successors;
  settle(entry);
  if (input == Input::query) reply(entry, from.id);
  if (input == Input::query || version != entry.advertised.version || successors != entry.successors)
    note(now, entry, input == Input::query && !by_successor ? 1 : 2, from);
}

void Dual::activate(net::Time now, Entry& entry, Input input, const Origin& from) {
  const bool by_successor = entry.is_successor(from);
  entry.active = std::make_unique<Active>();
  auto& active = *entry.active;
  active.since = now;
  active.query_origin = input == Input::query && by_successor ? 3 : 1;
  keep_reachable(entry);
  if (active.query_origin == 3)
    active.owed.push_back(from.id);
  else if (input == Input::query)
    reply(entry, from.id);
  const auto number = static_cast<std::uint8_t>(active.query_origin == 3 ? 3 : 4);
  ask(entry);
  note(now, entry, number, from);
  finish_if_answered(now, entry, from);
}

// The distance told in the QUERY is that by the successors in use; it bounds the feasible distance afterwards.
void Dual::ask(Entry& entry) {
  auto& active = *entry.active;
  const auto told_by = best_in_use(entry);
  active.old_successor = told_by ? std::optional(told_by->origin) : std::nullopt;
  advertise_best(entry, told_by, entry.advertised.exits);
  entry.feasible = std::min(entry.feasible, entry.advertised.distance);
  active.awaited.clear();
  for (const auto neighbor : surroundings_.asked(entry)) active.awaited.push_back({.neighbor = neighbor});
  entry.todo.query = true;
}

void Dual::active(net::Time now, Entry& entry, Input input, const Origin& from, bool worse) {
  const bool by_successor = entry.is_successor(from);
  if (input == Input::query) query_while_active(now, entry, from);
  if (worse && by_successor && input != Input::query)
    worsened_while_active(now, entry, from);
  else if (input == Input::update || (input == Input::link && entry.find(from)))
    note(now, entry, 7, from);
  keep_reachable(entry);
  forget_useless_successor(entry);
  const bool answered = input == Input::reply || (input == Input::link && !entry.find(from));
  if (answered && from.source == PathSource::neighbor) {
    if (std::erase_if(entry.active->awaited, [&](const Awaited& a) { return a.neighbor == from.id; }))
      note(now, entry, 8, from);
    finish_if_answered(now, entry, from);
  }
  surroundings_.changed(entry);
}

// (5) and (6). A successor in use that asks is no longer below us once it has our answer, so it leaves.
void Dual::query_while_active(net::Time now, Entry& entry, const Origin& from) {
  auto& active = *entry.active;
  if (active.old_successor == from) {
    add_once(active.owed, from.id);
    active.query_origin = 2;
    return note(now, entry, 5, from);
  }
  if (erase_if(entry.successors, [&](const Origin& successor) { return successor == from; })) {
    entry.todo.install = true;
    active.query_origin &= 2;
  }
  reply(entry, from.id);
  note(now, entry, 6, from);
}

// One that leads nowhere any longer may come to depend on us, and so must not wait for us.
void Dual::forget_useless_successor(Entry& entry) {
  auto& old_successor = entry.active->old_successor;
  if (old_successor && !entry.is_successor(*old_successor)) old_successor.reset();
}

// (9) and (10).
void Dual::worsened_while_active(net::Time now, Entry& entry, const Origin& from) {
  auto& origin = entry.active->query_origin;
  const std::uint8_t number = origin == 1 ? 9 : origin == 3 ? 10 : 7;
  origin &= 2;
  note(now, entry, number, from);
}

void Dual::finish_if_answered(net::Time now, Entry& entry, const Origin& last) {
  if (entry.active && entry.active->awaited.empty()) finish(now, entry, last);
}

// All have answered: everybody knows the distance that was told, and the feasible distance may rise to it.
void Dual::finish(net::Time now, Entry& entry, const Origin& last) {
  auto& active = *entry.active;
  const auto told = entry.advertised.distance;
  const auto best = best_path(entry);
  const bool unchanged_since = active.query_origin & 1;
  const bool anything = unchanged_since && best && best->distance <= told;
  if (told != unreachable && !anything && (!best || best->reported_distance >= told)) {
    const std::uint8_t number = active.query_origin & 2 ? 12 : 11;
    // Nobody else made it worse: what we use ourselves stands in the way of a better choice (an external path is
    // shorter than the internal one). Telling that there is no way lets the feasible distance rise.
    if (unchanged_since && !std::exchange(entry.successors, {}).empty()) entry.todo.install = true;
    active.query_origin |= 1;
    ask(entry);
    note(now, entry, number, last);
    return finish_if_answered(now, entry, last);
  }
  constexpr std::uint8_t numbers[]{14, 15, 16, 13};
  const auto number = numbers[active.query_origin];
  entry.feasible = anything ? unreachable : told;
  const auto owed = std::move(active.owed);
  entry.active.reset();
  settle(entry);
  for (const auto neighbor : owed) reply(entry, neighbor);
  note(now, entry, number, last);
}

void Dual::settle(Entry& entry) {
  const auto best = best_path(entry);
  entry.feasible = best ? std::min(entry.feasible, best->distance) : unreachable;
  auto chosen = best ? choose_successors(entry, *best) : net::Few<Origin>();
  net::Few<InterfaceId> exits;
  for (const auto& origin : chosen)
    if (const auto* path = entry.find(origin); std::ranges::find(exits, path->interface) == exits.end())
      exits.push_back(path->interface);
  if (chosen != entry.successors) entry.todo.install = true;
  entry.successors = std::move(chosen);
  advertise_best(entry, best, std::move(exits));
  surroundings_.changed(entry);
}

void Dual::advertise_best(Entry& entry, const net::Shared<Path>& best, net::Few<InterfaceId> exits) {
  auto& said = entry.advertised;
  said.exits = std::move(exits);
  entry.todo.tell = true;
  const bool news = best ? !same_route(said, best) : said.distance != unreachable;
  said.version += news;
  said.distance = best ? best->distance : unreachable;
  if (best) said.path = best;
}

// All that are feasible and good enough: none of them can lead back to us, whatever it costs.
net::Few<Origin> Dual::choose_successors(const Entry& entry, const Path& best) const {
  if (entry.paths.size() == 1 && best.reported_distance < entry.feasible) return {best.origin};
  std::vector<const Path*> good;
  for (const auto& path : entry.paths)
    if (path->origin.source == best.origin.source && path->external() == best.external() &&
        path->reported_distance < entry.feasible &&
        (path->distance == best.distance ||
         (path->distance / limits_.variance < best.distance && path->distance < best.distance * limits_.variance)))
      good.push_back(&*path);
  std::ranges::stable_sort(good, {}, [&](const Path* p) { return std::pair(p->distance, p != &best); });
  if (good.size() > limits_.maximum_paths) good.resize(limits_.maximum_paths);
  net::Few<Origin> chosen;
  for (const auto* path : good) chosen.push_back(path->origin);
  return chosen;
}

void Dual::reply(Entry& entry, NeighborId neighbor) {
  add_once(entry.todo.replies, neighbor);
  surroundings_.changed(entry);
}

void Dual::note(net::Time now, Entry& entry, std::uint8_t number, const Origin& from) {
  Transition made{
      .when = now, .number = number, .from = from, .distance = entry.advertised.distance, .feasible = entry.feasible};
  remember(entry, made);
  surroundings_.transition(entry, made);
  surroundings_.changed(entry);
}

// What many destinations live through together is remembered once.
void Dual::remember(Entry& entry, const Transition& made) {
  if (!latest_ || latest_->made != made || latest_from_ != entry.past) {
    latest_from_ = entry.past;
    auto before = entry.past;
    if (before && before->count == 2 * history_max) before = last_of(*before, history_max - 1);
    latest_ = Past{.made = made, .count = before ? before->count + 1 : 1, .before = before};
  }
  entry.past = latest_;
}

}  // namespace culvert::routing::eigrp
