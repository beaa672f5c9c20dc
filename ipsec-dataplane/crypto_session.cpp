// From an SA's algorithms to the transforms of a cryptodev session, on the first device whose capabilities hold them.
#include "ipsec-dataplane/crypto_session.h"

#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_mempool.h>
#include <strings.h>

#include <algorithm>
#include <vector>

#include <fmt/core.h>

namespace culvert::dataplane {

namespace {

constexpr std::uint16_t iv_offset = sizeof(rte_crypto_op) + sizeof(rte_crypto_sym_op);
constexpr std::uint16_t nonce_octets = 12;  // salt and IV of a combined-mode cipher
constexpr std::uint16_t counter_block_octets = 16;

// SPI and sequence number, the whole of it (RFC 4106 section 5).
std::uint16_t associated_octets(const SaParameters& p) { return p.extended_sequence_numbers ? 12 : 8; }

rte_crypto_cipher_algorithm cipher_of(EspCipher cipher) {
  switch (cipher) {
    case EspCipher::des_cbc: return RTE_CRYPTO_CIPHER_DES_CBC;
    case EspCipher::des3_cbc: return RTE_CRYPTO_CIPHER_3DES_CBC;
    case EspCipher::aes_cbc: return RTE_CRYPTO_CIPHER_AES_CBC;
    case EspCipher::aes_ctr: return RTE_CRYPTO_CIPHER_AES_CTR;
    default: return RTE_CRYPTO_CIPHER_NULL;
  }
}

rte_crypto_aead_algorithm aead_of(EspCipher cipher) {
  return cipher == EspCipher::aes_gcm_16 ? RTE_CRYPTO_AEAD_AES_GCM : RTE_CRYPTO_AEAD_CHACHA20_POLY1305;
}

rte_crypto_auth_algorithm auth_of(EspIntegrity integrity) {
  switch (integrity) {
    case EspIntegrity::none: break;
    case EspIntegrity::hmac_md5_96: return RTE_CRYPTO_AUTH_MD5_HMAC;
    case EspIntegrity::hmac_sha1_96: return RTE_CRYPTO_AUTH_SHA1_HMAC;
    case EspIntegrity::hmac_sha256_128: return RTE_CRYPTO_AUTH_SHA256_HMAC;
    case EspIntegrity::hmac_sha384_192: return RTE_CRYPTO_AUTH_SHA384_HMAC;
    case EspIntegrity::hmac_sha512_256: return RTE_CRYPTO_AUTH_SHA512_HMAC;
  }
  return RTE_CRYPTO_AUTH_NULL;
}

const std::uint8_t* octets(const net::Secret& key) { return reinterpret_cast<const std::uint8_t*>(key.view().data()); }

rte_crypto_sym_xform aead_transform(const SaParameters& p, const EspAlgorithms& a) {
  rte_crypto_sym_xform x{};
  x.type = RTE_CRYPTO_SYM_XFORM_AEAD;
  x.aead.op = p.direction == SaDirection::outbound ? RTE_CRYPTO_AEAD_OP_ENCRYPT : RTE_CRYPTO_AEAD_OP_DECRYPT;
  x.aead.algo = aead_of(p.cipher);
  x.aead.key = {octets(p.cipher_key), a.cipher->key()};
  x.aead.iv = {iv_offset, nonce_octets};
  x.aead.digest_length = a.cipher->icv;
  x.aead.aad_length = associated_octets(p);
  return x;
}

rte_crypto_sym_xform cipher_transform(const SaParameters& p, const EspAlgorithms& a) {
  rte_crypto_sym_xform x{};
  x.type = RTE_CRYPTO_SYM_XFORM_CIPHER;
  x.cipher.op = p.direction == SaDirection::outbound ? RTE_CRYPTO_CIPHER_OP_ENCRYPT : RTE_CRYPTO_CIPHER_OP_DECRYPT;
  x.cipher.algo = cipher_of(p.cipher);
  x.cipher.key = {octets(p.cipher_key), a.cipher->key()};
  x.cipher.iv = {iv_offset, a.cipher->counts_ivs() ? counter_block_octets : a.cipher->iv};
  return x;
}

rte_crypto_sym_xform auth_transform(const SaParameters& p, const EspAlgorithms& a) {
  rte_crypto_sym_xform x{};
  x.type = RTE_CRYPTO_SYM_XFORM_AUTH;
  x.auth.op = p.direction == SaDirection::outbound ? RTE_CRYPTO_AUTH_OP_GENERATE : RTE_CRYPTO_AUTH_OP_VERIFY;
  x.auth.algo = auth_of(p.integrity);
  x.auth.key = {octets(p.integrity_key), a.integrity->key};
  x.auth.digest_length = a.integrity->icv;
  return x;
}

// In the order of work: encrypt, then authenticate what was encrypted; and back. NULL encryption is no transform.
std::vector<rte_crypto_sym_xform> transforms_of(const SaParameters& p, const EspAlgorithms& a) {
  if (a.cipher->combined()) return {aead_transform(p, a)};
  std::vector<rte_crypto_sym_xform> chain;
  if (a.encrypts()) chain.push_back(cipher_transform(p, a));
  if (a.authenticates()) chain.push_back(auth_transform(p, a));
  if (p.direction == SaDirection::inbound) std::ranges::reverse(chain);
  for (std::size_t i = 1; i < chain.size(); ++i) chain[i - 1].next = &chain[i];
  return chain;
}

bool able(std::uint8_t device, const rte_crypto_sym_xform& x) {
  rte_cryptodev_sym_capability_idx wanted{};
  wanted.type = x.type;
  if (x.type == RTE_CRYPTO_SYM_XFORM_AEAD) wanted.algo.aead = x.aead.algo;
  if (x.type == RTE_CRYPTO_SYM_XFORM_CIPHER) wanted.algo.cipher = x.cipher.algo;
  if (x.type == RTE_CRYPTO_SYM_XFORM_AUTH) wanted.algo.auth = x.auth.algo;
  const auto* found = rte_cryptodev_sym_capability_get(device, &wanted);
  if (found == nullptr) return false;
  if (x.type == RTE_CRYPTO_SYM_XFORM_AEAD)
    return rte_cryptodev_sym_capability_check_aead(found, x.aead.key.length, x.aead.digest_length, x.aead.aad_length,
                                                   x.aead.iv.length) == 0;
  if (x.type == RTE_CRYPTO_SYM_XFORM_CIPHER)
    return rte_cryptodev_sym_capability_check_cipher(found, x.cipher.key.length, x.cipher.iv.length) == 0;
  return rte_cryptodev_sym_capability_check_auth(found, x.auth.key.length, x.auth.digest_length, 0) == 0;
}

}  // namespace

std::expected<CryptoSession, std::string> CryptoSession::make(std::shared_ptr<CryptoDrivers> drivers,
                                                              const SaParameters& parameters,
                                                              const EspAlgorithms& algorithms) {
  auto transforms = transforms_of(parameters, algorithms);
  std::vector<std::uint8_t> devices(drivers->devices().begin(), drivers->devices().end());
  // crypto_aesni_mb can do 3DES too, forty times slower than OpenSSL, which is last.
  if (parameters.cipher == EspCipher::des3_cbc) std::ranges::reverse(devices);
  for (const auto device : devices) {
    if (!std::ranges::all_of(transforms, [&](const auto& x) { return able(device, x); })) continue;
    void* handle = rte_cryptodev_sym_session_create(device, transforms.data(), drivers->sessions());
    if (handle != nullptr) return CryptoSession(std::move(drivers), device, handle);
    return std::unexpected("no crypto session left: too many security associations");
  }
  return std::unexpected(
      fmt::format("no crypto device does {} with {}", algorithms.cipher->name, algorithms.integrity->name));
}

// A driver may leave what it derived from the keys; the pool hands the memory out again only on this thread.
CryptoSession::~CryptoSession() {
  if (handle_ == nullptr) return;
  rte_cryptodev_sym_session_free(device_, handle_);
  explicit_bzero(handle_, drivers_->sessions()->elt_size);
}

}  // namespace culvert::dataplane
