#include "ipsec-dataplane/policy.h"

#include <netinet/in.h>
#include <rte_udp.h>

#include <algorithm>
#include <cstring>

#include "ipsec-dataplane/flow_key.h"
#include "ipsec-dataplane/packet_filter.h"
#include "ipsec-dataplane/policy_work.h"
#include "ipsec-dataplane/security_association.h"

namespace culvert::dataplane {
namespace {

constexpr std::uint16_t ike_port = 500, nat_traversal_port = 4500;

bool is_ike(std::uint16_t port) {
  return port == rte_cpu_to_be_16(ike_port) || port == rte_cpu_to_be_16(nat_traversal_port);
}

// Our ESP may have lost its flag where it waited for a neighbor. No packet from outside bears an address of ours.
bool is_ipsec_of_ours(Packet& p, const Tables& tables) {
  if (has(p, flag::sealed)) return true;
  const auto& ip = ipv4(p);
  if (!has(p, flag::local) || !tables.own.contains(rte_be_to_cpu_32(ip.src_addr))) return false;
  return ip.next_proto_id == IPPROTO_ESP || (ip.next_proto_id == IPPROTO_UDP && is_ike(flow_key(p).source_port));
}

// A fragment for us comes again when it is whole.
bool is_ipsec_for_us(Packet& p, const Tables& tables) {
  const auto& ip = ipv4(p);
  const auto* own = tables.own.find(rte_be_to_cpu_32(ip.dst_addr));
  if (own == nullptr || own->broadcast) return false;
  if (is_fragment(ip) || ip.next_proto_id == IPPROTO_ESP) return true;
  return ip.next_proto_id == IPPROTO_UDP && is_ike(flow_key(p).destination_port);
}

InterfaceIndex egress_of(Packet& p, const Tables& tables) {
  return meta(p).step == Step::directed ? meta(p).egress : tables.adjacency(meta(p).adjacency).interface;
}

bool must_be_whole(Packet& p, const Policy& policy) { return policy.reads_transport && is_fragment(ipv4(p)); }

PolicyAnswer answer_in(const Policy& policy, Packet& p, WorkerState& worker) {
  worker.counters->stage(StageCount::policy_in).add();
  const auto flow = flow_key(p);
  if (worker.policies == nullptr) return ask(policy, PolicyDirection::in, flow);
  return worker.policies->cache.answer(policy, PolicyDirection::in, flow);
}

// What an entry's SA opened is as if it had come by the entry's interface, but is not counted there twice.
void enter(Packet& p, const Interface& entry, WorkerState& worker) {
  auto& m = meta(p);
  auto& counters = worker.counters->interfaces[m.interface];
  counters.in_packets.add();
  counters.in_octets.add(p.pkt_len);
  worker.counters->stage(StageCount::opened).add();
  m.opened_by = m.interface;
  m.interface = entry.policy_on;
}

void judge_opened(Packet& p, const Policy& policy, WorkerState& worker) {
  auto& m = meta(p);
  if (must_be_whole(p, policy)) {
    m.step = Step::reassemble;
    return;
  }
  const auto answer = answer_in(policy, p, worker);
  if (answer.entry != PolicyAnswer::in_clear && policy.tunnels[answer.entry] == m.opened_by) return;
  if (m.sa != nullptr) m.sa->counters().outside_selectors.add();
  drop(p, Drop::outside_policy);
}

// At a limited rate: the log is for people.
void report_clear(Packet& p, WorkerState& worker) {
  if (worker.clear_reports == nullptr) return;
  if (!worker.clear_log.take(worker.now_cycles)) return worker.clear_reports->missed.add();
  worker.clear_reports->put({.log = 0, .interface = meta(p).interface, .flow = flow_key(p)});
  worker.reported = true;
}

void judge_clear(Packet& p, const Policy& policy, WorkerState& worker) {
  if (must_be_whole(p, policy)) {
    meta(p).step = Step::reassemble;
    return;
  }
  if (answer_in(policy, p, worker).entry == PolicyAnswer::in_clear) return;
  report_clear(p, worker);
  drop(p, Drop::clear_of_protected);
}

void judge_in(Packet& p, const Tables& tables, WorkerState& worker) {
  auto& m = meta(p);
  if (has(p, flag::decrypted) && tables.interface(m.interface).kind == InterfaceKind::policy)
    enter(p, tables.interface(m.interface), worker);
  const auto* policy = tables.interface(m.interface).policy;
  if (has(p, flag::decrypted) && m.opened_by != no_interface)
    policy != nullptr ? judge_opened(p, *policy, worker) : drop(p, Drop::outside_policy);
  else if (policy != nullptr && !is_ipsec_for_us(p, tables))
    judge_clear(p, *policy, worker);
}

SecurityAssociation* newest_covering(Packet& p, const Tunnel& tunnel) {
  const auto covers = [&](auto* sa) { return sa->selectors().accept(data(p), meta(p).header_length); };
  const auto found = std::ranges::find_if(tunnel.outbounds, covers);
  return found == tunnel.outbounds.end() ? nullptr : *found;
}

// Some packets of one flow key differ in what selectors ask about, so that what is remembered is asked again.
SecurityAssociation* remembered(Packet& p, const Tunnel& tunnel, const PolicyAnswer& answer) {
  if (answer.associations_generation == 0 || answer.associations_generation != tunnel.outbounds_generation)
    return nullptr;
  if (answer.association >= tunnel.outbounds.size()) return nullptr;
  auto* sa = tunnel.outbounds[answer.association];
  return sa->selectors().accept(data(p), meta(p).header_length) ? sa : nullptr;
}

SecurityAssociation* association_for(Packet& p, const Tunnel& tunnel, PolicyAnswer& answer) {
  if (auto* sa = remembered(p, tunnel, answer)) return sa;
  auto* const sa = newest_covering(p, tunnel);
  if (sa == nullptr) return nullptr;
  answer.associations_generation = tunnel.outbounds_generation;
  answer.association = static_cast<std::uint16_t>(std::ranges::find(tunnel.outbounds, sa) - tunnel.outbounds.begin());
  return sa;
}

void want_association(Packet& p, const PolicyAnswer& answer, WorkerState& worker) {
  auto& m = meta(p);
  const auto source = ipv4(p).src_addr;
  if (worker.policies != nullptr &&
      !worker.policies->requests.take(worker.now_cycles, m.protected_by, answer.line, source))
    return drop(p, Drop::sa_wait_full);
  m.step = Step::punt;
  m.punt = PuntReason::want_sa;
}

void protect(Packet& p, const Policy& policy, PolicyAnswer& answer, const Tables& tables, WorkerState& worker) {
  auto& m = meta(p);
  m.egress = egress_of(p, tables);
  m.protected_by = policy.tunnels[answer.entry];
  if (m.protected_by == no_interface) return drop(p, Drop::policy_blocked);
  m.sa = association_for(p, tables.interface(m.protected_by).tunnel, answer);
  if (m.sa == nullptr) want_association(p, answer, worker);
}

void judge_out(Packet& p, const Policy& policy, const Tables& tables, WorkerState& worker) {
  worker.counters->stage(StageCount::policy_out).add();
  if (must_be_whole(p, policy)) {
    meta(p).step = Step::reassemble;
    return;
  }
  const auto flow = flow_key(p);
  PolicyAnswer asked;
  auto& answer = worker.policies == nullptr ? asked = ask(policy, PolicyDirection::out, flow)
                                            : worker.policies->cache.answer(policy, PolicyDirection::out, flow);
  if (answer.entry == PolicyAnswer::in_clear) return;
  if (is_fragment(ipv4(p)))
    meta(p).step = Step::reassemble;
  else
    protect(p, policy, answer, tables, worker);
}

}  // namespace

void policy_in(Burst& burst, const Tables& tables, WorkerState& worker) {
  if (tables.policies.empty()) return;
  for (auto* p : burst)
    if (meta(*p).step == Step::classify && !has(*p, flag::local)) judge_in(*p, tables, worker);
}

void policy_out(std::span<Packet* const> packets, const Tables& tables, WorkerState& worker) {
  if (tables.policies.empty()) return;
  for (auto* p : packets) {
    const bool on_its_way = meta(*p).step == Step::route || meta(*p).step == Step::directed;
    const auto* policy = tables.interface(egress_of(*p, tables)).policy;
    if (policy == nullptr || !on_its_way || is_ipsec_of_ours(*p, tables)) continue;
    judge_out(*p, *policy, tables, worker);
  }
}

SecurityAssociation* policy_association(Packet& p, const Interface& entry) {
  return meta(p).sa != nullptr ? meta(p).sa : newest_covering(p, entry.tunnel);
}

}  // namespace culvert::dataplane
