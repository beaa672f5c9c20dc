// route: TTL, next hop, egress interface, and the size it takes.
#include <rte_ether.h>
#include <rte_ip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

#include "ipsec-dataplane/filter.h"
#include "ipsec-dataplane/fragment.h"
#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/policy.h"
#include "ipsec-dataplane/stages.h"
#include "ipsec-dataplane/tcp_mss.h"

namespace culvert::dataplane {
namespace {

constexpr std::size_t lookup_batch = 64;

// RFC 1624: TTL and protocol share a 16-bit word, the TTL its high octet.
void decrement_ttl(rte_ipv4_hdr& ip) {
  --ip.time_to_live;
  const std::uint32_t sum = ip.hdr_checksum + std::uint32_t{rte_cpu_to_be_16(0x0100)};
  ip.hdr_checksum = static_cast<std::uint16_t>(sum + (sum >= 0xffff));
}

bool forbids_fragments(Packet& p) {
  return (ipv4(p).fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG)) != 0 && !has(p, flag::may_cut);
}

// How large a packet may be on its way out. One that may not be cut must fit `uncut`; another is cut above `cut_at`.
struct Room {
  std::uint32_t uncut, cut_at;
  bool ignores_df = false;
};

Room room_of(const Interface& egress) {
  const auto& tunnel = egress.tunnel;
  const std::uint32_t mtu = egress.mtu;
  if (egress.kind == InterfaceKind::port) return {mtu, mtu};
  const auto fits = tunnel.plaintext_mtu == 0 ? mtu : std::min<std::uint32_t>(mtu, tunnel.plaintext_mtu);
  const bool ignores_df = tunnel.df_bit == DfBit::clear;
  if (tunnel.whole_only) return {fits, UINT16_MAX, ignores_df};
  return {fits, tunnel.fragmentation == Fragmentation::before_encryption ? fits : mtu, ignores_df};
}

// The smaller of what the two interfaces of a packet's way allow; 0 = any.
std::uint16_t mss_of(const Interface& ingress, const Interface& egress) {
  if (ingress.tcp_mss == 0 || egress.tcp_mss == 0) return std::max(ingress.tcp_mss, egress.tcp_mss);
  return std::min(ingress.tcp_mss, egress.tcp_mss);
}

void into_tunnel(Packet& p, const Interface& egress, WorkerState& worker) {
  if (egress.tunnel.outbound == nullptr)
    return drop_and_tell(p, Drop::tunnel_down, icmp::unreachable, icmp::host_unreachable);
  auto& counters = worker.counters->interfaces[meta(p).egress];
  counters.out_packets.add();
  counters.out_octets.add(p.pkt_len);
  worker.counters->stage(StageCount::protected_).add();
  meta(p).step = Step::protect;
}

void to_neighbor(Packet& p, const Adjacency& adjacency) {
  if (adjacency.resolved) {
    meta(p).step = Step::transmit;
    return;
  }
  meta(p).step = Step::punt;
  meta(p).punt = PuntReason::want_neighbor;
}

// What packets have in common that came in by one interface and leave by one adjacency and policy entry. One burst
// nearly always knows one or two of them.
struct Way {
  Way(const Meta& m, const Tables& tables)
      : ingress(m.interface),
        adjacency_index(m.adjacency),
        protected_by(m.protected_by),
        adjacency(&tables.adjacency(m.adjacency)),
        leaves_by(protected_by != no_interface ? protected_by : adjacency->interface),
        egress(&tables.interface(leaves_by)),
        up(tables.interface(adjacency->interface).up),
        room(room_of(*egress)),
        mss(mss_of(tables.interface(ingress), tables.interface(adjacency->interface))) {}
  bool is_of(const Meta& m) const {
    return m.adjacency == adjacency_index && m.interface == ingress && m.protected_by == protected_by;
  }

