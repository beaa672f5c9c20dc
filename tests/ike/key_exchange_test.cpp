// Diffie-Hellman: the figures of RFC 5114, 5903, 7748 and 8031, the primes proved from their formula, and values a peer
// must not send.
#include "ike/crypto/key_exchange.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/ike/octets.h"
#include "tests/support/toy_key_exchange.h"

namespace culvert::ike::crypto {
namespace {

using testing::octets;
using testing::secret;

struct FreeNumber {
  void operator()(BIGNUM* n) const { BN_free(n); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
struct FreeScratch {
  void operator()(BN_CTX* c) const { BN_CTX_free(c); }
};

Number number(net::View octets_of) {
  return Number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(octets_of.data()), static_cast<int>(octets_of.size()), nullptr));
}
Number power_of_two(int exponent) {
  Number n(BN_new());
  BN_set_bit(n.get(), exponent);
  return n;
}

// 2^bits * arctan(1/x), by Gregory's series.
Number arctan_inverse(unsigned x, int bits) {
  auto term = power_of_two(bits);
  BN_div_word(term.get(), x);
  Number sum(BN_dup(term.get()));
  for (unsigned n = 3; !BN_is_zero(term.get()); n += 2) {
    BN_div_word(term.get(), x * x);
    Number part(BN_dup(term.get()));
    BN_div_word(part.get(), n);
    (n % 4 == 3 ? BN_sub : BN_add)(sum.get(), sum.get(), part.get());
  }
  return sum;
}

// floor(2^bits * pi), by Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). 64 guard bits.
Number pi_times_power(int bits) {
  auto a = arctan_inverse(5, bits + 64), b = arctan_inverse(239, bits + 64);
  BN_mul_word(a.get(), 16);
  BN_mul_word(b.get(), 4);
  BN_sub(a.get(), a.get(), b.get());
  BN_rshift(a.get(), a.get(), 64);
  return a;
}

// 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + c)
Number modulus_by_formula(int n, unsigned c) {
  auto middle = pi_times_power(n - 130);
  BN_add_word(middle.get(), c);
  BN_lshift(middle.get(), middle.get(), 64);
  auto p = power_of_two(n);
  BN_sub(p.get(), p.get(), power_of_two(n - 64).get());
  BN_sub_word(p.get(), 1);
  BN_add(p.get(), p.get(), middle.get());
  return p;
}

struct ModpCase {
  Group group;
  int bits;
  unsigned constant;
};
constexpr ModpCase modp_cases[]{{Group::modp_768, 768, 149686},    {Group::modp_1024, 1024, 129093},
                                {Group::modp_1536, 1536, 741804},  {Group::modp_2048, 2048, 124476},
                                {Group::modp_3072, 3072, 1690314}, {Group::modp_4096, 4096, 240904}};

TEST(Modp, PrimesFollowTheirFormulaAndAreSafe) {
  const std::unique_ptr<BN_CTX, FreeScratch> scratch(BN_CTX_new());
  for (const auto& c : modp_cases) {
    const auto p = number(modulus(c.group));
    EXPECT_EQ(BN_cmp(p.get(), modulus_by_formula(c.bits, c.constant).get()), 0) << c.bits;
    EXPECT_EQ(BN_check_prime(p.get(), scratch.get(), nullptr), 1) << c.bits;
    Number half(BN_dup(p.get()));
    BN_rshift1(half.get(), half.get());
    EXPECT_EQ(BN_check_prime(half.get(), scratch.get(), nullptr), 1) << c.bits;
  }
}

// y = g^x mod p computed apart, from a private value that both know.
TEST(Modp, DerivesWhatArithmeticSays) {
  const std::unique_ptr<BN_CTX, FreeScratch> scratch(BN_CTX_new());
  const OpensslKeyExchange dh;
  const auto exponent = octets("c0ffee0123456789abcdef0123456789abcdef0123456789");
  for (const auto& c : modp_cases) {
    const auto own = dh.import(c.group, net::Secret(exponent), {});
    const auto peer = dh.generate(c.group);
    ASSERT_TRUE(own && peer);
    const auto shared = dh.derive(*own, peer->public_value);
    ASSERT_TRUE(shared);
    Number expected(BN_new());
    BN_mod_exp(expected.get(), number(peer->public_value).get(), number(exponent).get(), number(modulus(c.group)).get(),
               scratch.get());
    EXPECT_EQ(BN_cmp(number(shared->view()).get(), expected.get()), 0) << c.bits;
    EXPECT_EQ(shared->size(), traits(c.group).secret_octets);
  }
}

// About one secret in 256 begins with a zero octet, which must stay (RFC 7296 §2.14). With x = 1, g^ir is the peer's
// value itself, so a value with leading zeros tells.
TEST(Checklist31, Line32_ModpValuesAreAsLongAsTheModulus) {
  const OpensslKeyExchange dh;
  for (const auto& c : modp_cases) {
    const auto own = dh.import(c.group, secret("01"), {});
    ASSERT_TRUE(own);
    net::Bytes small(traits(c.group).public_octets);
    small.back() = std::byte{5};
    const auto shared = dh.derive(*own, small);
    ASSERT_TRUE(shared) << c.bits;
    EXPECT_EQ(*shared, net::Secret(small)) << c.bits;
  }
  // One public value in 256 begins with a zero octet; that none of 10,000 does will not happen in 10^16 runs.
  bool began_with_zero = false;
  for (int turn = 0; turn < 10'000 && !began_with_zero; ++turn) {
    const auto pair = dh.generate(Group::modp_768);
    ASSERT_TRUE(pair);
    ASSERT_EQ(pair->public_value.size(), 96u);
    began_with_zero = pair->public_value.front() == std::byte{0};
  }
  EXPECT_TRUE(began_with_zero);
}

// RFC 5903 §8.1 to §8.3
struct EcpCase {
  Group group;
  std::string_view i, gi, r, gr, shared;
};
constexpr EcpCase ecp_cases[]{
    {Group::ecp_256, "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
     "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
     "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
     "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
     "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
     "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
     "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"},
    {Group::ecp_384, "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194",
     "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA"
     "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C",
     "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC",
     "E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571"
     "DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C",
     "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746"},
    {Group::ecp_521,
     "0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A095AA85A30FE1C2952C6771D937BA9777F5957B2639BA"
     "B072462F68C27A57382D4A52",
     "0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBEE1E3BF42E00B8E380AEAE57C2D107564941885942AF5"
     "A7F4601723C4195D176CED3E"
     "017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10AD8A788015AC405D7799DC75E7B7D5B6CF2261A6A7F15"
     "07438BF01BEB6CA3926F9582",
     "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E9C677D600B343757A3BDBF2A3163E4C2F869CCA7458A"
     "A4A4EFFC311F5CB151685EB9",
     "00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A219B97C356436ADC6E95BB0352F6BE64A6C2912D4EF2D0"
     "433CED2B6171640012D9460F"
     "015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87220B6536C5C408A1D2AEBB8E86D678AE49CB57091F47"
     "32296579AB44FCD17F0FC56A",
     "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04D1427E73CA4BAA240A34786859810C06B3C715A3A8CC"
     "3151F2BEE417996D19F3DDEA"}};

TEST(Ecp, FiguresOfRfc5903) {
  const OpensslKeyExchange dh;
  for (const auto& c : ecp_cases) {
    const auto initiator = dh.import(c.group, secret(c.i), octets(c.gi));
    const auto responder = dh.import(c.group, secret(c.r), octets(c.gr));
    ASSERT_TRUE(initiator && responder);
    const auto at_initiator = dh.derive(*initiator, octets(c.gr));
    const auto at_responder = dh.derive(*responder, octets(c.gi));
    ASSERT_TRUE(at_initiator && at_responder);
    EXPECT_EQ(*at_initiator, secret(c.shared));
    EXPECT_EQ(*at_responder, secret(c.shared));
  }
}

// RFC 5114 §A.3: the values of both sides, and what they share.
constexpr std::string_view subgroup_initiator = "0881382CDB87660C6DC13E614938D5B9C8B2F248581CC5E31B35454397FCE50E";
constexpr std::string_view subgroup_responder = "7D62A7E3EF36DE617B13D1AFB82C780D83A23BD4EE6705645121F371F546A53D";
constexpr std::string_view subgroup_responder_public =
    "575F0351BD2B1B817448BDF87A6C362C1E289D3903A30B9832C5741FA250363E7ACBC7F77F3DACBC1F131ADD8E03367EFF8FBBB3E1C5"
    "784424809B25AFE4D2262A1A6FD2FAB64105CA30A674E07F7809852088632FC049233791AD4EDD083A978B883EE618BC5E0DD047415F"
    "2D95E683CF14826B5FBE10D3CE41C6C120C78AB20008C698BF7F0BCAB9D7F407BED0F43AFB2970F57F8D12043963E66DDD320D599AD9"
    "936C8F44137C08B180EC5E985CEBE186F3D549677E80607331EE17AF3380A725B0782317D7DD43F59D7AF9568A9BB63A84D365F92244"
    "ED120988219302F42924C7CA90B89D24F71B0AB697823D7DEB1AFF5B0E8E4A45D49F7F53757E1913";
constexpr std::string_view subgroup_shared =
    "86C70BF8D0BB81BB01078A17219CB7D27203DB2A19C877F1D1F19FD7D77EF22546A68F005AD52DC84553B78FC60330BE51EA7C0672CA"
    "C1515E4B35C047B9A551B88F39DC26DA14A09EF74774D47C762DD177F9ED5BC2F11E52C879BD95098504CD9EECD8A8F9B3EFBD1F008A"
    "C5853097D9D1837F2B18F77CD7BE01AF80A7C7B5EA3CA54CC02D0C116FEE3F95BB87399385875D7E86747E676E728938ACBFF7098E05"
    "BE4DCFB24052B83AEFFB14783F029ADBDE7F53FAE92084224090E007CEE94D4BF2BACE9FFD4B57D2AF7C724D0CAA19BF0501F6F17B4A"
    "A10F425E3EA76080B4B9D6B3CEFEA115B2CEB8789BB8A3B0EA87FEBE63B6C8F846EC6DB0C26C5D7C";

TEST(Modp, FiguresOfRfc5114) {
  const OpensslKeyExchange dh;
  const auto initiator = dh.import(Group::modp_2048_256, secret(subgroup_initiator), {});
  const auto responder = dh.import(Group::modp_2048_256, secret(subgroup_responder), {});
  ASSERT_TRUE(initiator && responder);
  // What anybody derives from the generator is his own public value.
  const auto initiator_public = dh.derive(*initiator, generator(Group::modp_2048_256));
  const auto responder_public = dh.derive(*responder, generator(Group::modp_2048_256));
  ASSERT_TRUE(initiator_public && responder_public);
  EXPECT_EQ(*responder_public, secret(subgroup_responder_public));
  EXPECT_EQ(*dh.derive(*initiator, octets(subgroup_responder_public)), secret(subgroup_shared));
  EXPECT_EQ(*dh.derive(*responder, initiator_public->view()), secret(subgroup_shared));
}

struct X25519Case {
  int line;
  std::string_view i, gi, r, gr, shared;
};
constexpr X25519Case x25519_cases[]{{7748, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                                     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                                     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                                     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                                     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
                                    {8031, "701fb4308655b476b6789b7325f9ea8cddd16a58533ff6d9e60009464a5f9d54",
                                     "48d5ddd4061257ba166fa3f9bbdb74f1a4e81c089384fa77f790709f0dfbc766",
                                     "0854645253290d60ddadd0e030bacd9e5501efdc220755a1e978f1b839a05648",
                                     "0be7c1f5aad87d7e448662673298a443478b859745179eaf564c79c0ef6eee25",
                                     "c74950607a12327f3204d94b6825bfb068b7f8319a9e3708ed3d43ce8130c950"}};

// RFC 7748 §6.1 and RFC 8031, appendix A.
TEST(X25519, FiguresOfTheRfcs) {
  const OpensslKeyExchange dh;
  for (const auto& c : x25519_cases) {
    const auto initiator = dh.import(Group::x25519, secret(c.i), octets(c.gi));
    const auto responder = dh.import(Group::x25519, secret(c.r), octets(c.gr));
    ASSERT_TRUE(initiator && responder) << "RFC " << c.line;
    EXPECT_EQ(*dh.derive(*initiator, octets(c.gr)), secret(c.shared)) << "RFC " << c.line;
    EXPECT_EQ(*dh.derive(*responder, octets(c.gi)), secret(c.shared)) << "RFC " << c.line;
  }
}

std::vector<Group> every_group() {
  std::vector<Group> all;
  for (const auto& row : groups()) all.push_back(row.group);
  return all;
}

class EveryGroup : public ::testing::TestWithParam<Group> {
 protected:
  static void agree(const KeyExchange& dh) {
    for (int turn = 0; turn < 8; ++turn) {
      const auto a = dh.generate(GetParam()), b = dh.generate(GetParam());
      ASSERT_TRUE(a && b);
      EXPECT_EQ(a->public_value.size(), traits(GetParam()).public_octets);
      EXPECT_NE(a->public_value, b->public_value);
      const auto at_a = dh.derive(*a, b->public_value), at_b = dh.derive(*b, a->public_value);
      ASSERT_TRUE(at_a && at_b);
      EXPECT_EQ(*at_a, *at_b);
      EXPECT_EQ(at_a->size(), traits(GetParam()).secret_octets);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Groups, EveryGroup, ::testing::ValuesIn(every_group()),
                         [](const auto& given) { return fmt::format("{}", static_cast<int>(given.param)); });

TEST_P(EveryGroup, TwoPartiesAgree) { agree(OpensslKeyExchange()); }
TEST_P(EveryGroup, TwoToysAgree) { agree(testing::ToyKeyExchange(7)); }

TEST_P(EveryGroup, WrongLengthsAreRefused) {
  const OpensslKeyExchange dh;
  const auto own = dh.generate(GetParam());
  ASSERT_TRUE(own);
  const auto size = traits(GetParam()).public_octets;
  for (const auto wrong : {std::size_t{0}, std::size_t{1}, size / 2, size - 1, size + 1, 2 * size}) {
    const auto derived = dh.derive(*own, net::Bytes(wrong, std::byte{2}));
    ASSERT_FALSE(derived) << wrong << " octets";
    EXPECT_EQ(derived.error(), DhError::wrong_length) << wrong << " octets";
  }
}

TEST_P(EveryGroup, PairsMoveBetweenThreads) {
  const OpensslKeyExchange dh;
  std::expected<KeyPair, DhError> made = std::unexpected(DhError::failed), other = made;
  std::thread([&] { made = dh.generate(GetParam()); }).join();
  std::thread([&] { other = dh.generate(GetParam()); }).join();
  ASSERT_TRUE(made && other);
  EXPECT_TRUE(dh.derive(*std::move(made), other->public_value));
}

net::Bytes with_last(net::Bytes value, int change) {
  value.back() = static_cast<std::byte>(std::to_integer<int>(value.back()) + change);
  return value;
}

void expect_refused(Group group, const net::Bytes& value, DhError error, int row) {
  const OpensslKeyExchange dh;
  const auto own = dh.generate(group);
  ASSERT_TRUE(own);
  const auto derived = dh.derive(*own, value);
  ASSERT_FALSE(derived) << "row " << row;
  EXPECT_EQ(derived.error(), error) << text(derived.error()) << ", row " << row;
}

// y = x^((p-1)/q) has an order that divides q: everything in the subgroup. A value out of it is any x whose power is
// not 1.
TEST(Modp, MembersOfTheSubgroupPass) {
  const OpensslKeyExchange dh;
  const auto own = dh.generate(Group::modp_2048_256);
  ASSERT_TRUE(own);
  EXPECT_TRUE(dh.derive(*own, octets(subgroup_responder_public)));
  EXPECT_TRUE(dh.derive(*own, generator(Group::modp_2048_256)));
}

TEST(Modp, BoundsOfTheGroup) {
  const OpensslKeyExchange dh;
  for (const auto& c : modp_cases) {
    const auto own = dh.generate(c.group);
    ASSERT_TRUE(own);
    const auto p = modulus(c.group);
    const net::Bytes zero(p.size());
    EXPECT_TRUE(dh.derive(*own, with_last(zero, 2))) << "2 is the least that passes";
    EXPECT_TRUE(dh.derive(*own, with_last(p, -2))) << "p - 2 is the greatest";
  }
}

// RFC 6989: out of range, out of the subgroup, off the curve; and the points of X25519 that give away nothing of a
// secret.
TEST(Checklist31, Line31_BadPublicValuesAreRefused) {
  const auto with_group_24 = [] {
    std::vector<Group> all{Group::modp_2048_256};
    for (const auto& c : modp_cases) all.push_back(c.group);
    return all;
  }();
  for (const auto group : with_group_24) {
    const auto p = modulus(group);
    const net::Bytes zero(p.size());
    const net::Bytes bad[]{zero, with_last(zero, 1), with_last(p, -1), p, net::Bytes(p.size(), std::byte{0xff})};
    for (std::size_t row = 0; row < std::size(bad); ++row)
      expect_refused(group, bad[row], DhError::out_of_range, static_cast<int>(row));
  }
  const net::Bytes zero(256);
  expect_refused(Group::modp_2048_256, with_last(zero, 2), DhError::in_small_subgroup, 1);
  expect_refused(Group::modp_2048_256, with_last(modulus(Group::modp_2048_256), -2), DhError::in_small_subgroup, 2);
  for (const auto& c : ecp_cases) {
    const auto good = octets(c.gr);
    const auto half = static_cast<std::ptrdiff_t>(good.size() / 2);
    net::Bytes swapped(good.begin() + half, good.end());
    swapped.insert(swapped.end(), good.begin(), good.begin() + half);
    const net::Bytes bad[]{net::Bytes(good.size()), net::Bytes(good.size(), std::byte{0xff}), with_last(good, 1),
                           swapped};
    for (std::size_t row = 0; row < std::size(bad); ++row)
      expect_refused(c.group, bad[row], DhError::not_on_curve, static_cast<int>(row));
  }
  // Points of order 1, 2, 4 and 8, and p - 1, p, p + 1 (RFC 7748 §7).
  constexpr std::string_view low_order[]{"0000000000000000000000000000000000000000000000000000000000000000",
                                         "0100000000000000000000000000000000000000000000000000000000000000",
                                         "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                         "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                                         "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                         "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                         "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  for (const auto point : low_order) expect_refused(Group::x25519, octets(point), DhError::in_small_subgroup, 25519);
}

}  // namespace
}  // namespace culvert::ike::crypto
