#include "ipsec-dataplane/esp_job.h"

#include <algorithm>
#include <cstring>

#include "ipsec-dataplane/gcm_keys.h"

namespace culvert::dataplane {

namespace {

Packet* copy_of(Packet& packet, std::uint16_t head, std::uint16_t tail, rte_mempool* pool) {
  auto* copy = rte_pktmbuf_alloc(pool);
  if (copy == nullptr) return nullptr;
  if (rte_pktmbuf_headroom(copy) < head || rte_pktmbuf_tailroom(copy) < packet.pkt_len + tail) {
    rte_pktmbuf_free(copy);
    return nullptr;
  }
  auto* to = rte_pktmbuf_append(copy, static_cast<std::uint16_t>(packet.pkt_len));
  const auto* from = rte_pktmbuf_read(&packet, 0, packet.pkt_len, to);
  if (from != to) std::copy_n(static_cast<const char*>(from), packet.pkt_len, to);
  copy->port = packet.port;
  meta(*copy) = meta(packet);
  return copy;
}

// Salt and IV (RFC 4106 section 3.1).
using Nonce = std::array<std::byte, 12>;
Nonce nonce_of(const EspJob& job) {
  Nonce nonce;
  std::memcpy(nonce.data(), job.sa->salt().data(), 4);
  std::memcpy(nonce.data() + 4, job.iv(), 8);
  return nonce;
}

void run_gcm(const EspJob& job, std::byte* icv) {
  AssociatedRoom room;
  const auto nonce = nonce_of(job);
  job.sa->keys().gcm()->run(job.text(), nonce.data(), associated_data(job, room), icv);
}

}  // namespace

void put_upper_half(std::byte* out, std::uint64_t sequence) {
  const auto upper = rte_cpu_to_be_32(static_cast<std::uint32_t>(sequence >> 32));
  std::memcpy(out, &upper, sizeof upper);
}

std::span<const std::byte> associated_data(const EspJob& job, AssociatedRoom& room) {
  if (!job.sa->extended()) return {job.esp(), EspFormat::spi_and_sequence};
  std::memcpy(room.data(), job.esp(), 4);
  put_upper_half(room.data() + 4, job.sequence);
  std::memcpy(room.data() + 8, job.esp() + 4, 4);
  return room;
}

bool equal_icvs(const std::byte* one, const std::byte* other, std::size_t octets) {
  std::uint32_t difference = 0;
  for (std::size_t at = 0; at < octets; at += sizeof difference) {
    std::uint32_t a, b;
    std::memcpy(&a, one + at, sizeof a);
    std::memcpy(&b, other + at, sizeof b);
    difference |= a ^ b;
    asm("" : "+r"(difference));  // so that no compiler ends the loop where the result is known
  }
  return difference == 0;
}

bool make_writable(Packet*& slot, std::uint16_t head, std::uint16_t tail, rte_mempool* pool) {
  const bool own = slot->nb_segs == 1 && RTE_MBUF_DIRECT(slot) && rte_mbuf_refcnt_read(slot) == 1;
  if (own && rte_pktmbuf_headroom(slot) >= head && rte_pktmbuf_tailroom(slot) >= tail) return true;
  auto* copy = copy_of(*slot, head, tail, pool);
  if (copy == nullptr) return false;
  rte_pktmbuf_free(slot);
  slot = copy;
  return true;
}

void seal_gcm(EspJob& job) {
  run_gcm(job, job.icv());
  job.result = Ciphered::done;
}

void open_gcm(EspJob& job) {
  std::array<std::byte, 16> icv;
  run_gcm(job, icv.data());
  job.result = equal_icvs(icv.data(), job.icv(), icv.size()) ? Ciphered::done : Ciphered::bad_icv;
}

}  // namespace culvert::dataplane
