// HELLO packets (RFC 7868 §5.3.2): who is there, for how long, and by which weights it counts.
#include <algorithm>

#include <fmt/format.h>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

// A neighbour that was discovered so short a time ago has taken leave of its former life before.
constexpr net::Duration goodbye_echo = std::chrono::seconds(1);

}  // namespace

wire::Packet Core::hello_packet(const Link& link) const {
  const auto& k = configuration_.k;
  const bool wide = configuration_.style == MetricStyle::wide;
  wire::Packet packet{.autonomous_system = configuration_.autonomous_system};
  packet.tlvs.emplace_back(wire::Parameters{k.k1, k.k2, k.k3, k.k4, k.k5, k.k6, link.hold_time_s()});
  packet.tlvs.emplace_back(wire::SoftwareVersion{.os_major = 1,
                                                 .os_minor = 0,
                                                 .tlv_major = static_cast<std::uint8_t>(wide ? 2 : 1),
                                                 .tlv_minor = static_cast<std::uint8_t>(wide ? 0 : 2)});
  if (const auto& stub = configuration_.stub) {
    using wire::Stub;
    packet.tlvs.emplace_back(Stub{static_cast<std::uint16_t>(
        stub->receive_only
            ? Stub::receive_only
            : (stub->connected ? Stub::connected : 0) | (stub->static_routes ? Stub::static_routes : 0) |
                  (stub->summary ? Stub::summary : 0) | (stub->redistributed ? Stub::redistributed : 0))});
  }
  return packet;
}

// To the group, or to each configured neighbour of an interface that has some.
void Core::broadcast(Link& link, const wire::Packet& packet) {
  if (!link.unicast_only) return put_on_wire(link, std::nullopt, packet);
  for (const auto& address : link.configured_neighbors) put_on_wire(link, address, packet);
}

void Core::send_hello(net::Time now, Link& link) {
  link.hello_due = now + link.hello_interval();
  broadcast(link, hello_packet(link));
}

void Core::send_due_hellos(net::Time now) {
  for (auto& [id, link] : links_)
    if (!link.passive && link.hello_due <= now) send_hello(now, link);
}

// All K values but K6 are 255 (§6.7.7): the interface takes its leave. That of a former life bears INIT, so that it is
// known should it come late.
void Core::send_goodbye(Link& link, bool former) {
  auto packet = hello_packet(link);
  packet.flags.init = former;
  packet.tlvs.front() = wire::Parameters{255, 255, 255, 255, 255, 0, link.hold_time_s()};
  broadcast(link, packet);
}

void Core::send_termination(Link& link, const net::Address& neighbor) {
  auto packet = hello_packet(link);
  packet.tlvs.emplace_back(wire::PeerTermination{{neighbor}});
  broadcast(link, packet);
}

// §6.1 for IPv6; for IPv4 the sender must be on a subnet of ours.
std::optional<Refusal> Core::stranger(net::Time now, const Link& link, const net::Address& from) {
  if (!link.on_subnet(from)) {
    warn(now, from, EventKind::neighbor_warning,
         fmt::format("Neighbor {} ({}) is blocked: not on common subnet ({})", from, link.interface.name,
                     link.interface.addresses.front()));
    return Refusal::not_on_common_subnet;
  }
  const auto& configured = link.configured_neighbors;
  if (!link.unicast_only || std::ranges::find(configured, from) != configured.end()) return std::nullopt;
  return Refusal::not_configured;
}

void Core::hear_hello(net::Time now, Link& link, const Arrival& arrival, const wire::Packet& packet) {
  auto* neighbor = find_neighbor(link, arrival.source);
  if (const auto* termination = packet.find<wire::PeerTermination>()) {
    const bool ours = std::ranges::any_of(termination->neighbors, [&](const auto& a) { return link.is_own(a); });
    if (ours && neighbor) return go_down(now, neighbor->id, "Interface PEER-TERMINATION received", false);
  }
  if (const auto* parameters = packet.find<wire::Parameters>())
    return hear_parameters(now, link, neighbor, arrival.source, packet, *parameters);
  if (!neighbor) return refuse(Refusal::not_a_neighbor);
  neighbor->hold_until = now + neighbor->hold;
  hear_sequence_list(link, *neighbor, packet);
}

void Core::hear_parameters(net::Time now, Link& link, Neighbor* known, const net::Address& from,
                           const wire::Packet& packet, const wire::Parameters& parameters) {
  if (parameters.is_goodbye()) {
    if (known && packet.flags.init && now - known->since < goodbye_echo) return refuse(Refusal::late_goodbye);
    if (known) go_down(now, known->id, "Interface Goodbye received", false);
    return;
  }
  const auto& p = parameters;
  if (KValues{p.k1, p.k2, p.k3, p.k4, p.k5, p.k6} != configuration_.k) {
    refuse(Refusal::k_values);
    if (known) return go_down(now, known->id, "K-value mismatch", true);
    return warn(now, from, EventKind::neighbor_down,
                fmt::format("Neighbor {} ({}) is down: K-value mismatch", from, link.interface.name));
  }
  if (p.hold_time_s == 0) return refuse(Refusal::hold_time_zero);
  if (!known && link.neighbors.size() >= options_.neighbors_per_interface_max) return refuse(Refusal::neighbor_limit);
  auto& neighbor = known ? *known : add_neighbor(now, link, from);
  neighbor.hold = std::chrono::seconds(p.hold_time_s);
  neighbor.hold_until = now + neighbor.hold;
  if (const auto* stub = packet.find<wire::Stub>()) neighbor.stub = stub->flags;
  if (const auto* version = packet.find<wire::SoftwareVersion>()) neighbor.version = *version;
  if (!known) start(now, link, neighbor);
  hear_sequence_list(link, neighbor, packet);
}

// Those that are not listed take the next conditional multicast; those that are wait for their own copy (Figure 8).
void Core::hear_sequence_list(const Link& link, Neighbor& neighbor, const wire::Packet& packet) {
  const auto* list = packet.find<wire::SequenceList>();
  if (!list) return;
  const bool listed = std::ranges::any_of(list->neighbors, [&](const auto& address) { return link.is_own(address); });
  const auto* next = packet.find<wire::NextMulticastSequence>();
  neighbor.conditional = listed ? std::nullopt : std::optional(next ? next->sequence : 0);
}

}  // namespace culvert::routing::eigrp
