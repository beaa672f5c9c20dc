// Stage: ESP packets for this router become the packets they carried (RFC 4303 section 3.4, tunnel mode).
//
// Nothing is believed before the ICV has verified, but two cheap questions come first: is there an SA, and could the
// packet be new? Both are asked again of nobody: the window is written only after the ICV, and then asks again by
// itself, since two copies of a packet may be in flight at once. What was encrypted is checked like bytes off a wire,
// for the peer may be honest and wrong.
#include <rte_udp.h>

#include <cstring>
#include <optional>
#include <utility>

#include "ipsec-dataplane/crypto_engine.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/esp_job.h"

namespace culvert::dataplane {

namespace {

constexpr std::uint8_t protocol_ipv4 = 4, protocol_none = 59;
constexpr std::size_t udp_octets = sizeof(rte_udp_hdr);

using Octets = std::span<const std::byte>;

std::uint32_t number(const std::byte* at, unsigned octets) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, octets);
  return rte_be_to_cpu_32(value) >> (32 - 8 * octets);
}

// Counts the drop with the SA too.
void drop_with(const EspJob& job, Counter& counter, Drop reason) {
  counter.add();
  drop(*job.packet, reason);
}

// From the SPI to the end of the ICV: in UDP the datagram says where that is.
Octets esp_of(Packet& packet) {
  const Octets after = data(packet).subspan(meta(packet).header_length);
  if (!has(packet, flag::udp_esp)) return after;
  return after.first(number(&after[4], 2)).subspan(udp_octets);
}

// The length of the encrypted part of `esp_octets`; nullopt where the SA's algorithms cannot have made it.
std::optional<std::uint16_t> text_length(const EspFormat& format, std::size_t esp_octets) {
  const std::size_t around = 0u + EspFormat::spi_and_sequence + format.iv + format.icv;
  if (esp_octets <= around || ((esp_octets - around) & (format.block - 1u)) != 0) return std::nullopt;
  return static_cast<std::uint16_t>(esp_octets - around);
}

// Control hears of some of them: a peer may have lost its state, or we ours.
void report_unknown(Packet& packet, WorkerState& worker) {
  if (!worker.invalid_spis.take(worker.now_cycles)) return drop(packet, Drop::no_sa);
  worker.counters->drop(Drop::no_sa).add();
  worker.counters->interfaces[meta(packet).interface].in_drops.add();
  meta(packet).step = Step::punt;
  meta(packet).punt = PuntReason::invalid_spi;
}

// A job for the packet in `slot`, or a drop with its reason.
std::optional<EspJob> admit(Packet*& slot, const Tables& tables, WorkerState& worker) {
  const auto refuse = [&](Drop reason) { return drop(*slot, reason), std::nullopt; };
  if (is_fragment(ipv4(*slot))) return refuse(Drop::fragment_to_us);
  const auto esp = esp_of(*slot);
  if (esp.size() < EspFormat::spi_and_sequence) return refuse(Drop::malformed_esp);
  auto* sa = tables.find_inbound(number(&esp[0], 4));
  if (sa == nullptr) return report_unknown(*slot, worker), std::nullopt;
  const auto refuse_with = [&](Counter& counter, Drop reason) { return counter.add(), refuse(reason); };
  const auto length = text_length(sa->format(), esp.size());
  if (!length) return refuse_with(sa->counters().bad_length, Drop::malformed_esp);
  const auto sequence = sa->sequence_of(number(&esp[4], 4));
  if (!sa->fresh(sequence)) return refuse_with(sa->counters().replayed, Drop::replay);
  const auto offset = static_cast<std::uint16_t>(esp.data() - data(*slot).data());
  if (!make_writable(slot, 0, 0, worker.pool)) return refuse_with(sa->counters().no_room, Drop::no_buffer);
  return EspJob{.packet = slot, .sa = sa, .sequence = sequence, .esp_offset = offset, .text_length = *length};
}

// True if the ICV is right (or there is none to check) and the packet is no replay.
bool authentic(const EspJob& job) {
  auto& counters = job.sa->counters();
  switch (job.result) {
    case Ciphered::done: break;
    case Ciphered::bad_icv: job.sa->refuse(); return drop_with(job, counters.bad_icv, Drop::bad_icv), false;
    case Ciphered::failed: return drop_with(job, counters.crypto_failed, Drop::crypto_failed), false;
  }
  if (job.sa->algorithms().authenticates()) counters.authenticated.add();
  counters.ciphered.add();
  if (job.sa->accept(job.sequence)) return true;
  return drop_with(job, counters.replayed, Drop::replay), false;
}

// What the trailer says of the decrypted text.
struct Payload {
  std::size_t octets;
  std::uint8_t next_header;
};

