// classify: is it for us, ESP to open, or transit? Input policy of an interface stands here too.
#include <netinet/in.h>
#include <rte_icmp.h>
#include <rte_udp.h>

#include <algorithm>
#include <cstring>

#include "ipsec-dataplane/icmp.h"
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

// By its header: who asks for a new IKE SA stands in a queue of its own. What is too short goes with the rest.
void punt_ike(Packet& p, std::span<const std::byte> message) {
  constexpr std::size_t responder_spi = 8, exchange = 18, flags = 19;
  constexpr std::byte ike_sa_init{34}, response{0x20};
  std::uint64_t spi = 1;
  if (message.size() > flags) std::memcpy(&spi, message.data() + responder_spi, sizeof spi);
  const bool newcomer = spi == 0 && message[exchange] == ike_sa_init && (message[flags] & response) == std::byte{0};
  punt_as(p, newcomer ? PuntReason::ike_init : PuntReason::ike);
}

// UDP 4500: a keepalive octet, IKE behind a non-ESP marker, or ESP (RFC 3948 §2).
void nat_traversal(Packet& p, std::span<const std::byte> payload) {
  if (payload.size() == 1 && payload[0] == std::byte{0xff}) return drop(p, Drop::nat_keepalive);
  if (payload.size() < 8) return drop(p, Drop::bad_udp);
  std::uint32_t first;
  std::memcpy(&first, payload.data(), sizeof first);
  if (first == non_esp_marker) return punt_ike(p, payload.subspan(sizeof first));
  meta(p).flags |= flag::udp_esp;
  meta(p).step = Step::esp_open;
}

void udp_to_us(Packet& p) {
  const auto l4 = data(p).subspan(meta(p).header_length);
  if (l4.size() < sizeof(rte_udp_hdr)) return drop(p, Drop::bad_udp);
  const auto& udp = *reinterpret_cast<const rte_udp_hdr*>(l4.data());
  const std::size_t length = rte_be_to_cpu_16(udp.dgram_len);
  if (length < sizeof(rte_udp_hdr) || length > l4.size()) return drop(p, Drop::bad_udp);
  const auto payload = l4.subspan(sizeof udp, length - sizeof udp);
  switch (rte_be_to_cpu_16(udp.dst_port)) {
    case ike_port: return punt_ike(p, payload);
    case nat_traversal_port: return nat_traversal(p, payload);
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

void to_us(Packet& p) {
  const auto& ip = ipv4(p);
  if (is_fragment(ip)) {
    meta(p).step = Step::reassemble;
    return;
  }
  switch (ip.next_proto_id) {
    case IPPROTO_ESP: meta(p).step = Step::esp_open; return;
    case IPPROTO_UDP: return udp_to_us(p);
    case IPPROTO_ICMP: return icmp_to_us(p);
    case protocol_eigrp: return punt_as(p, PuntReason::eigrp);
    case IPPROTO_TCP: return punt_as(p, PuntReason::tcp);
    default: return drop(p, Drop::not_accepted);
  }
}

bool is_group(std::uint32_t address) { return address >> 28 == 0xe; }

// Nothing that is sent to a group is forwarded, and only routing protocols speak to the router by one.
void to_group(Packet& p, const Interface& interface, std::uint32_t group) {
  if (std::ranges::find(interface.groups, group) == interface.groups.end()) return drop(p, Drop::group_not_joined);
  if (ipv4(p).next_proto_id != protocol_eigrp) return drop(p, Drop::not_accepted);
  to_us(p);
}

void classify_one(Packet& p, const Tables& tables) {
  const auto& ip = ipv4(p);
  const auto local = has(p, flag::local);
  if (!local && !tables.interface(meta(p).interface).up) return drop(p, Drop::interface_down);
  if (!local && tables.own.contains(rte_be_to_cpu_32(ip.src_addr))) return drop(p, Drop::bad_source);
  const auto destination = rte_be_to_cpu_32(ip.dst_addr);
  if (const auto* own = tables.own.find(destination)) return own->broadcast ? drop(p, Drop::not_accepted) : to_us(p);
  if (is_group(destination)) return to_group(p, tables.interface(meta(p).interface), destination);
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
    classify_one(*p, tables);
  }
}

}  // namespace culvert::dataplane
