// reassemble: what reassembly.h holds, as a stage. A whole packet is a new one, in a buffer of the size that it needs.
#include <cstring>

#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/reassembly.h"
#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane {
namespace {

// What ESP may add behind and before a packet has room in a small buffer too.
constexpr std::size_t small_max = packet_room - 128;

Drop reason_of(Reassembly::Verdict verdict) {
  switch (verdict) {
    case Reassembly::Verdict::duplicate: return Drop::fragment_duplicate;
    case Reassembly::Verdict::malformed: return Drop::fragment_malformed;
    case Reassembly::Verdict::overlap: return Drop::fragment_overlap;
    case Reassembly::Verdict::too_long: return Drop::fragment_too_long;
    case Reassembly::Verdict::too_many: return Drop::fragments_full;
    case Reassembly::Verdict::unmarkable: return Drop::congestion_unmarkable;
    case Reassembly::Verdict::held:
    case Reassembly::Verdict::complete: break;
  }
  return Drop::none;
}

// Clear fragments of any port belong together; what came out of a tunnel, or of a policy entry's SA, belongs
// to that alone.
InterfaceIndex apart(const Packet& p) {
  if (!has(p, flag::decrypted)) return no_interface;
  return meta(p).opened_by != no_interface ? meta(p).opened_by : meta(p).interface;
}

// Fragments lost that are no longer packets.
void count_lost(WorkerState& worker, Drop reason, std::uint32_t fragments) {
  if (fragments == 0) return;
  worker.counters->drop(reason).add(fragments);
  worker.counters->reassembly.failed.add();
}

Packet* packet_of(net::View octets, WorkerState& worker) {
  return make_packet(octets.size() <= small_max ? worker.pool : worker.large_pool, octets);
}

// The whole packet in the place of its last fragment; a pass more than it had is not counted against it.
void become_whole(Packet*& slot, net::View whole, WorkerState& worker) {
  auto* p = packet_of(whole, worker);
  if (p == nullptr) return drop(*slot, Drop::no_buffer);
  auto& m = meta(*p) = meta(*slot);
  m.header_length = static_cast<std::uint16_t>((std::to_integer<unsigned>(whole[0]) & 0xf) * 4);
  m.step = Step::classify;
  m.flags |= flag::whole;
  if (m.passes > 0) --m.passes;
  m.egress = no_interface;
  rte_pktmbuf_free(slot);
  slot = p;
  worker.counters->reassembly.reassembled.add();
}

void take(Packet*& slot, WorkerState& worker) {
  worker.counters->reassembly.fragments.add();
  const auto outcome = worker.reassembly->add(worker.now_cycles, apart(*slot), data(*slot), meta(*slot).header_length);
  count_lost(worker, Drop::fragments_full, outcome.evicted);
  const auto reason = reason_of(outcome.verdict);
  count_lost(worker, reason, outcome.refused);
  if (reason != Drop::none) return drop(*slot, reason);
  if (outcome.verdict == Reassembly::Verdict::complete) return become_whole(slot, outcome.packet, worker);
  meta(*slot).step = Step::done;
}

}  // namespace

unsigned reassembler_of(Packet& fragment, std::size_t workers) {
  const auto& ip = ipv4(fragment);
  const auto mixed = ip.src_addr ^ ip.dst_addr * 31u ^ std::uint32_t{ip.packet_id} << 8 ^ ip.next_proto_id;
  return static_cast<unsigned>((mixed ^ mixed >> 16) % workers);
}

void reassemble(Burst& burst, WorkerState& worker) {
  for (auto& slot : burst)
    if (meta(*slot).step == Step::reassemble) take(slot, worker);
}

void expire_fragments(Burst& burst, WorkerState& worker) {
  while (const auto expired = worker.reassembly->expire(worker.now_cycles)) {
    if (expired->fragments == 0) continue;  // refused long ago
    worker.counters->reassembly.timed_out.add();
    auto* p = expired->first.empty() || burst.room() == 0 ? nullptr : packet_of(expired->first, worker);
    worker.counters->drop(Drop::reassembly_timeout).add(expired->fragments - (p != nullptr));
    if (p == nullptr) continue;
    meta(*p) = Meta{.interface = expired->interface};
    meta(*p).header_length = static_cast<std::uint16_t>((std::to_integer<unsigned>(expired->first[0]) & 0xf) * 4);
    drop_and_tell(*p, Drop::reassembly_timeout, icmp::time_exceeded, icmp::reassembly_time_exceeded);
    burst.push(p);
  }
}

}  // namespace culvert::dataplane
