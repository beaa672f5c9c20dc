// The algorithms Culvert negotiates: one table a kind, from which come the wire, the key schedule, the configuration
// keywords and the screens.
//
// The same tables serve IKE and ESP. The wire never reaches an enumerator directly: a number from a peer goes through
// a look-up here, and what is not in the table is not negotiated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace culvert::ike {

enum class Encryption : std::uint8_t {
  null,  // ESP only (RFC 7296 §5 forbids it for IKE)
  des,
  triple_des,
  aes_cbc_128,
  aes_cbc_192,
  aes_cbc_256,
  aes_ctr_128,
  aes_ctr_192,
  aes_ctr_256,
  aes_gcm_128,
  aes_gcm_192,
  aes_gcm_256,
  chacha20_poly1305
};
enum class Integrity : std::uint8_t { none, md5, sha1, sha256, sha384, sha512 };
enum class Prf : std::uint8_t { md5, sha1, sha256, sha384, sha512 };
enum class Group : std::uint16_t {
  modp_768 = 1,
  modp_1024 = 2,
  modp_1536 = 5,
  modp_2048 = 14,
  modp_3072 = 15,
  modp_4096 = 16,
  ecp_256 = 19,
  ecp_384 = 20,
  ecp_521 = 21,
  modp_2048_256 = 24,  // the subgroup of 256-bit order in RFC 5114 §2.3
  x25519 = 31
};
// Extended sequence numbers of ESP, transform type 5.
enum class SequenceNumbers : std::uint8_t { short_32 = 0, extended_64 = 1 };

struct EncryptionTraits {
  Encryption algorithm;
  std::uint16_t transform_id;                    // IANA, transform type 1
  std::optional<std::uint16_t> key_length_bits;  // the Key Length attribute; absent where it is forbidden
  std::size_t key_octets;                        // without the salt
  std::size_t salt_octets;   // taken from the key material after the key (RFC 3686, 4106, 5282, 7634)
  std::size_t iv_octets;     // explicit IV on the wire
  std::size_t block_octets;  // plaintext is padded to a multiple of it; 1 for AEAD, counter mode and NULL
  std::size_t icv_octets;    // 0 unless AEAD
  std::string_view keyword;  // "aes-cbc-256", as `crypto ikev2 proposal` spells it
  std::string_view shown;    // "AES-CBC-256", as show commands print it
};
struct IntegrityTraits {
  Integrity algorithm;
  std::uint16_t transform_id;  // transform type 3
  std::size_t key_octets;
  std::size_t icv_octets;
  std::string_view keyword;  // "sha1"
  std::string_view shown;    // "SHA96"
};
struct PrfTraits {
  Prf algorithm;
  std::uint16_t transform_id;  // transform type 2
  std::size_t key_octets;      // preferred key size, equal to the output size for every HMAC
  std::string_view keyword;    // "sha1"
  std::string_view shown;      // "SHA1"
};
struct GroupTraits {
  Group group;                // its value is the transform id, type 4
  std::size_t public_octets;  // of a public value on the wire
  std::size_t secret_octets;  // of g^ir
  std::string_view keyword;   // "14"
  std::string_view shown;     // "DH_GROUP_2048_MODP/Group 14"
};

// Total: every enumerator has its row.
const EncryptionTraits& traits(Encryption algorithm);
const IntegrityTraits& traits(Integrity algorithm);
const PrfTraits& traits(Prf algorithm);
const GroupTraits& traits(Group group);

// The tables themselves, in the order of the enumerators.
std::span<const EncryptionTraits> encryptions();
std::span<const IntegrityTraits> integrities();
std::span<const PrfTraits> prfs();
std::span<const GroupTraits> groups();

// From the wire. A Key Length that is missing where it is needed, present where it is forbidden (RFC 7296 §3.3.5) or
// of another size is no algorithm of ours.
std::optional<Encryption> encryption_of(std::uint16_t transform_id, std::optional<std::uint16_t> key_length_bits);
std::optional<Integrity> integrity_of(std::uint16_t transform_id);
std::optional<Prf> prf_of(std::uint16_t transform_id);
std::optional<Group> group_of(std::uint16_t transform_id);

// From configuration keywords, whole words only.
std::optional<Encryption> encryption_named(std::string_view keyword);
std::optional<Integrity> integrity_named(std::string_view keyword);
std::optional<Prf> prf_named(std::string_view keyword);
std::optional<Group> group_named(std::string_view keyword);

// Encrypts by a key stream, which an IV may select only once: IVs are counted, and are no secret (RFC 3686, 4106,
// 7634).
bool counts_ivs(Encryption algorithm);
// Encrypts and authenticates in one: negotiated without integrity, or with Integrity::none (RFC 5282 §8).
bool is_aead(Encryption algorithm);

// What one IKE SA negotiated. Integrity is none exactly when the cipher is AEAD.
struct IkeSuite {
  Encryption encryption = Encryption::aes_cbc_256;
  Integrity integrity = Integrity::sha256;
  Prf prf = Prf::sha256;
  Group group = Group::modp_2048;
  bool operator==(const IkeSuite&) const = default;
};

// What one Child SA negotiated. NULL encryption needs an integrity; AEAD has none.
struct EspSuite {
  Encryption encryption = Encryption::aes_cbc_256;
  Integrity integrity = Integrity::sha256;
  std::optional<Group> group{};  // perfect forward secrecy, CREATE_CHILD_SA only
  SequenceNumbers sequence_numbers = SequenceNumbers::short_32;
  bool operator==(const EspSuite&) const = default;
};

}  // namespace culvert::ike
