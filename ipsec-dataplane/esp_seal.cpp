// Stage: packets for a tunnel become ESP packets (RFC 4303 section 3.3, tunnel mode; UDP by RFC 3948).
//
//   [outer IPv4][UDP][SPI, sequence][IV][inner IPv4 ... 1 2 3 ... pad length, 4][ICV]
//
// Packets are taken in batches as large as a crypto device holds: each is checked and given room, runs of one SA get
// their sequence numbers at once, headers are written around the inner packet, which stays where it lies, and the
// devices encrypt in place.
#include <array>
#include <cassert>

#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/esp_job.h"
#include "ipsec-dataplane/policy.h"

namespace culvert::dataplane {

namespace {

constexpr std::byte next_header_ipv4{4};
constexpr std::uint16_t ethernet_octets = 14;  // tx puts them before the outer header

void put(std::byte* out, std::uint64_t value, unsigned octets) {
  for (unsigned i = 0; i < octets; ++i) out[i] = static_cast<std::byte>(value >> 8 * (octets - 1 - i));
}

// True if the packet may go into the SA; else it is dropped with its reason.
bool admit(Packet*& slot, SecurityAssociation* sa, WorkerState& worker) {
  auto& m = meta(*slot);
  if (sa == nullptr) return drop(*slot, Drop::tunnel_down), false;
  const auto& format = sa->format();
  if (format.sealed(slot->pkt_len) > 65535) return drop(*slot, Drop::too_big), false;
  const auto head = static_cast<std::uint16_t>(format.before_inner() + ethernet_octets);
  const auto tail = static_cast<std::uint16_t>(format.padding(slot->pkt_len) + EspFormat::trailer + format.icv);
  if (!make_writable(slot, head, tail, worker.pool)) {
    sa->counters().no_room.add();
    return drop(*slot, Drop::no_buffer), false;
  }
  if (sa->selectors().accept(data(*slot), m.header_length)) return true;
  sa->counters().outside_selectors.add();
  return drop(*slot, Drop::wrong_selectors), false;
}

// Behind the inner packet: padding 1, 2, 3 ... (RFC 4303 section 2.4), its length, next header, room for the ICV.
void append_trailer(Packet& packet, const EspFormat& format) {
  const auto padding = format.padding(packet.data_len);
  auto* at = reinterpret_cast<std::byte*>(
      rte_pktmbuf_append(&packet, static_cast<std::uint16_t>(padding + EspFormat::trailer + format.icv)));
  for (std::uint32_t i = 1; i <= padding; ++i) *at++ = static_cast<std::byte>(i);
  *at++ = static_cast<std::byte>(padding);
  *at = next_header_ipv4;
}

// The IV of a key stream need only differ from packet to packet: the sequence number does (RFC 3686 section 3.1, RFC
// 4106 section 3.1). CBC's must be unpredictable.
void write_iv(const EspJob& job, IvSource& ivs) {
  const auto iv = job.sa->format().iv;
  if (job.sa->algorithms().cipher->counts_ivs())
    put(job.iv(), job.sequence, iv);
  else
    ivs.take({job.iv(), iv});
}

// The peer's NAT may have moved since the template was made (RFC 7296 section 2.23).
void write_ports(const EspJob& job) {
  const auto ports = job.sa->ports();
  put(job.esp() - 8, ports.local_port, 2);
  put(job.esp() - 6, ports.remote_port, 2);
}

// A DF bit that we alone want is no reason not to cut the outer packet ourselves.
std::uint8_t outer_flags(const std::byte* inner, DfBit df) {
  const bool inner_forbids = (inner[6] & std::byte{0x40}) != std::byte{0};
  const auto ours = df == DfBit::set && !inner_forbids ? flag::may_cut : std::uint8_t{0};
  return static_cast<std::uint8_t>(flag::local | flag::sealed | ours);
}

void build(EspJob& job, WorkerState& worker) {
  auto& packet = *job.packet;
  const auto& format = job.sa->format();
  job.inner_octets = packet.data_len;
  job.text_length =
      static_cast<std::uint16_t>(job.inner_octets + format.padding(job.inner_octets) + EspFormat::trailer);
  job.esp_offset = format.outer;
  append_trailer(packet, format);
  const auto* inner = rte_pktmbuf_mtod(&packet, const std::byte*);
  job.outer_flags = outer_flags(inner, job.df);
  rte_pktmbuf_prepend(&packet, static_cast<std::uint16_t>(format.before_inner()));
  job.sa->outer().write(job.at(0), inner, packet.data_len, worker.next_identification++, job.df);
  if (job.sa->parameters().udp) write_ports(job);
  put(job.esp(), job.sa->spi(), 4);
  put(job.esp() + 4, job.sequence, 4);
  write_iv(job, worker.crypto->ivs());
}

// One reservation for each run of packets of one SA. Packets that get no number are dropped; the rest are kept in
// `numbered`.
void number_runs(EspJobs& jobs, EspJobs& numbered) {
  for (auto* first = jobs.begin(); first != jobs.end();) {
    auto* last = first;
    while (last != jobs.end() && last->sa == first->sa) ++last;
    const auto run = first->sa->take_sequence(static_cast<std::uint32_t>(last - first));
    for (std::uint32_t i = 0; first != last; ++first, ++i) {
      first->sequence = run.first + i;
      if (i < run.count) {
        numbered.push(*first);
      } else {
        first->sa->counters().exhausted.add();
        drop(*first->packet, Drop::sa_sequence_exhausted);
      }
    }
  }
}

void finish(const EspJob& job) {
  auto& counters = job.sa->counters();
  if (job.operation->status != RTE_CRYPTO_OP_STATUS_SUCCESS) {
    counters.crypto_failed.add();
    return drop(*job.packet, Drop::crypto_failed);
  }
  counters.capsules.add();
  counters.octets.add(job.inner_octets);
  counters.ciphered.add();
  if (job.sa->algorithms().authenticates()) counters.authenticated.add();
  auto& m = meta(*job.packet);
  m.flags = job.outer_flags;
  m.header_length = 20;
  m.step = Step::route;
}

void seal(EspJobs& jobs, WorkerState& worker) {
  EspJobs numbered;
  number_runs(jobs, numbered);
  for (auto& job : numbered) build(job, worker);
  run(numbered, *worker.crypto);
  for (const auto& job : numbered) finish(job);
  jobs.clear();
}

}  // namespace

void esp_seal(Burst& burst, const Tables& tables, WorkerState& worker) {
  EspJobs jobs;
  for (auto& slot : burst) {
    if (meta(*slot).step != Step::protect) continue;
    const auto& egress = tables.interface(meta(*slot).egress);
    auto* const sa = egress.kind == InterfaceKind::policy ? policy_association(*slot, egress) : egress.tunnel.outbound;
    if (!admit(slot, sa, worker)) continue;
    jobs.push({.packet = slot, .sa = sa, .df = egress.tunnel.df_bit});
    if (jobs.full()) seal(jobs, worker);
  }
  if (!jobs.empty()) seal(jobs, worker);
}

}  // namespace culvert::dataplane
