#include "routing/eigrp/wire/authentication.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace culvert::routing::eigrp::wire {
namespace {

using test::octets;

AuthenticationKey key(AuthenticationType kind, std::string_view password) {
  return {.kind = kind, .id = 1, .password = net::Secret(net::to_bytes(password))};
}
const auto anywhere = net::Address::v4(0x0a000002);

TEST(Checklist34, Line11_Md5OfRealPackets) {
  EXPECT_TRUE(verify(octets(test::md5_hello), key(AuthenticationType::md5, "password12345"), anywhere));
  EXPECT_FALSE(verify(octets(test::md5_hello), key(AuthenticationType::md5, "password12346"), anywhere));
  EXPECT_TRUE(verify(octets(test::md5_update), key(AuthenticationType::md5, "password12345"), anywhere));
  EXPECT_FALSE(verify(octets(test::md5_update), key(AuthenticationType::md5, "1234567812345"), anywhere));
  EXPECT_TRUE(verify(octets(test::md5_init_update), key(AuthenticationType::md5, "1234567812345"), anywhere));
}

// The digest of a packet that says nothing but INIT covers 40 octets and no key: what IOS sends, and accepts.
TEST(Checklist34, Line11_Md5OfAnUpdateWithoutRoutesCoversNoKey) {
  EXPECT_TRUE(verify(octets(test::md5_init_update), key(AuthenticationType::md5, "another"), anywhere));
}

struct Vector {
  AuthenticationType kind;
  std::string_view before, after;  // the digest
  std::string_view password, digest;
};
// From packets of IOS 12.4 and 15, as password crackers test themselves; `after` is what MD5 saw of it.
constexpr std::string_view md5_head =
    "020500000000000000000000000000000000002a000200280002001000000001000000000000000000000000";
constexpr std::string_view twenty_unseen = "00000000000000000000000000000000000000ff";
const Vector vectors[]{
    {AuthenticationType::md5, md5_head, "", "password12345", "1a42aaf8ebe2f766100ea1fa05a5fa55"},
    {AuthenticationType::md5, md5_head, "", "1234567812345", "f29e7d44351d37e6fc71e2aacca63d28"},
    {AuthenticationType::md5, md5_head, "0001000c010001000000000f000400080500030000f5000c0000000400", "password12345",
     "560c87396267310978883da92c0cff90"},
    {AuthenticationType::md5, md5_head, "", "123456789012345678901234567890", "61f237e29d28538a372f01121f2cd12f"},
};

TEST(Checklist34, Line11_Md5Vectors) {
  for (const auto& row : vectors) {
    // What the vector hashes is a packet without its last 20 octets; any will do in their place.
    auto bytes =
        octets(std::string(row.before) + std::string(row.digest) + std::string(row.after) + std::string(twenty_unseen));
    set_checksum(bytes);
    EXPECT_TRUE(verify(bytes, key(row.kind, row.password), anywhere)) << row.password << row.after;
    EXPECT_FALSE(verify(bytes, key(row.kind, "password"), anywhere)) << row.password;
  }
}

constexpr std::string_view sha_hello =
    "020500000000000000000000000000000000000a"
    "000200380003002000000000000000000000000000000000"
    "cff66484cea20c6f58f175f8c004fc6d73be72090e53429c2616309aca38d5f3"
    "0001000c010001000000000f000400080f00020000f5000a000000020000";

TEST(Checklist34, Line11_HmacSha256OfARealHelloCoversTheSource) {
  auto bytes = octets(sha_hello);
  set_checksum(bytes);
  const auto right = key(AuthenticationType::hmac_sha_256, "password12345");
  EXPECT_TRUE(verify(bytes, right, anywhere));
  EXPECT_FALSE(verify(bytes, right, net::Address::v4(0x0a000003)));
  EXPECT_FALSE(verify(bytes, key(AuthenticationType::hmac_sha_256, "password1234"), anywhere));
  EXPECT_FALSE(verify(bytes, key(AuthenticationType::md5, "password12345"), anywhere));
  for (std::size_t at = header_octets; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= std::byte{1};
    set_checksum(damaged);
    const bool accepted = Packet::decode(damaged) && verify(damaged, right, anywhere);
    EXPECT_FALSE(accepted) << at;
  }
}

TEST(EigrpAuthentication, WhatIsSignedVerifies) {
  const Packet update{.opcode = Opcode::update,
                      .sequence = 3,
                      .autonomous_system = 100,
                      .tlvs = {Route{.destinations = {*net::Prefix::parse("10.0.0.0/8")}}}};
  for (const auto kind : {AuthenticationType::md5, AuthenticationType::hmac_sha_256})
    for (const auto* const password : {"", "a", "sixteen octets..", "a password of more than sixteen octets"})
      for (const auto& packet : {update, Packet{.tlvs = {Parameters{}}}, Packet{.opcode = Opcode::update}}) {
        const auto bytes = encode_signed(packet, key(kind, password), anywhere);
        const auto read = Packet::decode(bytes);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->find<Authentication>()->key_id, 1u);
        EXPECT_EQ(read->tlvs.size(), packet.tlvs.size() + 1);
        EXPECT_TRUE(verify(bytes, key(kind, password), anywhere));
      }
}

TEST(EigrpAuthentication, SignsAsIosDoes) {
  const Packet init{
      .opcode = Opcode::update, .flags = {.init = true}, .sequence = 6, .acknowledgment = 6, .autonomous_system = 42};
  EXPECT_EQ(net::to_hex(encode_signed(init, key(AuthenticationType::md5, "1234567812345"), anywhere)),
            test::md5_init_update);
}

TEST(EigrpAuthentication, APacketWithoutTheTlvIsNotSigned) {
  EXPECT_FALSE(verify(octets(test::hello), key(AuthenticationType::md5, ""), anywhere));
  EXPECT_FALSE(verify(octets(test::acknowledgment), key(AuthenticationType::hmac_sha_256, ""), anywhere));
}

}  // namespace
}  // namespace culvert::routing::eigrp::wire
