#include "ike/algorithms.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace culvert::ike {
namespace {

constexpr std::array encryption_table{
    //                                      id  key bits      key salt iv block icv
    EncryptionTraits{Encryption::null, 11, std::nullopt, 0, 0, 0, 1, 0, "null", "NULL"},
    EncryptionTraits{Encryption::des, 2, std::nullopt, 8, 0, 8, 8, 0, "des", "DES"},
    EncryptionTraits{Encryption::triple_des, 3, std::nullopt, 24, 0, 8, 8, 0, "3des", "3DES"},
    EncryptionTraits{Encryption::aes_cbc_128, 12, 128, 16, 0, 16, 16, 0, "aes-cbc-128", "AES-CBC-128"},
    EncryptionTraits{Encryption::aes_cbc_192, 12, 192, 24, 0, 16, 16, 0, "aes-cbc-192", "AES-CBC-192"},
    EncryptionTraits{Encryption::aes_cbc_256, 12, 256, 32, 0, 16, 16, 0, "aes-cbc-256", "AES-CBC-256"},
    EncryptionTraits{Encryption::aes_ctr_128, 13, 128, 16, 4, 8, 1, 0, "aes-ctr-128", "AES-CTR-128"},
    EncryptionTraits{Encryption::aes_ctr_192, 13, 192, 24, 4, 8, 1, 0, "aes-ctr-192", "AES-CTR-192"},
    EncryptionTraits{Encryption::aes_ctr_256, 13, 256, 32, 4, 8, 1, 0, "aes-ctr-256", "AES-CTR-256"},
    EncryptionTraits{Encryption::aes_gcm_128, 20, 128, 16, 4, 8, 1, 16, "aes-gcm-128", "AES-GCM-128"},
    EncryptionTraits{Encryption::aes_gcm_192, 20, 192, 24, 4, 8, 1, 16, "aes-gcm-192", "AES-GCM-192"},
    EncryptionTraits{Encryption::aes_gcm_256, 20, 256, 32, 4, 8, 1, 16, "aes-gcm-256", "AES-GCM-256"},
    EncryptionTraits{Encryption::chacha20_poly1305, 28, std::nullopt, 32, 4, 8, 1, 16, "chacha20-poly1305",
                     "CHACHA20-POLY1305"},
};
constexpr std::array integrity_table{
    IntegrityTraits{Integrity::none, 0, 0, 0, "none", "None"},
    IntegrityTraits{Integrity::md5, 1, 16, 12, "md5", "MD596"},
    IntegrityTraits{Integrity::sha1, 2, 20, 12, "sha1", "SHA96"},
    IntegrityTraits{Integrity::sha256, 12, 32, 16, "sha256", "SHA256"},
    IntegrityTraits{Integrity::sha384, 13, 48, 24, "sha384", "SHA384"},
    IntegrityTraits{Integrity::sha512, 14, 64, 32, "sha512", "SHA512"},
};
constexpr std::array prf_table{
    PrfTraits{Prf::md5, 1, 16, "md5", "MD5"},          PrfTraits{Prf::sha1, 2, 20, "sha1", "SHA1"},
    PrfTraits{Prf::sha256, 5, 32, "sha256", "SHA256"}, PrfTraits{Prf::sha384, 6, 48, "sha384", "SHA384"},
    PrfTraits{Prf::sha512, 7, 64, "sha512", "SHA512"},
};
constexpr std::array group_table{
    GroupTraits{Group::modp_768, 96, 96, "1", "DH_GROUP_768_MODP/Group 1"},
    GroupTraits{Group::modp_1024, 128, 128, "2", "DH_GROUP_1024_MODP/Group 2"},
    GroupTraits{Group::modp_1536, 192, 192, "5", "DH_GROUP_1536_MODP/Group 5"},
    GroupTraits{Group::modp_2048, 256, 256, "14", "DH_GROUP_2048_MODP/Group 14"},
    GroupTraits{Group::modp_3072, 384, 384, "15", "DH_GROUP_3072_MODP/Group 15"},
    GroupTraits{Group::modp_4096, 512, 512, "16", "DH_GROUP_4096_MODP/Group 16"},
    GroupTraits{Group::ecp_256, 64, 32, "19", "DH_GROUP_256_ECP/Group 19"},
    GroupTraits{Group::ecp_384, 96, 48, "20", "DH_GROUP_384_ECP/Group 20"},
    GroupTraits{Group::ecp_521, 132, 66, "21", "DH_GROUP_521_ECP/Group 21"},
    GroupTraits{Group::modp_2048_256, 256, 256, "24", "DH_GROUP_2048_256_MODP/Group 24"},
    GroupTraits{Group::x25519, 32, 32, "31", "DH_GROUP_X25519/Group 31"},
};

// The tables are indexed by enumerator, so a row out of place must not compile.
constexpr bool in_order(const auto& table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].algorithm) != i) return false;
  return true;
}
static_assert(in_order(encryption_table) && in_order(integrity_table) && in_order(prf_table));

