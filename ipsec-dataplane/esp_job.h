// What sealing and opening share: a packet on its way through a cipher.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/security_association.h"

namespace culvert::dataplane {

enum class Ciphered : std::uint8_t { done, bad_icv, failed };

struct EspJob {
  Packet* packet;
  SecurityAssociation* sa;
  std::uint64_t sequence;
  std::uint16_t esp_offset;        // from the packet's data to the SPI
  std::uint16_t text_length;       // of what is encrypted: inner packet and trailer
  std::uint16_t inner_octets = 0;  // of the inner packet, when sealing
  Ciphered result = Ciphered::failed;

  std::size_t text_offset() const { return esp_offset + EspFormat::spi_and_sequence + std::size_t{sa->format().iv}; }
  std::byte* at(std::size_t offset) const { return rte_pktmbuf_mtod_offset(packet, std::byte*, offset); }
  std::byte* esp() const { return at(esp_offset); }
  std::byte* iv() const { return at(esp_offset + std::size_t{EspFormat::spi_and_sequence}); }
  std::span<std::byte> text() const { return {at(text_offset()), text_length}; }
  std::byte* icv() const { return at(text_offset() + text_length); }
};

// Makes `slot` a packet of one segment that nobody else holds, with `head` and `tail` free octets around its data: the
// packet that was there or a copy out of `pool`. False where no buffer or no large enough one is left; `slot` is as it
// was then.
bool make_writable(Packet*& slot, std::uint16_t head, std::uint16_t tail, rte_mempool* pool);

// The upper half of a sequence number as it is authenticated (RFC 4303 section 2.2.1).
void put_upper_half(std::byte* out, std::uint64_t sequence);

// SPI and sequence number as a combined-mode cipher authenticates them: in one piece before the IV, unless the upper
// half belongs between them (RFC 4106 section 5). Then they are put together in `room`.
using AssociatedRoom = std::array<std::byte, 12>;
std::span<const std::byte> associated_data(const EspJob& job, AssociatedRoom& room);

// Takes as long for any two ICVs of this length, a multiple of 4.
bool equal_icvs(const std::byte* one, const std::byte* other, std::size_t octets);

// AES-GCM, at once: encrypts and writes the ICV, or decrypts and tells in job.result whether it was right. Requires:
// the SA's keys are GCM's; the headers are in the packet.
void seal_gcm(EspJob& job);
void open_gcm(EspJob& job);

}  // namespace culvert::dataplane
