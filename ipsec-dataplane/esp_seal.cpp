// Stage: packets for a tunnel become ESP packets (RFC 4303 section 3.3, tunnel mode; UDP by RFC 3948).
//
//   [outer IPv4][UDP][SPI, sequence][IV][inner IPv4 ... 1 2 3 ... pad length, 4][ICV]
//
// One packet after the other is checked, given room and a number; headers are written around the inner packet, which
// stays where it lies, and it is encrypted in place: at once, or in the lanes of a cipher that works on many.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <optional>

#include "ipsec-dataplane/crypto_engine.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/esp_job.h"
#include "ipsec-dataplane/policy.h"

namespace culvert::dataplane {

namespace {

constexpr std::byte next_header_ipv4{4};
constexpr std::uint16_t ethernet_octets = 14;  // tx puts them before the outer header
constexpr std::array<std::uint8_t, 16> padding_run{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// `octets` of a number, the lowest last.
void put(std::byte* out, std::uint64_t value, unsigned octets) {
  const auto all = rte_cpu_to_be_64(value << (64 - 8 * octets));
  std::memcpy(out, &all, octets);
}

// A job for the packet in `slot`, or a drop with its reason.
std::optional<EspJob> admit(Packet*& slot, SecurityAssociation* sa, WorkerState& worker) {
  const auto refuse = [&](Drop reason) { return drop(*slot, reason), std::nullopt; };
  if (sa == nullptr) return refuse(Drop::tunnel_down);
  const auto refuse_with = [&](Counter& counter, Drop reason) { return counter.add(), refuse(reason); };
  const auto& format = sa->format();
  const auto octets = slot->pkt_len;
  if (format.sealed(octets) > 65535) return refuse(Drop::too_big);
  const auto head = static_cast<std::uint16_t>(format.before_inner() + ethernet_octets);
  const auto text = octets + format.padding(octets) + EspFormat::trailer;
  const auto tail = std::max<std::size_t>(text - octets + format.icv, padding_run.size());
  if (!make_writable(slot, head, static_cast<std::uint16_t>(tail), worker.pool))
    return refuse_with(sa->counters().no_room, Drop::no_buffer);
  if (!sa->selectors().accept(data(*slot), meta(*slot).header_length))
    return refuse_with(sa->counters().outside_selectors, Drop::wrong_selectors);
  const auto sequence = sa->next_sequence();
  if (sequence == 0) return refuse_with(sa->counters().exhausted, Drop::sa_sequence_exhausted);
  return EspJob{.packet = slot,
                .sa = sa,
                .sequence = sequence,
                .esp_offset = format.outer,
                .text_length = static_cast<std::uint16_t>(text),
                .inner_octets = static_cast<std::uint16_t>(octets)};
}

// Behind the inner packet: padding 1, 2, 3 ... (RFC 4303 section 2.4), its length, next header, room for the ICV.
void append_trailer(const EspJob& job) {
  const std::size_t padding = 0u + job.text_length - job.inner_octets - EspFormat::trailer;
  auto* at = reinterpret_cast<std::byte*>(
      rte_pktmbuf_append(job.packet, static_cast<std::uint16_t>(padding + EspFormat::trailer + job.sa->format().icv)));
  assert(padding < padding_run.size());
  std::memcpy(at, padding_run.data(), padding_run.size());  // room for all of them costs less than counting
  at[padding] = static_cast<std::byte>(padding);
  at[padding + 1] = next_header_ipv4;
}

// The IV of a key stream need only differ from packet to packet: the sequence number does (RFC 3686 section 3.1, RFC
// 4106 section 3.1). CBC's must be unpredictable.
void write_iv(const EspJob& job, IvSource& ivs) {
  const auto iv = job.sa->format().iv;
  if (job.sa->algorithms().cipher->counts_ivs())
    put(job.iv(), job.sequence, 8);
  else
    ivs.take({job.iv(), iv});
}

// The peer's NAT may have moved since the template was made (RFC 7296 section 2.23).
void write_way(const EspJob& job) {
  const auto way = job.sa->way();
  put(job.esp() - 8, way.local_port, 2);
  put(job.esp() - 6, way.remote_port, 2);
  auto* ip = reinterpret_cast<rte_ipv4_hdr*>(job.at(0));
  if (ip->dst_addr == rte_cpu_to_be_32(way.remote)) return;
  ip->dst_addr = rte_cpu_to_be_32(way.remote);
  ip->hdr_checksum = 0;
  ip->hdr_checksum = rte_ipv4_cksum(ip);
}

// A DF bit that we alone want is no reason not to cut the outer packet ourselves.
std::uint8_t outer_flags(const std::byte* inner, DfBit df) {
  const bool inner_forbids = (inner[6] & std::byte{0x40}) != std::byte{0};
  const auto ours = df == DfBit::set && !inner_forbids ? flag::may_cut : std::uint8_t{0};
  return static_cast<std::uint8_t>(flag::local | flag::sealed | ours);
}

void build(const EspJob& job, DfBit df, WorkerState& worker) {
  auto& packet = *job.packet;
  append_trailer(job);
  const auto* inner = rte_pktmbuf_mtod(&packet, const std::byte*);
  meta(packet).flags = outer_flags(inner, df);
  rte_pktmbuf_prepend(&packet, static_cast<std::uint16_t>(job.sa->format().before_inner()));
  job.sa->outer().write(job.at(0), inner, packet.data_len, worker.next_identification++, df);
  if (job.sa->parameters().udp) write_way(job);
  put(job.esp(), job.sa->spi(), 4);
  put(job.esp() + 4, job.sequence, 4);
  write_iv(job, worker.crypto->ivs);
}

void finish(const EspJob& job) {
  auto& counters = job.sa->counters();
  if (job.result != Ciphered::done) {
    counters.crypto_failed.add();
    return drop(*job.packet, Drop::crypto_failed);
  }
  counters.capsules.add();
  counters.octets.add(job.inner_octets);
  counters.ciphered.add();
  if (job.sa->algorithms().authenticates()) counters.authenticated.add();
  auto& m = meta(*job.packet);
  m.header_length = 20;
  m.step = Step::route;
}

void finish(std::span<const EspJob> jobs, CryptoEngine& crypto) {
  for (const auto& job : jobs) {
    finish(job);
    crypto.returned.push(job.packet);
  }
}

// True if it is done; false if it takes a while, and the packet is in a lane.
bool encrypt(EspJob& job, CryptoEngine& crypto) {
  if (job.sa->keys().gcm() == nullptr) return finish(crypto.sealing.submit(job), crypto), false;
  seal_gcm(job);
  finish(job);
  return true;
}

}  // namespace

void esp_seal(Burst& burst, const Tables& tables, WorkerState& worker) {
  bool holes = false;
  for (auto& slot : burst) {
    if (meta(*slot).step != Step::protect) continue;
    const auto& egress = tables.interface(meta(*slot).egress);
    auto* const sa = egress.kind == InterfaceKind::policy ? policy_association(*slot, egress) : egress.tunnel.outbound;
    auto job = admit(slot, sa, worker);
    if (!job) continue;
    build(*job, egress.tunnel.df_bit, worker);
    if (encrypt(*job, *worker.crypto)) continue;
    slot = nullptr;
    holes = true;
  }
  if (!holes && (worker.backlog || worker.crypto == nullptr || worker.crypto->sealing.empty())) return;
  if (!worker.backlog) finish(worker.crypto->sealing.flush(), *worker.crypto);
  worker.crypto->returned.rejoin(burst, worker);
}

}  // namespace culvert::dataplane
