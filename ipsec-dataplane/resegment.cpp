// resegment: what a neighbor's segmentation offload left uncut.
//
// A kernel that sends TCP into a veth hands over segments of up to 64 kB and expects the device to cut them. No wire
// has carried such a packet, so cutting it is the port's work and not fragmentation: each piece is a TCP segment as its
// sender would have made it, DF and all. The size the sender meant is not in the frame; what fits the way out is used.
#include <netinet/in.h>
#include <rte_tcp.h>

#include <algorithm>
#include <cstring>

#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane {
namespace {

constexpr std::size_t tcp_header_min = 20;

// The MTU that the pieces must fit: of the port they came in by and of where they leave.
std::size_t mtu_of_way(Packet& p, const Tables& tables) {
  const std::size_t ingress = tables.interface(meta(p).interface).mtu;
  const auto& adjacency = tables.adjacency(tables.way(ipv4(p).src_addr, ipv4(p).dst_addr));
  if (adjacency.interface == no_interface) return ingress;
  return std::min<std::size_t>(ingress, tables.interface(adjacency.interface).mtu);
}

struct Segments {
  std::span<const std::byte> headers;  // IPv4 and TCP
  std::span<const std::byte> payload;
  std::size_t ip_length = 0;
  std::size_t size = 0;  // octets of payload in each but the last
};

// nullopt: no whole TCP segment, or no room for payload.
std::optional<Segments> plan(Packet& p, const Tables& tables) {
  const auto& ip = ipv4(p);
  const auto all = data(p);
  const std::size_t ip_length = meta(p).header_length;
  if (ip.next_proto_id != IPPROTO_TCP || is_fragment(ip) || all.size() < ip_length + tcp_header_min)
    return std::nullopt;
  const auto& tcp = *reinterpret_cast<const rte_tcp_hdr*>(&all[ip_length]);
  const auto headers = ip_length + (tcp.data_off >> 4) * 4u;
  const auto mtu = mtu_of_way(p, tables);
  if (headers < ip_length + tcp_header_min || headers >= all.size() || headers >= mtu) return std::nullopt;
  return Segments{all.first(headers), all.subspan(headers), ip_length, mtu - headers};
}

// PSH and FIN belong to the last segment, CWR to the first (RFC 3168 §6.1.2).
std::uint8_t flags_of(std::uint8_t flags, bool first, bool last) {
  if (!last) flags &= static_cast<std::uint8_t>(~(RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG));
  if (!first) flags &= static_cast<std::uint8_t>(~RTE_TCP_CWR_FLAG);
  return flags;
}

void write_headers(Packet& s, const Segments& plan, std::size_t offset, std::size_t take) {
  auto& ip = ipv4(s);
  auto& tcp = *rte_pktmbuf_mtod_offset(&s, rte_tcp_hdr*, plan.ip_length);
  const auto number = static_cast<std::uint16_t>(offset / plan.size);
  ip.total_length = rte_cpu_to_be_16(s.data_len);
  ip.packet_id = rte_cpu_to_be_16(static_cast<std::uint16_t>(rte_be_to_cpu_16(ip.packet_id) + number));
  ip.hdr_checksum = 0;
  ip.hdr_checksum = static_cast<std::uint16_t>(~rte_raw_cksum(&ip, plan.ip_length));
  tcp.sent_seq = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp.sent_seq) + static_cast<std::uint32_t>(offset));
  tcp.tcp_flags = flags_of(tcp.tcp_flags, offset == 0, offset + take == plan.payload.size());
  tcp.cksum = 0;
  std::uint32_t sum = __rte_raw_cksum(&ip.src_addr, 8, 0);
  sum += std::uint32_t{rte_cpu_to_be_16(IPPROTO_TCP)} +
         rte_cpu_to_be_16(static_cast<std::uint16_t>(s.data_len - plan.ip_length));
  tcp.cksum =
      static_cast<std::uint16_t>(~__rte_raw_cksum_reduce(__rte_raw_cksum(&tcp, s.data_len - plan.ip_length, sum)));
}

Packet* make(const Segments& plan, std::size_t offset, const Packet& of, rte_mempool* pool) {
  const auto take = std::min(plan.size, plan.payload.size() - offset);
  auto* s = rte_pktmbuf_alloc(pool);
  if (s == nullptr) return nullptr;
  auto* to = rte_pktmbuf_append(s, static_cast<std::uint16_t>(plan.headers.size() + take));
  if (to == nullptr) {
    rte_pktmbuf_free(s);
    return nullptr;
  }
  std::memcpy(to, plan.headers.data(), plan.headers.size());
  std::memcpy(to + plan.headers.size(), &plan.payload[offset], take);
  meta(*s) = meta(of);
  write_headers(*s, plan, offset, take);
  return s;
}

// Cuts one packet; what finds no room or buffer is lost, as on a wire, and TCP sends it again.
void cut(Packet& p, Burst& out, std::size_t reserve, const Tables& tables, WorkerState& worker) {
  const auto segments = plan(p, tables);
  if (!segments) {
    drop(p, Drop::frame_too_long);
    return out.push(&p);
  }
  for (std::size_t offset = 0; offset < segments->payload.size(); offset += segments->size) {
    auto* s = out.room() > reserve ? make(*segments, offset, p, worker.pool) : nullptr;
    if (s == nullptr) {
      drop(p, out.room() > reserve ? Drop::no_buffer : Drop::burst_full);
      return out.push(&p);
    }
    out.push(s);
  }
  rte_pktmbuf_free(&p);
}

bool is_uncut(Packet& p, const Tables& tables) {
  return meta(p).step == Step::classify && p.pkt_len > tables.interface(meta(p).interface).mtu && !has(p, flag::local);
}

}  // namespace

void resegment(Burst& burst, const Tables& tables, WorkerState& worker) {
  if (std::ranges::none_of(burst, [&](auto* p) { return is_uncut(*p, tables); })) return;
  auto& out = *worker.spare;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    auto& p = burst[i];
    if (is_uncut(p, tables))
      cut(p, out, burst.size() - i, tables, worker);
    else
      out.push(&p);
  }
  burst.swap(out);
  out.clear();
}

}  // namespace culvert::dataplane
