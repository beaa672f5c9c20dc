#include "routing/eigrp/core.h"

#include <algorithm>

#include <fmt/format.h>

#include "routing/eigrp/wire/authentication.h"

namespace culvert::routing::eigrp {
namespace {

constexpr std::size_t warned_max = 64;
constexpr net::Duration warn_interval = std::chrono::minutes(5);

}  // namespace

Core::Core(net::Random& random, EngineOptions options)
    : options_(options), sequence_(static_cast<std::uint32_t>(random.below(65536))) {}

std::string Core::name() const {
  return fmt::format("EIGRP-{} {}", configuration_.family == net::Family::ipv4 ? "IPv4" : "IPv6",
                     configuration_.autonomous_system);
}

Link* Core::find_link(std::string_view name) {
  const auto id = interface_ids_.find(name);
  if (id == interface_ids_.end()) return nullptr;
  const auto link = links_.find(id->second);
  return link == links_.end() ? nullptr : &link->second;
}

Neighbor* Core::find_neighbor(const Link& link, const net::Address& address) {
  for (const auto id : link.neighbors)
    if (auto& neighbor = neighbors_.at(id); neighbor.address == address) return &neighbor;
  return nullptr;
}

Neighbor* Core::find_neighbor(NeighborId id) {
  const auto found = neighbors_.find(id);
  return found == neighbors_.end() || found->second.phase == Phase::lost ? nullptr : &found->second;
}

void Core::receive(net::Time now, const Arrival& arrival, net::View octets) {
  Link* link = nullptr;
  if (auto packet = admit(now, arrival, octets, link)) {
    count_received(*packet);
    if (trace_) trace_->received(arrival, *packet);
    dispatch(now, *link, arrival, *packet);
  } else if (trace_) {
    trace_->refused(arrival, octets.size() < 2 ? 0 : std::to_integer<unsigned>(octets[1]), packet.error());
  }
  settle(now);
}

// What must hold of any packet before its content counts. Cheap checks come first.
std::expected<wire::Packet, std::string_view> Core::admit(net::Time now, const Arrival& arrival, net::View octets,
                                                          Link*& link) {
  const auto nothing = [&](Refusal why) {
    refuse(why);
    return std::unexpected(text(why));
  };
  link = find_link(arrival.interface);
  if (!link || link->passive) return nothing(Refusal::no_such_interface);
  if (link->is_own(arrival.source)) return nothing(Refusal::own_address);
  auto packet = wire::Packet::decode(octets);
  if (!packet) {
    ++traffic_.malformed[static_cast<std::size_t>(packet.error())];
    return std::unexpected(wire::text(packet.error()));
  }
  if (packet->autonomous_system != configuration_.autonomous_system) return nothing(Refusal::wrong_autonomous_system);
  if (const auto why = stranger(now, *link, arrival.source)) return nothing(*why);
  if (!authentic(*link, arrival, octets, *packet)) return nothing(Refusal::authentication);
  return std::move(*packet);
}

bool Core::authentic(Link& link, const Arrival& arrival, net::View octets, const wire::Packet& packet) {
  if (!link.settings.authentication.required) return true;
  const auto* tlv = packet.find<wire::Authentication>();
  const bool good = tlv && std::ranges::any_of(link.settings.authentication.accept, [&](const auto& key) {
                      return key.id == tlv->key_id && wire::verify(octets, key, arrival.source);
                    });
  if (auto* neighbor = find_neighbor(link, arrival.source)) neighbor->authentication_failed = !good;
  return good;
}

void Core::dispatch(net::Time now, Link& link, const Arrival& arrival, const wire::Packet& packet) {
  if (packet.opcode == wire::Opcode::hello && packet.acknowledgment == 0) return hear_hello(now, link, arrival, packet);
  auto* neighbor = find_neighbor(link, arrival.source);
  if (!neighbor) return refuse(Refusal::not_a_neighbor);
  neighbor->hold_until = now + neighbor->hold;
  if (packet.acknowledgment != 0 && !arrival.multicast) hear_acknowledgment(now, *neighbor, packet.acknowledgment);
  if (packet.opcode == wire::Opcode::hello) return;
  if (packet.opcode == wire::Opcode::request) return refuse(Refusal::packet_type);
  if (packet.opcode == wire::Opcode::update && packet.flags.init) {
    if (arrival.multicast) return refuse(Refusal::packet_type);
    return hear_init(now, link, *neighbor, packet);
  }
  if (accept(*neighbor, packet, arrival.multicast)) hear_routes(now, link, *neighbor, packet);
}

void Core::count_received(const wire::Packet& packet) {
  switch (packet.opcode) {
    case wire::Opcode::update: ++traffic_.updates.received; break;
    case wire::Opcode::query: ++traffic_.queries.received; break;
    case wire::Opcode::reply: ++traffic_.replies.received; break;
    case wire::Opcode::sia_query: ++traffic_.sia_queries.received; break;
    case wire::Opcode::sia_reply: ++traffic_.sia_replies.received; break;
    case wire::Opcode::hello: ++(packet.acknowledgment ? traffic_.acks : traffic_.hellos).received; break;
    case wire::Opcode::request: break;
  }
}

// Telling may lose a neighbour (its queue is full, its tries are used up), which changes more: hence the loop, which
// ends because each turn beyond the first loses one.
void Core::settle(net::Time now) {
  do {
    summarize(now);
    tell_all(now);
    pump(now);
  } while (!changed_.empty());
  send_acknowledgments();
  std::erase_if(neighbors_, [](const auto& item) { return item.second.phase == Phase::lost; });
}

void Core::timeout(net::Time now) {
  expire_holds(now);
  press_active(now);
  send_due_hellos(now);
  settle(now);
}

void Core::expire_holds(net::Time now) {
  std::vector<NeighborId> expired, unauthentic;
  for (const auto& [id, neighbor] : neighbors_)
    if (neighbor.phase != Phase::lost && neighbor.hold_until <= now)
      (neighbor.authentication_failed ? unauthentic : expired).push_back(id);
  go_down(now, expired, "holding time expired", true);
  go_down(now, unauthentic, "Auth failure", true);
}

std::size_t Core::clear(net::Time now, const std::optional<net::Address>& address,
                        const std::optional<std::string>& interface) {
  std::vector<NeighborId> chosen;
  for (const auto& [id, neighbor] : neighbors_)
    if ((!address || neighbor.address == *address) &&
        (!interface || links_.at(neighbor.interface).interface.name == *interface))
      chosen.push_back(id);
  go_down(now, chosen, "manually cleared", true);
  settle(now);
  return chosen.size();
}

void Core::shutdown(net::Time now) {
  configuration_.networks.clear();
  configuration_.redistribute_connected.reset();
  configuration_.redistribute_static.reset();
  reconcile(now);
  settle(now);
}

std::optional<Output> Core::poll() {
  if (outputs_.empty()) return std::nullopt;
  auto output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

std::optional<net::Time> Core::deadline() const {
  std::optional<net::Time> first;
  const auto sooner = [&](const std::optional<net::Time>& due) {
    if (due && (!first || *due < *first)) first = due;
  };
  for (const auto& [id, link] : links_)
    if (!link.passive) sooner(link.hello_due);
  for (const auto& [id, neighbor] : neighbors_) {
    sooner(neighbor.hold_until);
    sooner(transport_deadline(links_.at(neighbor.interface), neighbor));
  }
  if (!sia_.empty()) sooner(sia_.begin()->first);
  return first;
}

void Core::say(EventKind kind, std::string text) {
  outputs_.push_back(Event{.kind = kind, .text = fmt::format("{}: {}", name(), text)});
}

// What anybody on the link can bring about is said at most every five minutes for one address.
void Core::warn(net::Time now, const net::Address& about, EventKind kind, std::string text) {
  if (const auto last = warned_.find(about); last != warned_.end() && now - last->second < warn_interval) return;
  if (warned_.size() >= warned_max) {
    std::erase_if(warned_, [&](const auto& item) { return now - item.second >= warn_interval; });
    if (warned_.size() >= warned_max) return;
  }
  warned_[about] = now;
  const bool wanted =
      kind == EventKind::neighbor_warning ? configuration_.log_neighbor_warnings : configuration_.log_neighbor_changes;
  if (wanted) say(kind, std::move(text));
}

void Core::chronicle(net::Time now, const net::Prefix& prefix, std::string text) {
  happened_.push_back({.when = now, .prefix = prefix, .text = std::move(text)});
  while (happened_.size() > options_.events_max) happened_.pop_front();
}

bool Core::believes_route(const Entry& entry, const Link& link) {
  const auto last = std::ranges::find(entry.told, link.id, &Told::interface);
  return last != entry.told.end() && last->audience == link.audience && last->word == Word::route;
}

std::vector<NeighborId> Core::asked(const Entry& entry) {
  std::vector<NeighborId> list;
  for (const auto& [id, neighbor] : neighbors_) {
    if (!neighbor.up()) continue;
    const auto& link = links_.at(neighbor.interface);
    // A stub is never asked, but what it believes counts until it has acknowledged better (routes_out.cpp).
    if (neighbor.stub) {
      if (believes_route(entry, link)) list.push_back(id);
      continue;
    }
    const auto& exits = entry.advertised.exits;
    const bool behind_split_horizon = link.settings.split_horizon && std::ranges::find(exits, link.id) != exits.end();
    // One that has acknowledged everything knows that we reach the destination through its own side, and by split
    // horizon needs no question; one that has not may still believe older news.
    if (!behind_split_horizon || !neighbor.queue.empty()) list.push_back(id);
  }
  return list;
}

// Gone for good once nobody has a path to it and everybody has been told.
void Core::forget_if_dead(Entry& entry) {
  entry.todo = {};
  if (!entry.active && entry.paths.empty() && !entry.installed) topology_.erase(entry);
}

void Core::changed(Entry& entry) {
  if (!std::exchange(entry.todo.listed, true)) changed_.push_back(&entry);
}

std::string Core::describe(const Origin& origin) const {
  switch (origin.source) {
    case PathSource::summary: return "a summary";
    case PathSource::redistributed: return "redistribution";
    case PathSource::connected:
      for (const auto& [name, id] : interface_ids_)
        if (id == origin.id) return "connected " + name;
      return "connected";
    case PathSource::neighbor: break;
  }
  if (const auto found = neighbors_.find(origin.id); found != neighbors_.end())
    return found->second.address.to_string();
  if (const auto former = former_.find(origin.id); former != former_.end()) return former->second.to_string();
  return "a former neighbor";
}

void Core::transition(const Entry& entry, const Transition& made) {
  happened_.push_back({.when = made.when, .prefix = entry.prefix, .made = made});
  while (happened_.size() > options_.events_max) happened_.pop_front();
  if (trace_)
    trace_->fsm(fmt::format("{} {} {}", entry.prefix, entry.active ? "active" : "passive", transition_text(made)));
}

}  // namespace culvert::routing::eigrp
