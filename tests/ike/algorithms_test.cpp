// The algorithm tables, read both ways.
#include "ike/algorithms.h"

#include <gtest/gtest.h>

namespace culvert::ike {
namespace {

// IANA's "Internet Key Exchange Version 2 (IKEv2) Parameters".
TEST(Algorithms, HaveTheirRegisteredNumbers) {
  EXPECT_EQ(encryption_of(3, std::nullopt), Encryption::triple_des);
  EXPECT_EQ(encryption_of(11, std::nullopt), Encryption::null);
  EXPECT_EQ(encryption_of(12, 128), Encryption::aes_cbc_128);
  EXPECT_EQ(encryption_of(12, 192), Encryption::aes_cbc_192);
  EXPECT_EQ(encryption_of(12, 256), Encryption::aes_cbc_256);
  EXPECT_EQ(encryption_of(20, 128), Encryption::aes_gcm_128);
  EXPECT_EQ(encryption_of(20, 192), Encryption::aes_gcm_192);
  EXPECT_EQ(encryption_of(20, 256), Encryption::aes_gcm_256);
  EXPECT_EQ(encryption_of(2, std::nullopt), Encryption::des);
  EXPECT_EQ(encryption_of(13, 128), Encryption::aes_ctr_128);
  EXPECT_EQ(encryption_of(13, 192), Encryption::aes_ctr_192);
  EXPECT_EQ(encryption_of(13, 256), Encryption::aes_ctr_256);
  EXPECT_EQ(encryption_of(28, std::nullopt), Encryption::chacha20_poly1305);
  EXPECT_EQ(integrity_of(1), Integrity::md5);
  EXPECT_EQ(integrity_of(2), Integrity::sha1);
  EXPECT_EQ(integrity_of(12), Integrity::sha256);
  EXPECT_EQ(integrity_of(13), Integrity::sha384);
  EXPECT_EQ(integrity_of(14), Integrity::sha512);
  EXPECT_EQ(prf_of(1), Prf::md5);
  EXPECT_EQ(prf_of(2), Prf::sha1);
  EXPECT_EQ(prf_of(5), Prf::sha256);
  EXPECT_EQ(prf_of(6), Prf::sha384);
  EXPECT_EQ(prf_of(7), Prf::sha512);
  EXPECT_EQ(group_of(1), Group::modp_768);
  EXPECT_EQ(group_of(2), Group::modp_1024);
  EXPECT_EQ(group_of(5), Group::modp_1536);
  EXPECT_EQ(group_of(14), Group::modp_2048);
  EXPECT_EQ(group_of(15), Group::modp_3072);
  EXPECT_EQ(group_of(16), Group::modp_4096);
  EXPECT_EQ(group_of(19), Group::ecp_256);
  EXPECT_EQ(group_of(20), Group::ecp_384);
  EXPECT_EQ(group_of(21), Group::ecp_521);
  EXPECT_EQ(group_of(24), Group::modp_2048_256);
  EXPECT_EQ(group_of(31), Group::x25519);
}

TEST(Algorithms, RefuseWrongKeyLengths) {
  EXPECT_FALSE(encryption_of(12, std::nullopt));
  EXPECT_FALSE(encryption_of(12, 64));
  EXPECT_FALSE(encryption_of(3, 192));
  EXPECT_FALSE(encryption_of(11, 0));
  EXPECT_FALSE(encryption_of(2, 64));
  EXPECT_FALSE(encryption_of(13, std::nullopt));
  EXPECT_FALSE(encryption_of(28, 256));
}

TEST(Algorithms, RefuseUnknownNumbers) {
  EXPECT_FALSE(encryption_of(0, std::nullopt));
  EXPECT_FALSE(encryption_of(1025, std::nullopt));
  EXPECT_FALSE(integrity_of(3));
  EXPECT_FALSE(prf_of(0));
  EXPECT_FALSE(group_of(0));
  EXPECT_FALSE(group_of(22));
  EXPECT_FALSE(group_of(1025));
}

TEST(Algorithms, AreFoundByNumberAndKeyword) {
  for (const auto& row : encryptions()) {
    EXPECT_EQ(encryption_of(row.transform_id, row.key_length_bits), row.algorithm);
    EXPECT_EQ(encryption_named(row.keyword), row.algorithm);
    EXPECT_EQ(row.key_length_bits.value_or(row.key_octets * 8), row.key_octets * 8);
    EXPECT_EQ(counts_ivs(row.algorithm), row.salt_octets == 4) << row.keyword;
    EXPECT_TRUE(counts_ivs(row.algorithm) || !is_aead(row.algorithm)) << row.keyword;
  }
  for (const auto& row : integrities()) {
    EXPECT_EQ(integrity_of(row.transform_id), row.algorithm);
    EXPECT_EQ(integrity_named(row.keyword), row.algorithm);
  }
  for (const auto& row : prfs()) {
    EXPECT_EQ(prf_of(row.transform_id), row.algorithm);
    EXPECT_EQ(prf_named(row.keyword), row.algorithm);
  }
  for (const auto& row : groups()) {
    EXPECT_EQ(group_named(row.keyword), row.group);
    EXPECT_EQ(std::string(row.shown).substr(row.shown.find("/Group ") + 7), row.keyword);
  }
  EXPECT_FALSE(encryption_named("aes-cbc"));
  EXPECT_FALSE(group_named("22"));
}

}  // namespace
}  // namespace culvert::ike
