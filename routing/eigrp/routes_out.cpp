// What neighbours are told of destinations (RFC 7868 §4, §5.4.2): computed when an input is over, for each interface
// against what its neighbours were told last. One source of truth, Entry::advertised, makes UPDATE, QUERY and REPLY
// agree.
#include <algorithm>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

std::set<net::Prefix> destinations_of(const EncodedRoutes& routes) {
  std::set<net::Prefix> all;
  const auto packet = wire::Packet::decode(wire::Packet{}.encode(routes.tlvs));
  for (const auto& tlv : packet->tlvs)
    if (const auto* route = std::get_if<wire::Route>(&tlv)) all.insert(route->destinations.front());
  return all;
}

}  // namespace

// Routes on their way into packets, by link, neighbour (0: all of the link) and kind.
struct Core::Outbox {
  struct Key {
    InterfaceId link = 0;
    NeighborId neighbor = 0;
    wire::Opcode opcode = wire::Opcode::update;
    bool table = false;
    auto operator<=>(const Key&) const = default;
  };
  struct Audience {
    Link* link;
    std::vector<NeighborId> up;  // at least one
  };
  std::vector<Audience> audiences;
  std::map<Key, std::vector<EncodedRoutes>> packets;  // what each of them will carry

  void to_all(const Link& link, wire::Opcode opcode, const wire::Route& route) {
    add({link.id, 0, opcode}, link, route);
  }
  void to_one(const Neighbor& neighbor, const Link& link, wire::Opcode opcode, const wire::Route& route) {
    add({link.id, neighbor.id, opcode}, link, route);
  }
  void add(const Key& key, const Link& link, const wire::Route& route);
};

// Into the last packet, or a new one where that would grow too large.
void Core::Outbox::add(const Key& key, const Link& link, const wire::Route& route) {
  auto& list = packets[key];
  if (list.empty()) list.emplace_back();
  auto& last = list.back();
  const auto before = last.tlvs.size();
  wire::encode_tlv(route, last.tlvs);
  if (before == 0 || last.tlvs.size() <= link.body_max()) {
    ++last.count;
    return;
  }
  const auto moved = last.tlvs.begin() + static_cast<std::ptrdiff_t>(before);
  EncodedRoutes next{.tlvs = {moved, last.tlvs.end()}, .count = 1};
  last.tlvs.erase(moved, last.tlvs.end());
  list.push_back(std::move(next));
}

void Core::tell_all(net::Time now) {
  Outbox outbox;
  auto entries = std::exchange(changed_, {});
  for (auto& [id, neighbor] : neighbors_)
    if (neighbor.up() && std::exchange(neighbor.table_due, false)) tell_table(neighbor, outbox);
  for (auto& [id, link] : links_)
    if (auto up = up_neighbors(link); !up.empty()) outbox.audiences.push_back({&link, std::move(up)});
  for (auto* entry : entries) tell(now, *entry, outbox);
  for (auto& [id, neighbor] : neighbors_)
    if (neighbor.up()) tell_single(neighbor, outbox);
  install(entries);
  for (auto* entry : entries) forget_if_dead(*entry);
  post(now, outbox);
}

std::vector<NeighborId> Core::up_neighbors(const Link& link) const {
  std::vector<NeighborId> up;
  for (const auto id : link.neighbors)
    if (neighbors_.at(id).up()) up.push_back(id);
  return up;
}

Told& Core::told(Entry& entry, const Link& link) const {
  auto* found = std::ranges::find(entry.told, link.id, &Told::interface);
  if (found == entry.told.end()) found = &entry.told.push_back({.interface = link.id});
  if (std::exchange(found->audience, link.audience) != link.audience) found->word = Word::nothing;
  return *found;
}

// The whole table, for a neighbour that just came up. All of its link has then been told the same.
void Core::tell_table(Neighbor& neighbor, Outbox& outbox) {
  const auto& link = links_.at(neighbor.interface);
  const Outbox::Key key{link.id, neighbor.id, wire::Opcode::update, true};
  outbox.packets[key];  // though the table be empty
  for (auto& entry : topology_) {
    if (wanted(entry, link) != Word::route) continue;
    outbox.add(key, link, rendered(entry.prefix, &entry, link, Word::route));
    if (auto& last = told(entry, link); last.word == Word::nothing)
      last = {link.id, Word::route, link.audience, entry.advertised.version, link.policy};
  }
}