// nullopt where the padding is not 1, 2, 3 ... or longer than the text (RFC 4303 section 2.4).
std::optional<Payload> without_trailer(Octets text) {
  const auto next_header = std::to_integer<std::uint8_t>(text.back());
  const auto padding = std::to_integer<std::size_t>(text[text.size() - 2]);
  if (padding + EspFormat::trailer > text.size()) return std::nullopt;
  const auto octets = text.size() - EspFormat::trailer - padding;
  for (std::size_t i = 0; i < padding; ++i)
    if (text[octets + i] != static_cast<std::byte>(i + 1)) return std::nullopt;
  return Payload{octets, next_header};
}

struct Ipv4Lengths {
  std::uint16_t header, total;
};

// A whole IPv4 packet at the start of `payload`; what follows it is traffic flow confidentiality padding (section 2.7).
std::optional<Ipv4Lengths> ipv4_in(Octets payload) {
  if (payload.size() < sizeof(rte_ipv4_hdr) || number(&payload[0], 1) >> 4 != 4) return std::nullopt;
  const auto header = static_cast<std::uint16_t>((number(&payload[0], 1) & 0xf) * 4);
  const auto total = static_cast<std::uint16_t>(number(&payload[2], 2));
  if (header < sizeof(rte_ipv4_hdr) || total < header || total > payload.size()) return std::nullopt;
  if (header_sum(payload.data(), header) != 0xffff) return std::nullopt;
  return Ipv4Lengths{header, total};
}

// The inner packet of an authentic text; nullopt after a drop.
std::optional<Ipv4Lengths> inner_of(const EspJob& job) {
  auto& counters = job.sa->counters();
  const Octets text = job.text();
  const auto refuse = [&](Counter& counter, Drop reason) { return drop_with(job, counter, reason), std::nullopt; };
  const auto payload = without_trailer(text);
  if (!payload) return refuse(counters.malformed, Drop::malformed_esp);
  if (payload->next_header == protocol_none) return refuse(counters.dummies, Drop::esp_dummy);
  if (payload->next_header != protocol_ipv4) return refuse(counters.wrong_protocol, Drop::malformed_esp);
  const auto lengths = ipv4_in(text.first(payload->octets));
  if (!lengths) return refuse(counters.malformed, Drop::malformed_esp);
  if (job.sa->selectors().accept(text.first(lengths->total), lengths->header)) return lengths;
  return refuse(counters.outside_selectors, Drop::wrong_selectors);
}

bool other_addresses(const EspJob& job) {
  const auto& expected = job.sa->outer_addresses();
  return std::memcmp(job.at(12), expected.data(), expected.size()) != 0;
}

// The inner packet takes the outer one's place, on the tunnel.
void deliver(const EspJob& job, const Ipv4Lengths& inner) {
  auto& packet = *job.packet;
  auto& counters = job.sa->counters();
  const auto ecn = decapsulated_ecn(number(&job.text()[1], 1) & 3, number(job.at(1), 1) & 3);
  if (!ecn) return drop(packet, Drop::congestion_unmarkable);
  if (other_addresses(job)) counters.other_address.add();
  set_ecn(job.text().data(), *ecn);
  rte_pktmbuf_adj(&packet, static_cast<std::uint16_t>(job.text_offset()));
  rte_pktmbuf_trim(&packet, static_cast<std::uint16_t>(packet.data_len - inner.total));
  packet.ol_flags = 0;  // what the port said of the outer packet
  packet.packet_type = 0;
  counters.capsules.add();
  counters.octets.add(inner.total);
  auto& m = meta(packet);
  m.interface = job.sa->interface();
  m.opened_by = no_interface;
  m.sa = job.sa;
  m.flags = flag::decrypted;
  m.header_length = inner.header;
  m.step = Step::classify;
}

void finish(const EspJob& job) {
  if (!authentic(job)) return;
  if (const auto inner = inner_of(job)) deliver(job, *inner);
}

void finish(std::span<const EspJob> jobs, CryptoEngine& crypto) {
  for (const auto& job : jobs) {
    finish(job);
    crypto.returned.push(job.packet);
  }
}

// True if it is done; false if it takes a while, and the packet is in a lane.
bool decrypt(EspJob& job, CryptoEngine& crypto) {
  if (job.sa->keys().gcm() == nullptr) return finish(crypto.opening.submit(job), crypto), false;
  open_gcm(job);
  finish(job);
  return true;
}

}  // namespace

void esp_open(Burst& burst, const Tables& tables, WorkerState& worker) {
  bool holes = false;
  for (auto& slot : burst) {
    if (meta(*slot).step != Step::esp_open) continue;
    auto job = admit(slot, tables, worker);
    if (!job || decrypt(*job, *worker.crypto)) continue;
    slot = nullptr;
    holes = true;
  }
  if (!holes && (worker.backlog || worker.crypto == nullptr || worker.crypto->opening.empty())) return;
  if (!worker.backlog) finish(worker.crypto->opening.flush(), *worker.crypto);
  worker.crypto->returned.rejoin(burst, worker);
}

}  // namespace culvert::dataplane
