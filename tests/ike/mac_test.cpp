// HMACs by the figures of RFC 2202, RFC 4231 and RFC 4868; prf+ by its definition.
#include "ike/crypto/mac.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/ike/octets.h"

namespace culvert::ike::crypto {
namespace {

using testing::octets;

struct Case {
  int line;
  Prf algorithm;
  net::Bytes key;
  std::string_view data;
  std::string_view digest;
};

constexpr std::string_view jefe = "what do ya want for nothing?";
constexpr std::string_view long_key_data = "Test Using Larger Than Block-Size Key - Hash Key First";

const Case cases[]{
    {1, Prf::md5, octets("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"},
    {2, Prf::md5, net::to_bytes("Jefe"), jefe, "750c783e6ab0b503eaa86e310a5db738"},
    {3, Prf::md5, net::Bytes(80, std::byte{0xaa}), long_key_data, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
    {4, Prf::sha1, net::Bytes(20, std::byte{0x0b}), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
    {5, Prf::sha1, net::to_bytes("Jefe"), jefe, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {6, Prf::sha1, net::Bytes(80, std::byte{0xaa}), long_key_data, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {7, Prf::sha256, net::Bytes(20, std::byte{0x0b}), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {8, Prf::sha256, net::to_bytes("Jefe"), jefe, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {9, Prf::sha256, net::Bytes(131, std::byte{0xaa}), long_key_data,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {10, Prf::sha384, net::Bytes(20, std::byte{0x0b}), "Hi There",
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
    {11, Prf::sha384, net::to_bytes("Jefe"), jefe,
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
    {12, Prf::sha384, net::Bytes(131, std::byte{0xaa}), long_key_data,
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
    {13, Prf::sha512, net::Bytes(20, std::byte{0x0b}), "Hi There",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {14, Prf::sha512, net::to_bytes("Jefe"), jefe,
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {15, Prf::sha512, net::Bytes(131, std::byte{0xaa}), long_key_data,
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

TEST(Hmac, PublishedFigures) {
  for (const auto& c : cases)
    EXPECT_EQ(net::to_hex(prf(c.algorithm, c.key, {net::as_view(c.data)}).view()), c.digest) << "case " << c.line;
}

// The truncations of RFC 2403, 2404 and 4868 are the first octets of the same figures.
TEST(Hmac, IntegrityIsTheTruncatedDigest) {
  constexpr std::array truncated{96, 96, 128, 192, 256};
  for (const auto& c : cases) {
    const auto index = static_cast<std::size_t>(c.algorithm);
    const auto icv = mac(Integrity{static_cast<std::uint8_t>(index + 1)}, c.key, net::as_view(c.data));
    EXPECT_EQ(net::to_hex(icv), c.digest.substr(0, static_cast<std::size_t>(truncated[index]) / 4)) << c.line;
  }
}

TEST(Hmac, PartsAreJoined) {
  const auto whole = prf(Prf::sha256, net::as_view("key"), {net::as_view("one two three")});
  const auto parts = prf(Prf::sha256, net::as_view("key"), {net::as_view("one"), {}, net::as_view(" two three")});
  EXPECT_EQ(whole, parts);
}

// HMAC pads a short key with zeros, so no key at all equals one zero octet.
TEST(Hmac, EmptyKey) {
  EXPECT_EQ(prf(Prf::sha1, {}, {net::as_view("x")}), prf(Prf::sha1, octets("00"), {net::as_view("x")}));
  EXPECT_NE(prf(Prf::sha1, {}, {net::as_view("x")}), prf(Prf::sha1, net::as_view("k"), {net::as_view("x")}));
}

// T1 = prf(K, S | 0x01), Tn = prf(K, Tn-1 | S | n): the text of RFC 7296 §2.13, all blocks kept.
net::Bytes prf_plus_by_the_book(Prf algorithm, net::View key, net::View seed, std::size_t size) {
  net::Bytes all, previous;
  for (std::uint8_t n = 1; all.size() < size; ++n) {
    net::Bytes input = previous;
    net::Writer(input).bytes(seed);
    net::Writer(input).u8(n);
    const auto block = prf(algorithm, key, {input});
    previous.assign(block.view().begin(), block.view().end());
    net::Writer(all).bytes(previous);
  }
  all.resize(size);
  return all;
}

TEST(PrfPlus, IsWhatTheRfcDefines) {
  for (const auto& row : prfs())
    for (const auto size : {std::size_t{0}, std::size_t{1}, row.key_octets - 1, row.key_octets, row.key_octets + 1,
                            3 * row.key_octets, std::size_t{300}, 255 * row.key_octets}) {
      const auto material = prf_plus(row.algorithm, net::as_view("a key"), net::as_view("a seed"), size);
      const auto model = prf_plus_by_the_book(row.algorithm, net::as_view("a key"), net::as_view("a seed"), size);
      EXPECT_TRUE(std::ranges::equal(material.view(), model)) << row.keyword << ", " << size << " octets";
    }
}

TEST(ConstantTime, ComparesSizesAndOctets) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(octets("010203"), octets("010203")));
  EXPECT_FALSE(equal_constant_time(octets("010203"), octets("010204")));
  EXPECT_FALSE(equal_constant_time(octets("010203"), octets("0102")));
}

}  // namespace
}  // namespace culvert::ike::crypto
