// What sealing and opening share: a packet on its way through a crypto device.
#pragma once

#include <rte_crypto.h>
#include <rte_cryptodev.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "ipsec-dataplane/crypto_device.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/security_association.h"

namespace culvert::dataplane {

struct EspJob {
  Packet* packet;
  SecurityAssociation* sa;
  rte_crypto_op* operation;
  std::uint64_t sequence;
  std::uint16_t esp_offset;    // from the packet's data to the SPI
  std::uint16_t text_length;   // of what is encrypted: inner packet and trailer
  std::uint16_t inner_octets;  // of the inner packet, when sealing
  DfBit df;                    // of the outer header, when sealing
  std::uint8_t outer_flags;    // of the packet, when sealed

  std::size_t text_offset() const { return esp_offset + EspFormat::spi_and_sequence + std::size_t{sa->format().iv}; }
  std::byte* at(std::size_t offset) const { return rte_pktmbuf_mtod_offset(packet, std::byte*, offset); }
  std::byte* esp() const { return at(esp_offset); }
  std::byte* iv() const { return at(esp_offset + std::size_t{EspFormat::spi_and_sequence}); }
  std::byte* text() const { return at(text_offset()); }
  std::byte* icv() const { return at(text_offset() + text_length); }
  // Of the operation's private area, for extended sequence numbers: the associated data of a combined-mode cipher, else
  // the ICV while the upper half of the number takes its place behind the text (RFC 4303 section 2.2.1).
  std::byte* beside() const;
};

// The jobs of one run, as many as a crypto device takes.
class EspJobs {
 public:
  static constexpr std::size_t capacity = CryptoDevice::depth;
  bool full() const { return size_ == capacity; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  void push(const EspJob& job) { jobs_[size_++] = job; }
  void clear() { size_ = 0; }
  EspJob* begin() { return jobs_.data(); }
  EspJob* end() { return jobs_.data() + size_; }
  EspJob& operator[](std::size_t i) { return jobs_[i]; }

 private:
  std::array<EspJob, capacity> jobs_;
  std::size_t size_ = 0;
};

// Makes `slot` a packet of one segment that nobody else holds, with `head` and `tail` free octets around its data: the
// packet that was there or a copy out of `pool`. False where no buffer or no large enough one is left; `slot` is as it
// was then.
bool make_writable(Packet*& slot, std::uint16_t head, std::uint16_t tail, rte_mempool* pool);

// Gives every job an operation, has the devices do them, and waits. Requires: the headers
// and the IV of each job are in its packet.
void run(EspJobs& jobs, CryptoDevice& crypto);

}  // namespace culvert::dataplane
