// icmp_errors: telling a sender why its packet ended here (RFC 792, RFC 1812 §4.3.2), at a limited rate.
#include <netinet/in.h>
#include <rte_icmp.h>

#include <algorithm>
#include <cstring>

#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane {
namespace {

constexpr std::size_t quoted_max = 576 - sizeof(rte_ipv4_hdr) - sizeof(rte_icmp_hdr);  // RFC 1812 §4.3.2.3
constexpr std::uint8_t ttl = 255, tos_of_errors = 0xc0;  // internetwork control, RFC 1812 §4.3.2.5

bool is_icmp_error(Packet& p) {
  const auto l4 = data(p).subspan(meta(p).header_length);
  if (ipv4(p).next_proto_id != IPPROTO_ICMP || l4.empty()) return false;
  const auto type = std::to_integer<std::uint8_t>(l4[0]);
  return type == icmp::unreachable || type == icmp::redirect || type == icmp::time_exceeded || type == 4 || type == 12;
}

// Of our own packets ping wants to know that they were too big, traceroute that they have arrived.
bool is_news_to_us(Packet& p) {
  return has(p, flag::local) && (meta(p).drop == Drop::too_big || meta(p).drop == Drop::not_accepted);
}

// RFC 1812 §4.3.2.7: never about an ICMP error, a later fragment, or what was sent to more than one station.
bool may_tell(Packet& p, const Tables& tables) {
  const auto& ip = ipv4(p);
  const auto source = rte_be_to_cpu_32(ip.src_addr), destination = rte_be_to_cpu_32(ip.dst_addr);
  if ((rte_be_to_cpu_16(ip.fragment_offset) & RTE_IPV4_HDR_OFFSET_MASK) != 0) return false;
  if (has(p, flag::link_group) || has(p, flag::sealed) || destination >> 28 >= 0xe) return false;
  if (tables.own.contains(source) && !is_news_to_us(p)) return false;
  return source != 0 && source >> 28 < 0xe && !is_icmp_error(p);
}

std::uint32_t primary_address(const Interface& interface) {
  return interface.addresses.empty() ? 0 : interface.addresses.front().address;
}

// The address we speak from: of the interface the packet came in by; where that has none or is not known, of the one
// that the answer leaves by.
std::uint32_t own_address_for(Packet& p, const Tables& tables) {
  if (const auto address = primary_address(tables.interface(meta(p).interface)); address != 0) return address;
  const auto next_hop = tables.way(ipv4(p).dst_addr, ipv4(p).src_addr);
  return primary_address(tables.interface(tables.adjacency(next_hop).interface));
}

void write_ip(rte_ipv4_hdr& ip, const rte_ipv4_hdr& about, std::uint32_t from, std::size_t length, std::uint16_t id) {
  ip = {};
  ip.version_ihl = 0x45;
  ip.type_of_service = tos_of_errors;
  ip.total_length = rte_cpu_to_be_16(static_cast<std::uint16_t>(length));
  ip.packet_id = rte_cpu_to_be_16(id);
  ip.time_to_live = ttl;
  ip.next_proto_id = IPPROTO_ICMP;
  ip.src_addr = rte_cpu_to_be_32(from);
  ip.dst_addr = about.src_addr;
  ip.hdr_checksum = static_cast<std::uint16_t>(~rte_raw_cksum(&ip, sizeof ip));
}

void write_icmp(std::byte* at, std::span<const std::byte> quoted, const Meta& why) {
  rte_icmp_hdr header{};
  header.icmp_type = why.icmp_type;
  header.icmp_code = why.icmp_code;
  header.icmp_seq_nb = rte_cpu_to_be_16(why.icmp_mtu);  // RFC 1191 §4: the low half of the unused word
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + sizeof header, quoted.data(), quoted.size());
  header.icmp_cksum = static_cast<std::uint16_t>(~rte_raw_cksum(at, sizeof header + quoted.size()));
  std::memcpy(at, &header, sizeof header);
}

// nullptr: no buffer, or no address to speak from.
Packet* make_error(Packet& about, const Tables& tables, WorkerState& worker) {
  const auto from = own_address_for(about, tables);
  if (from == 0) return nullptr;
  auto* e = rte_pktmbuf_alloc(worker.pool);
  if (e == nullptr) return nullptr;
  const auto quoted = data(about).first(std::min<std::size_t>(about.data_len, quoted_max));
  const auto length = sizeof(rte_ipv4_hdr) + sizeof(rte_icmp_hdr) + quoted.size();
  auto* to = reinterpret_cast<std::byte*>(rte_pktmbuf_append(e, static_cast<std::uint16_t>(length)));
  assert(to != nullptr);
  write_ip(*reinterpret_cast<rte_ipv4_hdr*>(to), ipv4(about), from, length, ++worker.next_identification);
  write_icmp(to + sizeof(rte_ipv4_hdr), quoted, meta(about));
  meta(*e) = Meta{.interface = meta(about).interface,
                  .header_length = sizeof(rte_ipv4_hdr),
                  .step = Step::classify,  // an own address may have sent
                  .passes = meta(about).passes,
                  .flags = flag::local};
  return e;
}

}  // namespace

void icmp_errors(Burst& burst, const Tables& tables, WorkerState& worker) {
  const auto count = burst.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto& p = burst[i];
    if (meta(p).step != Step::icmp_error) continue;
    meta(p).step = Step::drop;
    if (!may_tell(p, tables) || burst.room() == 0) continue;
    if (!worker.icmp_errors.take(worker.now_cycles)) {
      worker.counters->drop(Drop::icmp_rate).add();
      continue;
    }
    if (auto* error = make_error(p, tables, worker)) burst.push(error);
  }
}

}  // namespace culvert::dataplane
