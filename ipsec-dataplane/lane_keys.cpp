#include "ipsec-dataplane/lane_keys.h"

#include <strings.h>

#include <algorithm>

namespace culvert::dataplane {
namespace {

constexpr std::uint64_t counter_block_octets = 16, chacha_nonce_octets = 12;
constexpr std::size_t des_key_octets = 8;

struct Hmac {
  IMB_HASH_ALG algorithm;
  hash_one_block_t one_block;
};

Hmac hmac_of(const IMB_MGR& m, EspIntegrity integrity) {
  switch (integrity) {
    case EspIntegrity::none: break;
    case EspIntegrity::hmac_md5_96: return {IMB_AUTH_MD5, m.md5_one_block};
    case EspIntegrity::hmac_sha1_96: return {IMB_AUTH_HMAC_SHA_1, m.sha1_one_block};
    case EspIntegrity::hmac_sha256_128: return {IMB_AUTH_HMAC_SHA_256, m.sha256_one_block};
    case EspIntegrity::hmac_sha384_192: return {IMB_AUTH_HMAC_SHA_384, m.sha384_one_block};
    case EspIntegrity::hmac_sha512_256: return {IMB_AUTH_HMAC_SHA_512, m.sha512_one_block};
  }
  return {IMB_AUTH_NULL, nullptr};
}

}  // namespace

std::expected<std::unique_ptr<LaneKeys>, std::string> LaneKeys::make(const MultiBuffer& library,
                                                                     const SaParameters& parameters,
                                                                     const EspAlgorithms& algorithms) {
  std::unique_ptr<LaneKeys> keys(new LaneKeys);
  const bool seals = parameters.direction == SaDirection::outbound;
  keys->job_.cipher_direction = seals ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
  keys->job_.chain_order = seals ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
  keys->use_cipher(library.schedules(), parameters, *algorithms.cipher);
  keys->use_integrity(library.schedules(), parameters, *algorithms.integrity);
  return keys;
}

LaneKeys::~LaneKeys() { explicit_bzero(&schedules_, sizeof schedules_); }

void LaneKeys::use_cipher(const IMB_MGR& m, const SaParameters& p, const CipherFacts& cipher) {
  job_.iv_len_in_bytes = cipher.iv;
  switch (p.cipher) {
    case EspCipher::aes_cbc:
    case EspCipher::aes_ctr: return use_aes(m, p, cipher);
    case EspCipher::des_cbc:
    case EspCipher::des3_cbc: return use_des(m, p, cipher);
    case EspCipher::chacha20_poly1305: return use_chacha(p);
    default: job_.cipher_mode = IMB_CIPHER_NULL;
  }
}

void LaneKeys::use_aes(const IMB_MGR& m, const SaParameters& p, const CipherFacts& cipher) {
  const bool counts = p.cipher == EspCipher::aes_ctr;
  const auto expand = cipher.key() == 16 ? m.keyexp_128 : cipher.key() == 24 ? m.keyexp_192 : m.keyexp_256;
  expand(p.cipher_key.view().data(), schedules_.encryption.data(), schedules_.decryption.data());
  job_.cipher_mode = counts ? IMB_CIPHER_CNTR : IMB_CIPHER_CBC;
  job_.key_len_in_bytes = cipher.key();
  job_.enc_keys = schedules_.encryption.data();
  job_.dec_keys = schedules_.decryption.data();
}

void LaneKeys::use_des(const IMB_MGR& m, const SaParameters& p, const CipherFacts& cipher) {
  const bool triple = p.cipher == EspCipher::des3_cbc;
  const auto key = p.cipher_key.view();
  for (std::size_t i = 0; i < schedules_.des.size(); ++i) {
    m.des_key_sched(schedules_.des[i].data(), key.data() + (triple ? i * des_key_octets : 0));
    schedules_.des_order[i] = schedules_.des[i].data();
  }
  job_.cipher_mode = triple ? IMB_CIPHER_DES3 : IMB_CIPHER_DES;
  job_.key_len_in_bytes = cipher.key();
  job_.enc_keys = triple ? static_cast<const void*>(schedules_.des_order.data()) : schedules_.des[0].data();
  job_.dec_keys = job_.enc_keys;
}

void LaneKeys::use_chacha(const SaParameters& p) {
  const auto key = p.cipher_key.view().first(32);
  std::transform(key.begin(), key.end(), schedules_.encryption.begin(),
                 [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
  job_.cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
  job_.key_len_in_bytes = key.size();
  job_.iv_len_in_bytes = chacha_nonce_octets;
  job_.enc_keys = job_.dec_keys = schedules_.encryption.data();
  job_.hash_alg = IMB_AUTH_CHACHA20_POLY1305;
  job_.auth_tag_output_len_in_bytes = 16;
  job_.u.CHACHA20_POLY1305.aad_len_in_bytes = p.extended_sequence_numbers ? 12 : 8;
}

void LaneKeys::use_integrity(const IMB_MGR& m, const SaParameters& p, const IntegrityFacts& integrity) {
  if (p.cipher == EspCipher::chacha20_poly1305) return;
  job_.hash_alg = hmac_of(m, p.integrity).algorithm;
  job_.auth_tag_output_len_in_bytes = integrity.icv;
  if (p.integrity != EspIntegrity::none) hash_key(m, p);
}

// The first block of both hashes of HMAC is the key alone (RFC 2104).
void LaneKeys::hash_key(const IMB_MGR& m, const SaParameters& p) {
  const auto hmac = hmac_of(m, p.integrity);
  const auto hash = [&](std::byte pad, std::uint8_t* digest) {
    std::array<std::byte, hash_block_octets_max> block;
    block.fill(pad);
    const auto key = p.integrity_key.view();
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
    hmac.one_block(block.data(), digest);
    explicit_bzero(block.data(), block.size());
  };
  hash(std::byte{0x36}, schedules_.inner.data());
  hash(std::byte{0x5c}, schedules_.outer.data());
  job_.u.HMAC._hashed_auth_key_xor_ipad = schedules_.inner.data();
  job_.u.HMAC._hashed_auth_key_xor_opad = schedules_.outer.data();
}

}  // namespace culvert::dataplane
