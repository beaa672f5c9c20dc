// The life of a neighbour (RFC 7868 §5.3): discovered, started by three ways, up, and down for one of many reasons.
#include <algorithm>

#include <fmt/format.h>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

// A copy of an INIT that the network kept for so long is taken for another start.
constexpr net::Duration init_echo = std::chrono::seconds(10);
constexpr std::size_t former_max = 256;

}  // namespace

// A pending neighbour.
Neighbor& Core::add_neighbor(net::Time now, Link& link, const net::Address& address) {
  const auto handle = free_handle();
  const auto id = ++last_neighbor_;
  auto& neighbor = neighbors_[id];
  neighbor.id = id;
  neighbor.handle = handle;
  neighbor.address = address;
  neighbor.interface = link.id;
  neighbor.configured = link.unicast_only;
  neighbor.since = now;
  neighbor.hold = std::chrono::seconds(link.hold_time_s());
  neighbor.hold_until = now + neighbor.hold;
  link.neighbors.push_back(id);
  return neighbor;
}

// The lowest that nobody has, as in IOS.
std::uint32_t Core::free_handle() const {
  std::set<std::uint32_t> taken;
  for (const auto& [id, neighbor] : neighbors_) taken.insert(neighbor.handle);
  std::uint32_t handle = 0;
  while (taken.contains(handle)) ++handle;
  return handle;
}

// An expedited HELLO and our INIT.
void Core::start(net::Time now, Link& link, Neighbor& neighbor) {
  ++link.counters.hellos_expedited;
  send_hello(now, link);
  send_init(now, neighbor);
}

// The NULL UPDATE: INIT and nothing else, so that its acknowledgment proves that unicast works both ways.
void Core::send_init(net::Time now, Neighbor& neighbor) {
  enqueue(now, {neighbor.id}, wire::Packet{.opcode = wire::Opcode::update, .flags = {.init = true}}, {}, false);
  neighbor.init_sent = sequence_.last();
}

void Core::hear_init(net::Time now, Link& link, Neighbor& neighbor, const wire::Packet& packet) {
  if (packet.sequence == 0) return refuse(Refusal::packet_type);
  const bool again = neighbor.init_heard == packet.sequence;
  if (again && (neighbor.last_received == packet.sequence || now - neighbor.since < init_echo)) {
    refuse(Refusal::duplicate);
    neighbor.acknowledge = packet.sequence;
    return;
  }
  auto* life = &neighbor;
  if (neighbor.up() && neighbor.init_heard) life = &begin_again(now, link, neighbor, packet);
  life->init_heard = life->last_received = packet.sequence;
  life->acknowledge = packet.sequence;
  come_up_if_started(now, *life);
}

// The neighbour forgot us. Its INIT must be answered by ours, unless it already acknowledges the one we sent last: two
// that answer each INIT by another would never end.
Neighbor& Core::begin_again(net::Time now, Link& link, const Neighbor& before, const wire::Packet& packet) {
  const bool knows_our_init = packet.acknowledgment == before.init_sent;
  go_down(now, before.id, "peer restarted", false);
  auto& life = add_neighbor(now, link, before.address);
  life.hold = before.hold;
  life.hold_until = now + before.hold;
  life.stub = before.stub;
  life.version = before.version;
  life.init_sent = before.init_sent;
  life.init_acknowledged = knows_our_init;
  if (!knows_our_init) start(now, link, life);
  return life;
}

void Core::come_up_if_started(net::Time, Neighbor& neighbor) {
  if (neighbor.up() || !neighbor.init_acknowledged || !neighbor.init_heard) return;
  neighbor.phase = Phase::up;
  neighbor.table_due = true;
  if (configuration_.log_neighbor_changes)
    say(EventKind::neighbor_up, fmt::format("Neighbor {} ({}) is up: new adjacency", neighbor.address,
                                            links_.at(neighbor.interface).interface.name));
}

void Core::go_down(net::Time now, NeighborId id, std::string_view reason, bool terminate) {
  go_down(now, std::vector{id}, reason, terminate);
}

// All of them are gone before DUAL hears of the first: none shall be asked for a way around another.
// NOLINTNEXTLINE(performance-unnecessary-value-param): the list may be a link's own, which loses them here
void Core::go_down(net::Time now, std::vector<NeighborId> ids, std::string_view reason, bool terminate) {
  for (const auto id : ids) {
    auto& neighbor = neighbors_.at(id);
    auto& link = links_.at(neighbor.interface);
    if (configuration_.log_neighbor_changes && neighbor.up())
      say(EventKind::neighbor_down,
          fmt::format("Neighbor {} ({}) is down: {}", neighbor.address, link.interface.name, reason));
    neighbor.phase = Phase::lost;
    std::erase(link.neighbors, id);
    if (up_neighbors(link).empty()) link.audience = ++last_audience_;
    former_[id] = neighbor.address;
    if (former_.size() > former_max) former_.erase(former_.begin());
    if (terminate) send_termination(link, neighbor.address);
    chronicle(now, net::Prefix::host(neighbor.address), fmt::format("Neighbor down: {}", reason));
  }
  for (const auto id : ids) forget_routes(now, id);
}

void Core::forget_routes(net::Time now, NeighborId id) {
  const auto origin = Origin::neighbor(id);
  for (auto& entry : topology_)
    if (entry.active || entry.find(origin)) dual_.lose(now, entry, origin);
}

}  // namespace culvert::routing::eigrp
