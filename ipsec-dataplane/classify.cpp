// classify: is it for us, ESP to open, or transit? Input policy of an interface stands here too.
#include <netinet/in.h>
#include <rte_icmp.h>
#include <rte_udp.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/ike_spis.h"
#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane {
namespace {

constexpr std::uint8_t protocol_eigrp = 88;
constexpr std::uint16_t ike_port = 500, nat_traversal_port = 4500;
constexpr std::uint32_t non_esp_marker = 0;

void punt_as(Packet& p, PuntReason reason) {
  meta(p).step = Step::punt;
  meta(p).punt = reason;
}

// By its SPIs: whose SA stands does not wait behind strangers.
void punt_ike(Packet& p, std::span<const std::byte> message, const IkeSpis* known) {
  std::array<rte_be64_t, 2> spis;  // of the initiator, and of the responder
  if (message.size() < sizeof spis || known == nullptr) return punt_as(p, PuntReason::ike_stranger);
  std::memcpy(&spis, message.data(), sizeof spis);
  switch (known->of(rte_be_to_cpu_64(spis[0]), rte_be_to_cpu_64(spis[1]))) {
    case IkeStanding::stranger: return punt_as(p, PuntReason::ike_stranger);
    case IkeStanding::half_open: return punt_as(p, PuntReason::ike_half_open);
    case IkeStanding::known: return punt_as(p, PuntReason::ike);
  }
}

// UDP 4500: a keepalive octet, IKE behind a non-ESP marker, or ESP (RFC 3948 §2).
void nat_traversal(Packet& p, std::span<const std::byte> payload, const IkeSpis* known) {
  if (payload.size() == 1 && payload[0] == std::byte{0xff}) return drop(p, Drop::nat_keepalive);
  if (payload.size() < 8) return drop(p, Drop::bad_udp);
  std::uint32_t first;
  std::memcpy(&first, payload.data(), sizeof first);
  if (first == non_esp_marker) return punt_ike(p, payload.subspan(sizeof first), known);
  meta(p).flags |= flag::udp_esp;
  meta(p).step = Step::esp_open;
}

void udp_to_us(Packet& p, const IkeSpis* known) {
  const auto l4 = data(p).subspan(meta(p).header_length);
  if (l4.size() < sizeof(rte_udp_hdr)) return drop(p, Drop::bad_udp);
  const auto& udp = *reinterpret_cast<const rte_udp_hdr*>(l4.data());
  const std::size_t length = rte_be_to_cpu_16(udp.dgram_len);
  if (length < sizeof(rte_udp_hdr) || length > l4.size()) return drop(p, Drop::bad_udp);
  const auto payload = l4.subspan(sizeof udp, length - sizeof udp);
  switch (rte_be_to_cpu_16(udp.dst_port)) {
    case ike_port: return punt_ike(p, payload, known);
    case nat_traversal_port: return nat_traversal(p, payload, known);
    default: return drop_and_tell(p, Drop::not_accepted, icmp::unreachable, icmp::port_unreachable);
  }
}

void icmp_to_us(Packet& p) {
  const auto l4 = data(p).subspan(meta(p).header_length);
  if (l4.size() < sizeof(rte_icmp_hdr) || rte_raw_cksum(l4.data(), l4.size()) != 0xffff)
    return drop(p, Drop::not_accepted);
  if (l4[0] != std::byte{icmp::echo_request}) return punt_as(p, PuntReason::icmp);
  answer_echo(p);
}

void to_us(Packet& p, const WorkerState& worker) {
  const auto& ip = ipv4(p);
  if (is_fragment(ip)) {
    meta(p).step = Step::reassemble;
    return;
  }
  switch (ip.next_proto_id) {
    case IPPROTO_ESP: meta(p).step = Step::esp_open; return;
    case IPPROTO_UDP: return udp_to_us(p, worker.ike_spis);
    case IPPROTO_ICMP: return icmp_to_us(p);
    case protocol_eigrp: return punt_as(p, PuntReason::eigrp);
    case IPPROTO_TCP: return punt_as(p, PuntReason::tcp);
    default: return drop(p, Drop::not_accepted);
  }
}

bool is_group(std::uint32_t address) { return address >> 28 == 0xe; }

// Nothing that is sent to a group is forwarded, and only routing protocols speak to the router by one.
void to_group(Packet& p, const Interface& interface, std::uint32_t group, const WorkerState& worker) {
  if (std::ranges::find(interface.groups, group) == interface.groups.end()) return drop(p, Drop::group_not_joined);
  if (ipv4(p).next_proto_id != protocol_eigrp) return drop(p, Drop::not_accepted);
  to_us(p, worker);
}

void classify_one(Packet& p, const Tables& tables, const WorkerState& worker) {
  const auto& ip = ipv4(p);
  const auto local = has(p, flag::local);
  if (!local && !tables.interface(meta(p).interface).up) return drop(p, Drop::interface_down);
  if (!local && tables.own.contains(rte_be_to_cpu_32(ip.src_addr))) return drop(p, Drop::bad_source);
  const auto destination = rte_be_to_cpu_32(ip.dst_addr);
  if (const auto* own = tables.own.find(destination))
    return own->broadcast ? drop(p, Drop::not_accepted) : to_us(p, worker);
  if (is_group(destination)) return to_group(p, tables.interface(meta(p).interface), destination, worker);
  if (destination >> 24 == 127 || destination == 0 || destination >> 28 == 0xf) return drop(p, Drop::not_accepted);
  if (has(p, flag::link_group)) return drop(p, Drop::not_accepted);
  meta(p).step = Step::route;
}

// A packet out of ESP comes in by its tunnel.
void count_opened(Packet& p, WorkerState& worker) {
  worker.counters->stage(StageCount::opened).add();
  auto& counters = worker.counters->interfaces[meta(p).interface];
  counters.in_packets.add();
  counters.in_octets.add(p.pkt_len);
}

}  // namespace

void classify(Burst& burst, const Tables& tables, WorkerState& worker) {
  for (auto* p : burst) {
    if (meta(*p).step != Step::classify) continue;
    worker.counters->stage(StageCount::classified).add();
    if (has(*p, flag::decrypted) && !has(*p, flag::whole) && meta(*p).opened_by == no_interface)
      count_opened(*p, worker);
    classify_one(*p, tables, worker);
  }
}

}  // namespace culvert::dataplane
