// What ESP can be made of: algorithms, their lengths, and which of them go together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "ipsec-dataplane/esp_format.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

// One cipher with one key length. Lengths in octets.
struct CipherFacts {
  EspCipher cipher;
  std::uint16_t key_material;  // with the salt, which comes last (RFC 3686 section 5.1, RFC 4106 section 8.1)
  std::uint16_t salt;
  std::uint16_t iv;     // on the wire
  std::uint16_t block;  // what the encrypted part is a multiple of, at least 4
  std::uint16_t icv;    // of a combined-mode cipher, else 0
  std::string_view name;

  bool combined() const { return icv != 0; }
  // Encrypts by a key stream: an IV may come only once, and need not be unpredictable.
  bool counts_ivs() const { return salt != 0; }
  std::uint16_t key() const { return static_cast<std::uint16_t>(key_material - salt); }
};

struct IntegrityFacts {
  EspIntegrity integrity;
  std::uint16_t key;
  std::uint16_t icv;
  std::string_view name;
};

// The algorithms of one SA; the facts are constants and live for ever.
struct EspAlgorithms {
  const CipherFacts* cipher = nullptr;
  const IntegrityFacts* integrity = nullptr;

  bool encrypts() const { return cipher->cipher != EspCipher::null; }
  bool authenticates() const { return cipher->combined() || integrity->icv != 0; }
  EspFormat format(bool udp_encapsulated) const;
};

// Refuses what RFC 4303 section 3.2, RFC 3686 section 4 and RFC 4106 forbid (no service at all; counter mode without
// integrity; a second ICV beside a combined-mode cipher) and keys of a wrong length.
std::expected<EspAlgorithms, std::string> algorithms_of(const SaParameters& parameters);

// The greatest inner packet whose sealed form fits `path_mtu` octets under these parameters; 0 where none does or the
// parameters are refused.
std::uint32_t plaintext_mtu(const SaParameters& parameters, std::uint32_t path_mtu);

}  // namespace culvert::dataplane
