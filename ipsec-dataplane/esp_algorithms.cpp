// The table of ESP algorithms: RFC 2403, 2404, 2405, 2410, 2451, 3602, 3686, 4106, 4868 and 7634.
#include "ipsec-dataplane/esp_algorithms.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace culvert::dataplane {

namespace {

constexpr std::array ciphers{
    CipherFacts{EspCipher::null, 0, 0, 0, 4, 0, "NULL"},
    CipherFacts{EspCipher::des_cbc, 8, 0, 8, 8, 0, "DES-CBC"},
    CipherFacts{EspCipher::des3_cbc, 24, 0, 8, 8, 0, "3DES-CBC"},
    CipherFacts{EspCipher::aes_cbc, 16, 0, 16, 16, 0, "AES-CBC-128"},
    CipherFacts{EspCipher::aes_cbc, 24, 0, 16, 16, 0, "AES-CBC-192"},
    CipherFacts{EspCipher::aes_cbc, 32, 0, 16, 16, 0, "AES-CBC-256"},
    CipherFacts{EspCipher::aes_ctr, 20, 4, 8, 4, 0, "AES-CTR-128"},
    CipherFacts{EspCipher::aes_ctr, 28, 4, 8, 4, 0, "AES-CTR-192"},
    CipherFacts{EspCipher::aes_ctr, 36, 4, 8, 4, 0, "AES-CTR-256"},
    CipherFacts{EspCipher::aes_gcm_16, 20, 4, 8, 4, 16, "AES-GCM-128"},
    CipherFacts{EspCipher::aes_gcm_16, 28, 4, 8, 4, 16, "AES-GCM-192"},
    CipherFacts{EspCipher::aes_gcm_16, 36, 4, 8, 4, 16, "AES-GCM-256"},
    CipherFacts{EspCipher::chacha20_poly1305, 36, 4, 8, 4, 16, "ChaCha20-Poly1305"},
};

constexpr std::array integrities{
    IntegrityFacts{EspIntegrity::none, 0, 0, "none"},
    IntegrityFacts{EspIntegrity::hmac_md5_96, 16, 12, "HMAC-MD5-96"},
    IntegrityFacts{EspIntegrity::hmac_sha1_96, 20, 12, "HMAC-SHA1-96"},
    IntegrityFacts{EspIntegrity::hmac_sha256_128, 32, 16, "HMAC-SHA256-128"},
    IntegrityFacts{EspIntegrity::hmac_sha384_192, 48, 24, "HMAC-SHA384-192"},
    IntegrityFacts{EspIntegrity::hmac_sha512_256, 64, 32, "HMAC-SHA512-256"},
};

}  // namespace

EspFormat EspAlgorithms::format(bool udp_encapsulated) const {
  EspFormat format;
  format.outer = udp_encapsulated ? 28 : 20;
  format.iv = cipher->iv;
  format.block = cipher->block;
  format.icv = cipher->combined() ? cipher->icv : integrity->icv;
  return format;
}

std::expected<EspAlgorithms, std::string> algorithms_of(const SaParameters& parameters) {
  const auto key = parameters.cipher_key.size();
  const auto* cipher = std::ranges::find_if(
      ciphers, [&](const auto& f) { return f.cipher == parameters.cipher && f.key_material == key; });
  if (cipher == ciphers.end()) return std::unexpected(fmt::format("no ESP cipher takes {} octets of key here", key));
  const auto* integrity = std::ranges::find(integrities, parameters.integrity, &IntegrityFacts::integrity);
  if (integrity == integrities.end()) return std::unexpected("unknown ESP integrity algorithm");
  const EspAlgorithms found{cipher, integrity};
  if (cipher->combined() && integrity->icv != 0)
    return std::unexpected(fmt::format("{} takes no integrity algorithm beside it", cipher->name));
  if (cipher->cipher == EspCipher::aes_ctr && !found.authenticates())
    return std::unexpected(
        fmt::format("{} needs an integrity algorithm: anybody can change single bits", cipher->name));
  if (!found.authenticates() && !found.encrypts())
    return std::unexpected("NULL encryption without integrity protects nothing");
  if (parameters.integrity_key.size() != integrity->key)
    return std::unexpected(fmt::format("{} takes {} octets of key, not {}", integrity->name, integrity->key,
                                       parameters.integrity_key.size()));
  return found;
}

std::uint32_t plaintext_mtu(const SaParameters& parameters, std::uint32_t path_mtu) {
  const auto algorithms = algorithms_of(parameters);
  return algorithms ? algorithms->format(parameters.udp.has_value()).plaintext_mtu(path_mtu) : 0;
}

}  // namespace culvert::dataplane