  InterfaceIndex ingress;
  std::uint16_t adjacency_index;
  InterfaceIndex protected_by;
  const Adjacency* adjacency;
  InterfaceIndex leaves_by;  // the policy entry that is to seal the packet, or the interface
  const Interface* egress;   // of that number
  bool up;                   // the interface of the adjacency
  Room room;
  std::uint16_t mss;
};

void out_of(Packet& p, const Adjacency& adjacency, const Interface& egress, WorkerState& worker) {
  if (egress.kind != InterfaceKind::port) return into_tunnel(p, egress, worker);
  to_neighbor(p, adjacency);
}

void refuse_oversize(Packet& p, const Room& room, WorkerState& worker) {
  worker.counters->reassembly.could_not_cut.add();
  drop_and_tell(p, Drop::too_big, icmp::unreachable, icmp::fragmentation_needed,
                static_cast<std::uint16_t>(room.uncut));
}

// Leaves an oversize packet that may be fragmented in step route, for the second half of the stage.
void forward(Packet& p, const Way& way, WorkerState& worker) {
  const auto kind = way.adjacency->kind;
  if (kind == AdjacencyKind::unreachable)
    return drop_and_tell(p, Drop::no_route, icmp::unreachable, icmp::net_unreachable);
  if (kind == AdjacencyKind::discard)
    return drop_and_tell(p, Drop::null_route, icmp::unreachable, icmp::host_unreachable);
  meta(p).egress = way.leaves_by;
  if (!way.up) return drop_and_tell(p, Drop::egress_down, icmp::unreachable, icmp::host_unreachable);
  auto& ip = ipv4(p);
  if (p.pkt_len > way.room.uncut && forbids_fragments(p) && !way.room.ignores_df)
    return refuse_oversize(p, way.room, worker);
  if (kind == AdjacencyKind::tunnel && is_fragment(ip)) {  // ESP carries whole packets
    meta(p).step = Step::reassemble;
    return;
  }
  if (!has(p, flag::local)) decrement_ttl(ip);
  if (way.mss != 0) clamp_mss(p, way.mss);
  if (p.pkt_len <= way.room.cut_at) out_of(p, *way.adjacency, *way.egress, worker);
}

// How many are left in step route.
std::size_t forward(std::span<Packet* const> batch, const Tables& tables, WorkerState& worker) {
  std::size_t oversize = 0;
  std::optional<Way> way;
  for (auto* p : batch) {
    if (meta(*p).step != Step::route) continue;  // denied
    if (!way || !way->is_of(meta(*p))) way.emplace(meta(*p), tables);
    forward(*p, *way, worker);
    oversize += meta(*p).step == Step::route;
  }
  return oversize;
}

// To a group on the wire of its egress: the station address follows from the group.
void to_group(Packet& p, const Interface& egress, std::uint32_t group) {
  if (p.pkt_len > egress.mtu) return drop(p, Drop::too_big);
  auto* header = reinterpret_cast<rte_ether_hdr*>(rte_pktmbuf_prepend(&p, sizeof(rte_ether_hdr)));
  if (header == nullptr) return drop(p, Drop::no_buffer);
  const auto to = group_mac(group);
  std::memcpy(header->dst_addr.addr_bytes, to.octets.data(), RTE_ETHER_ADDR_LEN);
  std::memcpy(header->src_addr.addr_bytes, egress.mac.octets.data(), RTE_ETHER_ADDR_LEN);
  header->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
  meta(p).flags |= flag::l2;
  meta(p).step = Step::transmit;
}

// A neighbor that is not resolved is asked for on the egress, whatever routes say of its address.
void to_neighbor_on_egress(Packet& p, const Tables& tables, std::uint32_t address) {
  auto& m = meta(p);
  const auto next_hop = tables.fib.lookup(address);
  const auto& adjacency = tables.adjacency(next_hop);
  const bool found = adjacency.kind == AdjacencyKind::neighbor && adjacency.interface == m.egress;
  m.adjacency = found && adjacency.address == address ? next_hop : std::uint16_t{0};
  to_neighbor(p, tables.adjacency(m.adjacency));
}

void direct(Packet& p, const Tables& tables, WorkerState& worker) {
  if (!tables.interface(meta(p).egress).up) return drop(p, Drop::egress_down);
  if (meta(p).protected_by != no_interface) meta(p).egress = meta(p).protected_by;
  const auto& egress = tables.interface(meta(p).egress);
  const auto destination = rte_be_to_cpu_32(ipv4(p).dst_addr);
  if (egress.kind != InterfaceKind::policy && egress.kind != InterfaceKind::port &&
      egress.kind != InterfaceKind::tunnel)
    return drop(p, Drop::null_route);
  if (egress.kind == InterfaceKind::port && destination >> 28 == 0xe) return to_group(p, egress, destination);
  const auto room = room_of(egress);
  if (p.pkt_len > room.uncut && (egress.kind == InterfaceKind::port || forbids_fragments(p)))
    return drop(p, Drop::too_big);
  if (egress.kind == InterfaceKind::port) return to_neighbor_on_egress(p, tables, destination);
  meta(p).step = Step::route;
  if (p.pkt_len <= room.cut_at) into_tunnel(p, egress, worker);
}

// How many are too big for their tunnel: they are left in step route.
std::size_t direct_all(Burst& burst, const Tables& tables, WorkerState& worker) {
  std::size_t oversize = 0;
  for (auto*& p : std::span(burst.begin(), burst.end())) {
    if (meta(*p).step != Step::directed) continue;
    worker.counters->stage(StageCount::routed).add();
    policy_out({&p, 1}, tables, worker);
    if (meta(*p).step != Step::directed) continue;  // it has no SA
    direct(*p, tables, worker);
    oversize += meta(*p).step == Step::route;
  }
  return oversize;
}

std::size_t gather(Burst& burst, std::size_t& at, std::span<Packet*, lookup_batch> batch, StepSet& others) {
  std::size_t count = 0;
  for (; at < burst.size() && count < lookup_batch; ++at) {
    auto& p = burst[at];
    if (meta(p).step != Step::route) {
      others.add(meta(p).step);
      continue;
    }
    meta(p).protected_by = no_interface;
    if (!has(p, flag::local) && ipv4(p).time_to_live <= 1)
      drop_and_tell(p, Drop::ttl_expired, icmp::time_exceeded, icmp::ttl_exceeded_in_transit);
    else
      batch[count++] = &p;
  }
  return count;
}

void look_up(std::span<Packet*> batch, const Tables& tables) {
  for (auto* p : batch) meta(*p).adjacency = tables.way(ipv4(*p).src_addr, ipv4(*p).dst_addr);
}

// Sends the fragments of one packet its way. False: they could not be made, and the packet itself is a drop.
bool replaced_by_fragments(Packet& p, Burst& out, std::size_t reserve, const Tables& tables, WorkerState& worker) {
  const auto& adjacency = tables.adjacency(meta(p).adjacency);
  const auto& egress = tables.interface(meta(p).egress);
  const auto first = out.size();
  const auto size = static_cast<std::uint16_t>(room_of(egress).cut_at);
  if (const auto wrong = fragment(p, size, worker.pool, out, reserve); wrong != Drop::none) {
    drop(p, wrong);
    return false;
  }
  worker.counters->reassembly.cut.add();
  worker.counters->reassembly.fragments_made.add(out.size() - first);
  for (auto i = first; i < out.size(); ++i) out_of(out[i], adjacency, egress, worker);
  rte_pktmbuf_free(&p);
  return true;
}

// Replaces every packet still in step route by its fragments, in order.
void fragment_oversize(Burst& burst, const Tables& tables, WorkerState& worker) {
  auto& out = *worker.spare;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    auto& p = burst[i];
    if (meta(p).step == Step::route && replaced_by_fragments(p, out, burst.size() - i, tables, worker)) continue;
    out.push(&p);
  }
  burst.swap(out);
  out.clear();
}

}  // namespace

void route(Burst& burst, const Tables& tables, WorkerState& worker) {
  std::array<Packet*, lookup_batch> batch;
  std::size_t oversize = 0;
  StepSet others;
  for (std::size_t at = 0; at < burst.size();) {
    const auto count = gather(burst, at, batch, others);
    if (count == 0) continue;
    worker.counters->stage(StageCount::routed).add(count);
    look_up({batch.data(), count}, tables);
    filter_output({batch.data(), count}, tables, worker);
    policy_out({batch.data(), count}, tables, worker);
    oversize += forward({batch.data(), count}, tables, worker);
  }
  if (others.has(Step::directed)) oversize += direct_all(burst, tables, worker);
  if (oversize > 0) fragment_oversize(burst, tables, worker);
}

}  // namespace culvert::dataplane
