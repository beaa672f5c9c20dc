// AES-GCM of one SA (RFC 4106), a packet at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ipsec-dataplane/esp_algorithms.h"
#include "ipsec-dataplane/ipsec_mb.h"
#include "ipsec-dataplane/multi_buffer.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

class GcmKeys {
 public:
  // Encrypts for an outbound SA, decrypts for an inbound one. Control thread.
  GcmKeys(const MultiBuffer& library, const SaParameters& parameters, const CipherFacts& cipher);
  GcmKeys(const GcmKeys&) = delete;
  GcmKeys& operator=(const GcmKeys&) = delete;
  ~GcmKeys();

  // Encrypts or decrypts `text` in place and writes the ICV of 16 octets that belongs to it. `nonce` is salt and IV, 12
  // octets; `associated` is SPI and sequence number.
  void run(std::span<std::byte> text, const std::byte* nonce, std::span<const std::byte> associated,
           std::byte* icv) const {
    gcm_context_data scratch;
    auto* octets = reinterpret_cast<std::uint8_t*>(text.data());
    run_(&schedule_, &scratch, octets, octets, text.size(), reinterpret_cast<const std::uint8_t*>(nonce),
         reinterpret_cast<const std::uint8_t*>(associated.data()), associated.size(),
         reinterpret_cast<std::uint8_t*>(icv), icv_octets);
  }

 private:
  static constexpr std::uint64_t icv_octets = 16;

  alignas(64) gcm_key_data schedule_;
  aes_gcm_enc_dec_t run_;
};

}  // namespace culvert::dataplane
