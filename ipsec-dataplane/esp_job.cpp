// Filling in crypto operations: the same geometry serves both directions, only the session knows which it is.
#include "ipsec-dataplane/esp_job.h"

#include <algorithm>
#include <array>
#include <span>

namespace culvert::dataplane {

namespace {

constexpr std::uint32_t upper_half_octets = 4;  // no ICV is shorter

std::byte* iv_of(rte_crypto_op* operation) {
  return rte_crypto_op_ctod_offset(operation, std::byte*, sizeof(rte_crypto_op) + sizeof(rte_crypto_sym_op));
}

void put_u32(std::byte* out, std::uint64_t value) {
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(value >> (24 - 8 * i));
}

// SPI and sequence number: in one piece before the IV, unless its upper half belongs between them (RFC 4106 section 5).
std::byte* associated_data(const EspJob& job) {
  if (!job.sa->extended()) return job.esp();
  std::copy_n(job.esp(), 4, job.beside());
  put_u32(job.beside() + 4, job.sequence >> 32);
  std::copy_n(job.esp() + 4, 4, job.beside() + 8);
  return job.beside();
}

void fill_combined(const EspJob& job, rte_crypto_sym_op& symmetric) {
  const auto& salt = job.sa->salt();
  std::copy_n(job.iv(), job.sa->format().iv, std::ranges::copy(salt, iv_of(job.operation)).out);
  symmetric.aead.data.offset = static_cast<std::uint32_t>(job.text_offset());
  symmetric.aead.data.length = job.text_length;
  symmetric.aead.digest.data = reinterpret_cast<std::uint8_t*>(job.icv());
  symmetric.aead.aad.data = reinterpret_cast<std::uint8_t*>(associated_data(job));
}

// The upper half is authenticated as if it followed the text, and the ICV waits elsewhere.
void append_upper_half(const EspJob& job, rte_crypto_sym_op& symmetric) {
  std::copy_n(job.icv(), job.sa->format().icv, job.beside());
  put_u32(job.icv(), job.sequence >> 32);
  symmetric.auth.data.length += upper_half_octets;
  symmetric.auth.digest.data = reinterpret_cast<std::uint8_t*>(job.beside());
}

// The first counter block: salt, IV, and a counter that begins at 1 (RFC 3686 section 4).
void write_counter_block(const EspJob& job) {
  constexpr std::array counter{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  auto* at = std::ranges::copy(job.sa->salt(), iv_of(job.operation)).out;
  std::ranges::copy(counter, std::copy_n(job.iv(), job.sa->format().iv, at));
}

void fill_chained(const EspJob& job, rte_crypto_sym_op& symmetric) {
  if (job.sa->algorithms().cipher->counts_ivs())
    write_counter_block(job);
  else
    std::copy_n(job.iv(), job.sa->format().iv, iv_of(job.operation));
  const auto text = static_cast<std::uint32_t>(job.text_offset());
  symmetric.cipher.data.offset = text;
  symmetric.cipher.data.length = job.text_length;
  symmetric.auth.data.offset = job.esp_offset;
  symmetric.auth.data.length = text - job.esp_offset + job.text_length;
  symmetric.auth.digest.data = reinterpret_cast<std::uint8_t*>(job.icv());
  if (job.sa->extended()) append_upper_half(job, symmetric);
}

void fill(const EspJob& job) {
  auto& symmetric = *job.operation->sym;
  rte_crypto_op_attach_sym_session(job.operation, job.sa->session().handle());
  symmetric.m_src = job.packet;
  symmetric.m_dst = nullptr;
  job.sa->algorithms().cipher->combined() ? fill_combined(job, symmetric) : fill_chained(job, symmetric);
}

// The ICV comes back to its place.
void restore_icv(const EspJob& job) {
  if (job.sa->extended() && !job.sa->algorithms().cipher->combined())
    std::copy_n(job.beside(), job.sa->format().icv, job.icv());
}

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

}  // namespace

std::byte* EspJob::beside() const { return iv_of(operation) + CryptoDevice::iv_octets_max; }

bool make_writable(Packet*& slot, std::uint16_t head, std::uint16_t tail, rte_mempool* pool) {
  const bool own = slot->nb_segs == 1 && RTE_MBUF_DIRECT(slot) && rte_mbuf_refcnt_read(slot) == 1;
  if (own && rte_pktmbuf_headroom(slot) >= head && rte_pktmbuf_tailroom(slot) >= tail) return true;
  auto* copy = copy_of(*slot, head, tail, pool);
  if (copy == nullptr) return false;
  rte_pktmbuf_free(slot);
  slot = copy;
  return true;
}

void run(EspJobs& jobs, CryptoDevice& crypto) {
  std::array<rte_crypto_op*, EspJobs::capacity> operations;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].operation = crypto.operation(i);
    fill(jobs[i]);
  }
  // One device at a time, in order of first use; bursts as long as can be, since the ciphers work on many at once.
  std::bitset<256> done;
  for (const auto& first : jobs) {
    const auto device = first.sa->session().device();
    if (done.test(device)) continue;
    done.set(device);
    std::size_t count = 0;
    for (const auto& job : jobs)
      if (job.sa->session().device() == device) operations[count++] = job.operation;
    crypto.run(device, std::span(operations).first(count));
  }
  for (const auto& job : jobs) restore_icv(job);
}

}  // namespace culvert::dataplane
