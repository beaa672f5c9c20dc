// Diffie-Hellman: RFC 5903's figures, the primes proved from their formula, and values a peer must not send.
#include "ike/crypto/key_exchange.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <thread>

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
constexpr ModpCase modp_cases[]{
    {Group::modp_1024, 1024, 129093}, {Group::modp_1536, 1536, 741804}, {Group::modp_2048, 2048, 124476}};

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
TEST(Modp, LeadingZerosAreKept) {
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
}

// RFC 5903 §8.1 and §8.2
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
     "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746"}};

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
INSTANTIATE_TEST_SUITE_P(Groups, EveryGroup,
                         ::testing::Values(Group::modp_1024, Group::modp_1536, Group::modp_2048, Group::ecp_256,
                                           Group::ecp_384),
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

TEST(Modp, ValuesOutsideTheGroupAreRefused) {
  const OpensslKeyExchange dh;
  for (const auto& c : modp_cases) {
    const auto own = dh.generate(c.group);
    ASSERT_TRUE(own);
    const auto p = modulus(c.group);
    const net::Bytes zero(p.size());
    const net::Bytes bad[]{zero, with_last(zero, 1), with_last(p, -1), p, net::Bytes(p.size(), std::byte{0xff})};
    for (std::size_t row = 0; row < std::size(bad); ++row) {
      const auto derived = dh.derive(*own, bad[row]);
      ASSERT_FALSE(derived) << c.bits << " bits, row " << row;
      EXPECT_EQ(derived.error(), DhError::out_of_range) << c.bits << " bits, row " << row;
    }
    EXPECT_TRUE(dh.derive(*own, with_last(zero, 2))) << "2 is the least that passes";
    EXPECT_TRUE(dh.derive(*own, with_last(p, -2))) << "p - 2 is the greatest";
  }
}

TEST(Ecp, PointsOffTheCurveAreRefused) {
  const OpensslKeyExchange dh;
  for (const auto& c : ecp_cases) {
    const auto own = dh.import(c.group, secret(c.i), octets(c.gi));
    ASSERT_TRUE(own);
    const auto good = octets(c.gr);
    const auto half = static_cast<std::ptrdiff_t>(good.size() / 2);
    net::Bytes swapped(good.begin() + half, good.end());
    swapped.insert(swapped.end(), good.begin(), good.begin() + half);
    const net::Bytes bad[]{net::Bytes(good.size()), net::Bytes(good.size(), std::byte{0xff}), with_last(good, 1),
                           swapped};
    for (std::size_t row = 0; row < std::size(bad); ++row) {
      const auto derived = dh.derive(*own, bad[row]);
      ASSERT_FALSE(derived) << "row " << row;
      EXPECT_EQ(derived.error(), DhError::not_on_curve) << "row " << row;
    }
  }
}

}  // namespace
}  // namespace culvert::ike::crypto