void Core::tell(net::Time now, Entry& entry, Outbox& outbox) {
  if (entry.todo.query && entry.active) schedule_sia(now, entry);
  for (const auto& [link, up] : outbox.audiences) tell_link(entry, *link, up, outbox);
  for (const auto id : entry.todo.replies)
    if (const auto* neighbor = find_neighbor(id); neighbor && neighbor->up()) {
      const auto& link = links_.at(neighbor->interface);
      outbox.to_one(*neighbor, link, wire::Opcode::reply, rendered(entry, link));
    }
}

void Core::tell_link(Entry& entry, Link& link, const std::vector<NeighborId>& up, Outbox& outbox) {
  const auto asked_now = ask_now(entry, up);
  auto& last = told(entry, link);
  const auto want = wanted(entry, link);
  const bool news =
      want == Word::route
          ? last.word != Word::route || last.version != entry.advertised.version || last.policy != link.policy
          : last.word == Word::route || (last.word == Word::nothing && want == Word::poison);
  if (news || !asked_now.empty())
    last = {link.id, want == Word::route ? want : Word::poison, link.audience, entry.advertised.version, link.policy};
  const auto say = [&] { return rendered(entry.prefix, &entry, link, want); };
  const auto is_stub = [&](NeighborId id) { return neighbors_.at(id).stub.has_value(); };
  if (asked_now.empty()) return news ? outbox.to_all(link, wire::Opcode::update, say()) : void();
  if (asked_now.size() == up.size() && std::ranges::none_of(up, is_stub))
    return outbox.to_all(link, wire::Opcode::query, say());
  for (const auto id : up) {
    auto& neighbor = neighbors_.at(id);
    const bool ask = std::ranges::find(asked_now, id) != asked_now.end();
    if (ask && is_stub(id)) neighbor.confirmations.emplace_back(0, entry.prefix);
    if (ask || news)
      outbox.to_one(neighbor, link, ask && !is_stub(id) ? wire::Opcode::query : wire::Opcode::update, say());
  }
}

// Those among `up` that this destination waits for and that have not been asked yet; now they are.
std::vector<NeighborId> Core::ask_now(Entry& entry, const std::vector<NeighborId>& up) {
  std::vector<NeighborId> now;
  if (!entry.active) return now;
  for (auto& awaited : entry.active->awaited)
    if (!awaited.sent && std::ranges::find(up, awaited.neighbor) != up.end()) {
      awaited.sent = true;
      now.push_back(awaited.neighbor);
    }
  return now;
}

// What concerns one neighbour alone.
void Core::tell_single(Neighbor& neighbor, Outbox& outbox) {
  const auto& link = links_.at(neighbor.interface);
  for (const auto& prefix : std::exchange(neighbor.poison, {}))
    if (const auto* entry = topology_.find(prefix); entry && wanted(*entry, link) == Word::poison)
      outbox.to_one(neighbor, link, wire::Opcode::update, rendered(prefix, entry, link, Word::poison));
  for (const auto& prefix : std::exchange(neighbor.unknown, {})) {
    const auto* entry = topology_.find(prefix);
    const auto want = entry ? wanted(*entry, link) : Word::nothing;
    outbox.to_one(neighbor, link, wire::Opcode::reply, rendered(prefix, entry, link, want));
  }
  for (const auto& prefix : std::exchange(neighbor.sia_queries, {}))
    if (const auto* entry = topology_.find(prefix); entry && entry->awaits(neighbor.id))
      outbox.to_one(neighbor, link, wire::Opcode::sia_query, rendered(*entry, link));
  for (const auto& prefix : std::exchange(neighbor.sia_replies, {}))
    if (const auto* entry = topology_.find(prefix); entry && entry->active)
      outbox.to_one(neighbor, link, wire::Opcode::sia_reply, rendered(prefix, entry, link, wanted(*entry, link), true));
}

void Core::post(net::Time now, Outbox& outbox) {
  for (auto& [key, packets] : outbox.packets) {
    if (packets.empty()) packets.emplace_back();
    for (auto& routes : packets) {
      auto* one = find_neighbor(key.neighbor);
      if (key.neighbor && !one) break;
      if (one) await_confirmations(*one, routes);
      const bool end_of_table = key.table && &routes == &packets.back();
      enqueue(now, one ? std::vector{one->id} : up_neighbors(links_.at(key.link)),
              {.opcode = key.opcode, .flags = {.end_of_table = end_of_table}}, std::move(routes), !one);
    }
  }
}