template <class Id>
std::optional<Id> found(const auto& table, Id std::decay_t<decltype(table[0])>::* id, auto matches) {
  const auto row = std::ranges::find_if(table, matches);
  if (row == table.end()) return std::nullopt;
  return (*row).*id;
}

}  // namespace

const EncryptionTraits& traits(Encryption algorithm) {
  return encryption_table.at(static_cast<std::size_t>(algorithm));
}
const IntegrityTraits& traits(Integrity algorithm) { return integrity_table.at(static_cast<std::size_t>(algorithm)); }
const PrfTraits& traits(Prf algorithm) { return prf_table.at(static_cast<std::size_t>(algorithm)); }
const GroupTraits& traits(Group group) {
  const auto row = std::ranges::find(group_table, group, &GroupTraits::group);
  assert(row != group_table.end());
  return *row;
}

std::span<const EncryptionTraits> encryptions() { return encryption_table; }
std::span<const IntegrityTraits> integrities() { return integrity_table; }
std::span<const PrfTraits> prfs() { return prf_table; }
std::span<const GroupTraits> groups() { return group_table; }

std::optional<Encryption> encryption_of(std::uint16_t transform_id, std::optional<std::uint16_t> key_length_bits) {
  return found(encryption_table, &EncryptionTraits::algorithm, [&](const auto& row) {
    return row.transform_id == transform_id && row.key_length_bits == key_length_bits;
  });
}
std::optional<Integrity> integrity_of(std::uint16_t transform_id) {
  return found(integrity_table, &IntegrityTraits::algorithm,
               [&](const auto& row) { return row.transform_id == transform_id; });
}
std::optional<Prf> prf_of(std::uint16_t transform_id) {
  return found(prf_table, &PrfTraits::algorithm, [&](const auto& row) { return row.transform_id == transform_id; });
}
std::optional<Group> group_of(std::uint16_t transform_id) {
  return found(group_table, &GroupTraits::group,
               [&](const auto& row) { return static_cast<std::uint16_t>(row.group) == transform_id; });
}

std::optional<Encryption> encryption_named(std::string_view keyword) {
  return found(encryption_table, &EncryptionTraits::algorithm, [&](const auto& row) { return row.keyword == keyword; });
}
std::optional<Integrity> integrity_named(std::string_view keyword) {
  return found(integrity_table, &IntegrityTraits::algorithm, [&](const auto& row) { return row.keyword == keyword; });
}
std::optional<Prf> prf_named(std::string_view keyword) {
  return found(prf_table, &PrfTraits::algorithm, [&](const auto& row) { return row.keyword == keyword; });
}
std::optional<Group> group_named(std::string_view keyword) {
  return found(group_table, &GroupTraits::group, [&](const auto& row) { return row.keyword == keyword; });
}

bool counts_ivs(Encryption algorithm) { return traits(algorithm).salt_octets != 0; }
bool is_aead(Encryption algorithm) { return traits(algorithm).icv_octets != 0; }

}  // namespace culvert::ike
