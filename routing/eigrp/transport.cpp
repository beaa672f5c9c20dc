// The reliable transport (RFC 7868 §5.2): each neighbour gets its packets one by one and in order, by multicast where
// several wait for the same one, and by unicast whenever it has to be said again. One that waits alone gets a unicast,
// too, where that takes along the acknowledgment that it awaits, which no multicast may carry.
//
// Sequence numbers are given when a packet is queued, so that each neighbour sees them rise. A multicast goes out as
// soon as some are ready for it; those that are not are named in a HELLO before it, leave it alone because it carries
// the CR flag, and get a copy of their own when their turn comes.
#include <algorithm>

#include "routing/eigrp/core.h"
#include "routing/eigrp/wire/authentication.h"

namespace culvert::routing::eigrp {
namespace {

constexpr unsigned retransmissions_max = 16;
// Timers finer than this are not worth a wakeup: a link may be ahead of its pace by as much.
constexpr net::Duration pacing_slack = std::chrono::milliseconds(2);

}  // namespace

void Core::enqueue(net::Time now, const std::vector<NeighborId>& to, wire::Packet packet, EncodedRoutes routes,
                   bool multicast) {
  packet.autonomous_system = configuration_.autonomous_system;
  packet.sequence = sequence_.next();
  const auto outgoing = std::make_shared<Outgoing>(std::move(packet), std::move(routes), multicast);
  std::vector<NeighborId> full;
  for (const auto id : to) {
    auto& queue = neighbors_.at(id).queue;
    if (queue.size() >= options_.queue_packets_max)
      full.push_back(id);
    else
      queue.push_back({.outgoing = outgoing});
  }
  go_down(now, full, "retry limit exceeded", true);
}

void Core::hear_acknowledgment(net::Time now, Neighbor& neighbor, std::uint32_t sequence) {
  auto& queue = neighbor.queue;
  if (queue.empty() || queue.front().sequence() != sequence ||
      (queue.front().tries == 0 && !queue.front().outgoing->multicast_sent))
    return refuse(Refusal::acknowledgment);
  const auto acknowledged = std::move(queue.front());
  queue.pop_front();
  if (acknowledged.tries == 1) neighbor.round_trip.measured(now - acknowledged.sent_at);
  if (!acknowledged.outgoing->packet.flags.init) return hear_confirmation(now, neighbor, sequence);
  neighbor.init_acknowledged = true;
  come_up_if_started(now, neighbor);
}

bool Core::accept(Neighbor& neighbor, const wire::Packet& packet, bool multicast) {
  const auto no = [&](Refusal why) {
    refuse(why);
    return false;
  };
  if (packet.sequence == 0) return no(Refusal::packet_type);
  if (!neighbor.up()) return no(Refusal::pending_neighbor);
  if (multicast && !neighbor.table_begun) return no(Refusal::multicast_before_table);
  if (packet.flags.conditional_receive) {
    const auto expected = std::exchange(neighbor.conditional, std::nullopt);
    if (!expected || (*expected != 0 && *expected != packet.sequence))
      return no(Refusal::not_in_conditional_receive_mode);
  }
  if (packet.sequence == neighbor.last_received) {
    neighbor.acknowledge = packet.sequence;
    return no(Refusal::duplicate);
  }
  if (!newer(packet.sequence, neighbor.last_received)) {
    ++links_.at(neighbor.interface).counters.out_of_sequence_received;
    return no(Refusal::out_of_sequence);
  }
  neighbor.last_received = packet.sequence;
  neighbor.acknowledge = packet.sequence;
  neighbor.table_begun = true;
  return true;
}

void Core::pump(net::Time now) {
  for (auto& [id, link] : links_)
    if (!link.neighbors.empty()) pump(now, link);
}

void Core::pump(net::Time now, Link& link) {
  std::vector<NeighborId> given_up;
  link.send_from = std::max(link.send_from, now);
  for (std::size_t i = 0; i < link.neighbors.size() && link.send_from <= now + pacing_slack; ++i) {
    auto& neighbor = neighbors_.at(link.neighbors[i]);
    if (neighbor.queue.empty()) continue;
    auto& head = neighbor.queue.front();
    if (head.tries == 0)
      send_first(now, link, neighbor);
    else if (head.due <= now && !retransmit(now, link, neighbor))
      given_up.push_back(neighbor.id);
  }
  go_down(now, given_up, "retry limit exceeded", true);
}

void Core::send_first(net::Time now, Link& link, Neighbor& neighbor) {
  const auto outgoing = neighbor.queue.front().outgoing;
  std::vector<NeighborId> ready, lagging;
  if (outgoing->multicast && !outgoing->multicast_sent && !link.unicast_only) {
    for (const auto id : link.neighbors) {
      const auto& queue = neighbors_.at(id).queue;
      const auto place = std::ranges::find(queue, outgoing, &Queued::outgoing);
      if (place == queue.end()) continue;
      (place == queue.begin() && place->tries == 0 ? ready : lagging).push_back(id);
    }
    const bool alone = ready.size() == 1 && lagging.empty();
    if (ready.size() > 1 || (alone && !neighbor.acknowledge))
      return send_multicast(now, link, *outgoing, ready, lagging);
    link.counters.multicast_exceptions += !alone;
  }
  auto& head = neighbor.queue.front();
  head = {.outgoing = outgoing, .tries = 1, .sent_at = now, .due = now + neighbor.round_trip.timeout()};
  ++link.counters.unicasts_sent;
  send_unicast(link, neighbor, *outgoing);
}

// False: it has been tried often enough.
bool Core::retransmit(net::Time now, Link& link, Neighbor& neighbor) {
  auto& head = neighbor.queue.front();
  if (head.tries > retransmissions_max) return false;
  ++head.tries;
  ++neighbor.retransmissions;
  ++link.counters.retransmissions;
  head.due = now + neighbor.round_trip.timeout_after(head.tries);
  send_unicast(link, neighbor, *head.outgoing);
  return true;
}

void Core::send_multicast(net::Time now, Link& link, Outgoing& outgoing, const std::vector<NeighborId>& ready,
                          const std::vector<NeighborId>& lagging) {
  auto packet = outgoing.packet;
  if (!lagging.empty()) {
    auto hello = hello_packet(link);
    wire::SequenceList list;
    for (const auto id : lagging) list.neighbors.push_back(neighbors_.at(id).address);
    hello.tlvs.emplace_back(std::move(list));
    hello.tlvs.emplace_back(wire::NextMulticastSequence{packet.sequence});
    put_on_wire(link, std::nullopt, hello);
    packet.flags.conditional_receive = true;
    ++link.counters.conditional_receive_sent;
  }
  for (const auto id : ready) {
    auto& neighbor = neighbors_.at(id);
    auto& head = neighbor.queue.front();
    head.tries = 1;
    head.sent_at = now;
    head.due = now + neighbor.round_trip.timeout();
  }
  outgoing.multicast_sent = true;
  ++link.counters.multicasts_sent;
  put_on_wire(link, std::nullopt, packet, outgoing.routes.tlvs);
}

void Core::send_unicast(Link& link, Neighbor& neighbor, const Outgoing& outgoing) {
  auto packet = outgoing.packet;
  packet.acknowledgment = std::exchange(neighbor.acknowledge, std::nullopt).value_or(0);
  link.counters.acks_suppressed += packet.acknowledgment != 0;
  put_on_wire(link, neighbor.address, packet, outgoing.routes.tlvs);
}

// What no packet took along.
void Core::send_acknowledgments() {
  for (auto& [id, neighbor] : neighbors_) {
    const auto sequence = std::exchange(neighbor.acknowledge, std::nullopt);
    if (!sequence || neighbor.phase == Phase::lost) continue;
    put_on_wire(links_.at(neighbor.interface), neighbor.address,
                wire::Packet{.acknowledgment = *sequence, .autonomous_system = configuration_.autonomous_system});
  }
}

void Core::put_on_wire(Link& link, const std::optional<net::Address>& destination, const wire::Packet& packet,
                       net::View routes) {
  count_sent(packet, link);
  if (trace_) trace_->sent(link.interface.name, destination, *wire::Packet::decode(packet.encode(routes)));
  const auto& key = link.settings.authentication.send;
  const bool reliable = packet.sequence != 0;
  if (!reliable) ++(destination ? link.counters.plain_unicasts : link.counters.plain_multicasts);
  auto bytes = key ? wire::encode_signed(packet, *key, link.own_address(), routes) : packet.encode(routes);
  if (reliable) link.send_from += link.pacing(bytes.size());
  outputs_.push_back(Transmit{link.interface.name, destination, std::move(bytes)});
}

void Core::count_sent(const wire::Packet& packet, Link& link) {
  switch (packet.opcode) {
    case wire::Opcode::update: ++traffic_.updates.sent; break;
    case wire::Opcode::query: ++traffic_.queries.sent; break;
    case wire::Opcode::reply:
      ++traffic_.replies.sent;
      ++link.counters.replies_sent;
      break;
    case wire::Opcode::sia_query: ++traffic_.sia_queries.sent; break;
    case wire::Opcode::sia_reply: ++traffic_.sia_replies.sent; break;
    case wire::Opcode::hello:
      ++(packet.acknowledgment ? traffic_.acks : traffic_.hellos).sent;
      if (!packet.acknowledgment) ++link.counters.hellos_sent;
      break;
    case wire::Opcode::request: break;
  }
}

std::optional<net::Time> Core::transport_deadline(const Link& link, const Neighbor& neighbor) const {
  if (neighbor.queue.empty()) return std::nullopt;
  const auto& head = neighbor.queue.front();
  const auto paced = link.send_from - pacing_slack;
  return head.tries == 0 ? paced : std::max(head.due, paced);
}

}  // namespace culvert::routing::eigrp