// The packet is the next to be queued: its acknowledgment will be the stub's answer.
void Core::await_confirmations(Neighbor& stub, const EncodedRoutes& routes) const {
  if (stub.confirmations.empty()) return;
  const auto destinations = destinations_of(routes);
  for (auto& [sequence, prefix] : stub.confirmations)
    if (sequence == 0 && destinations.contains(prefix)) sequence = sequence_.upcoming();
}

bool Core::stub_hides(const Entry& entry) const {
  if (!configuration_.stub) return false;
  const auto& stub = *configuration_.stub;
  if (stub.receive_only) return true;
  const auto& origin = entry.advertised.path->origin;
  switch (origin.source) {
    case PathSource::connected: return !stub.connected;
    case PathSource::summary: return !stub.summary;
    case PathSource::redistributed:
      return !stub.redistributed &&
             !(stub.static_routes && origin.id == static_cast<std::uint32_t>(Redistributed::static_route));
    case PathSource::neighbor: break;
  }
  return true;
}

// A summary is for the interfaces that have it, and there it stands for the destinations in it.
bool Core::summary_hides(const Entry& entry, const Link& link) const {
  const auto has = [&](const Summary& s) { return s.prefix == entry.prefix; };
  const bool configured_here = std::ranges::any_of(link.settings.summaries, has);
  if (entry.advertised.path->origin.source == PathSource::summary) return !configured_here;
  return std::ranges::any_of(link.settings.summaries, [&](const Summary& s) {
    if (!s.prefix.contains(entry.prefix) || s.prefix == entry.prefix) return false;
    const auto* summary = topology_.find(s.prefix);
    return summary && summary->find({PathSource::summary, 0});
  });
}

Word Core::wanted(const Entry& entry, const Link& link) const {
  const auto& said = entry.advertised;
  if (said.distance == unreachable) return Word::nothing;
  const bool learned = said.path->origin.source == PathSource::neighbor;
  if (entry.beaten && learned) return Word::nothing;
  if (link.settings.split_horizon && std::ranges::find(said.exits, link.id) != said.exits.end())
    return learned ? Word::poison : Word::nothing;
  const auto passes = [&](const std::optional<Filter>& filter) {
    return !filter || permits(*filter, entry.prefix, link.own_address());
  };
  const bool hidden = stub_hides(entry) || summary_hides(entry, link) || !passes(configuration_.filter_out) ||
                      !passes(link.settings.filter_out);
  return hidden ? Word::nothing : Word::route;
}

wire::Route Core::rendered(const Entry& entry, const Link& link) const {
  return rendered(entry.prefix, &entry, link, wanted(entry, link));
}

wire::Route Core::rendered(const net::Prefix& prefix, const Entry* entry, const Link& link, Word want,
                           bool active_flag) const {
  const auto style = configuration_.style;
  wire::Route route{.next_hop = prefix.address.is_v4() ? net::Address() : net::Address::v6({}),
                    .destinations = {prefix}};
  if (style == MetricStyle::wide) route.wide = wire::WideHeader{.router_id = router_id_};
  if (const auto path = entry ? entry->advertised.path : net::Shared<Path>()) {
    route.metric = path->metric;
    if (path->extra) {
      route.external = path->extra->external;
      if (route.wide) route.wide->attributes = path->extra->attributes;
    }
    const auto& exits = entry->advertised.exits;
    if (!link.settings.next_hop_self && path->origin.source == PathSource::neighbor &&
        std::ranges::find(exits, link.id) != exits.end() && link.on_subnet(path->next_hop))
      route.next_hop = path->next_hop;
  }
  if (want != Word::route) route.metric = poisoned(route.metric, style);
  const auto offset = offset_of(configuration_.offsets_out, link.interface.name, prefix, link.own_address());
  route.metric.delay = std::min(route.metric.delay + offset, poisoned(route.metric, style).delay);
  route.metric.flags = active_flag ? wire::route_flag::active : std::uint16_t{0};
  return route;
}

}  // namespace culvert::routing::eigrp
