#include "ike/algorithm_status.h"

#include <array>
#include <utility>

namespace culvert::ike {
namespace {

using enum Requirement;

}  // namespace

std::string_view text(Requirement requirement) {
  constexpr std::array<std::string_view, 7> words{"-", "MUST", "MUST-", "SHOULD", "MAY", "SHOULD NOT", "MUST NOT"};
  return words.at(static_cast<std::size_t>(requirement));
}

// RFC 8247 §2.1 and RFC 8221 §5. Keys of 192 bits are MAY wherever those of 128 and 256 are more.
Standing standing(Encryption algorithm) {
  switch (algorithm) {
    case Encryption::null: return {must_not, must};
    case Encryption::des: return {must_not, must_not};
    case Encryption::triple_des: return {may, should_not};
    case Encryption::aes_cbc_128:
    case Encryption::aes_cbc_256: return {must, must};
    case Encryption::aes_gcm_128:
    case Encryption::aes_gcm_256: return {should, must};
    case Encryption::aes_cbc_192:
    case Encryption::aes_gcm_192:
    case Encryption::aes_ctr_128:
    case Encryption::aes_ctr_192:
    case Encryption::aes_ctr_256: return {may, may};
    case Encryption::chacha20_poly1305: return {should, should};
  }
  std::unreachable();
}

// RFC 8247 §2.3 and RFC 8221 §6. None is what AEAD ciphers take.
Standing standing(Integrity algorithm) {
  switch (algorithm) {
    case Integrity::none: return {unlisted, must};
    case Integrity::md5: return {must_not, must_not};
    case Integrity::sha1: return {must_minus, must_minus};
    case Integrity::sha256: return {must, must};
    case Integrity::sha384: return {unlisted, unlisted};
    case Integrity::sha512: return {should, should};
  }
  std::unreachable();
}

// RFC 8247 §2.2, where SHA-512 is SHOULD+.
Standing standing(Prf algorithm) {
  switch (algorithm) {
    case Prf::md5: return {must_not, unlisted};
    case Prf::sha1: return {must_minus, unlisted};
    case Prf::sha256: return {must, unlisted};
    case Prf::sha384: return {unlisted, unlisted};
    case Prf::sha512: return {should, unlisted};
  }
  std::unreachable();
}

// RFC 8247 §2.4.
Standing standing(Group group) {
  switch (group) {
    case Group::modp_768: return {must_not, unlisted};
    case Group::modp_1024:
    case Group::modp_1536:
    case Group::modp_2048_256: return {should_not, unlisted};
    case Group::modp_2048: return {must, unlisted};
    case Group::ecp_256: return {should, unlisted};
    case Group::modp_3072:
    case Group::modp_4096:
    case Group::ecp_384:
    case Group::ecp_521:
    case Group::x25519: return {};
  }
  std::unreachable();
}

}  // namespace culvert::ike
