// The large published sets, where they lie beside the repository: NIST CAVS for IKEv2, Wycheproof for the primitives.
// Each is an extra: without its file it is skipped by name.
#include <gtest/gtest.h>

#include <fmt/core.h>
#include <algorithm>
#include <boost/json/src.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "ike/crypto/cipher.h"
#include "ike/crypto/key_exchange.h"
#include "ike/crypto/keys.h"
#include "ike/crypto/mac.h"
#include "tests/ike/octets.h"

namespace culvert::ike::crypto {
namespace {

using boost::json::value;
using testing::octets;
using testing::secret;

// Tests run in the root of the repository.
std::optional<value> load(const std::string& name) {
  std::ifstream file("../shared/data/vectors/" + name);
  if (!file) return std::nullopt;
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}
#define LOAD_OR_SKIP(variable, name) \
  const auto variable = load(name);  \
  if (!variable) GTEST_SKIP() << "extra: ../shared/data/vectors/" name " is not there"

std::string_view text(const value& object, std::string_view key) { return object.at(key).as_string(); }

// Calls `check` for every test of every group that `wanted` accepts; returns how many there were.
std::size_t for_each_test(const value& set, auto wanted, auto check) {
  std::size_t tests = 0;
  for (const auto& group : set.at("testGroups").as_array()) {
    if (!wanted(group)) continue;
    for (const auto& test : group.at("tests").as_array()) {
      SCOPED_TRACE(fmt::format("tcId {}", test.at("tcId").as_int64()));
      check(group, test);
      ++tests;
    }
  }
  return tests;
}
constexpr auto all = [](const value&) { return true; };

std::optional<Prf> prf_by_cavs(std::string_view hash) {
  if (hash == "SHA-1") return Prf::sha1;
  if (hash == "SHA-256") return Prf::sha256;
  if (hash == "SHA-384") return Prf::sha384;
  if (hash == "SHA-512") return Prf::sha512;
  return std::nullopt;
}

void check_cavs_case(Prf algorithm, const value& c) {
  auto nonces = octets(text(c, "Ni"));
  net::Writer(nonces).bytes(octets(text(c, "Nr")));
  const auto skeyseed = prf(algorithm, nonces, {octets(text(c, "g^ir"))});
  EXPECT_EQ(skeyseed, secret(text(c, "SKEYSEED")));
  auto seed = nonces;
  net::Writer(seed).bytes(octets(text(c, "SPIi")));
  net::Writer(seed).bytes(octets(text(c, "SPIr")));
  const auto dkm = octets(text(c, "DKM"));
  EXPECT_EQ(prf_plus(algorithm, skeyseed.view(), seed, dkm.size()), net::Secret(dkm));
  const auto sk_d = net::View(dkm).first(traits(algorithm).key_octets);
  const auto child = octets(text(c, "DKM(Child SA)"));
  EXPECT_EQ(prf_plus(algorithm, sk_d, nonces, child.size()), net::Secret(child));
  auto seed_with_ke = octets(text(c, "g^ir (new)"));
  net::Writer(seed_with_ke).bytes(nonces);
  const auto child_with_ke = octets(text(c, "DKM(Child SA D-H)"));
  EXPECT_EQ(prf_plus(algorithm, sk_d, seed_with_ke, child_with_ke.size()), net::Secret(child_with_ke));
  EXPECT_EQ(prf(algorithm, sk_d, {seed_with_ke}), secret(text(c, "SKEYSEED(Rekey)")));
}

TEST(Extra, NistCavsIkev2) {
  LOAD_OR_SKIP(set, "nist-cavs-ike/ikev2.json");
  std::size_t cases = 0;
  for (const auto& group : set->as_array()) {
    const auto algorithm = prf_by_cavs(text(group.at("params"), "hash"));
    ASSERT_TRUE(algorithm);
    for (const auto& c : group.at("cases").as_array()) {
      SCOPED_TRACE(fmt::format("case {}", cases++));
      check_cavs_case(*algorithm, c);
    }
  }
  EXPECT_GE(cases, 18u);
}

TEST(Extra, WycheproofAesGcm) {
  LOAD_OR_SKIP(set, "wycheproof/aes_gcm_test.json");
  const auto ours = [](const value& group) {
    return group.at("ivSize") == 96 && group.at("tagSize") == 128 && group.at("keySize") != 192;
  };
  const auto tests = for_each_test(*set, ours, [](const value& group, const value& test) {
    const auto algorithm = group.at("keySize") == 128 ? Encryption::aes_gcm_128 : Encryption::aes_gcm_256;
    const auto key = octets(text(test, "key")), nonce = octets(text(test, "iv")), aad = octets(text(test, "aad"));
    const auto plain = octets(text(test, "msg"));
    auto sealed = octets(text(test, "ct"));
    net::Writer(sealed).bytes(octets(text(test, "tag")));
    const auto opened = open_aead(algorithm, key, nonce, aad, sealed);
    EXPECT_EQ(opened.has_value(), text(test, "result") == "valid");
    if (!opened) return;
    EXPECT_EQ(*opened, net::Secret(plain));
    EXPECT_EQ(seal_aead(algorithm, key, nonce, aad, plain), sealed);
  });
  EXPECT_GT(tests, 100u);
}

// PKCS #5 is not IKE's padding, so only the padded plaintext of the valid cases is compared.
TEST(Extra, WycheproofAesCbc) {
  LOAD_OR_SKIP(set, "wycheproof/aes_cbc_pkcs5_test.json");
  std::size_t valid = 0;
  for_each_test(*set, all, [&](const value& group, const value& test) {
    if (text(test, "result") != "valid") return;
    const auto algorithm = encryption_of(12, static_cast<std::uint16_t>(group.at("keySize").as_int64()));
    ASSERT_TRUE(algorithm);
    auto plain = octets(text(test, "msg"));
    const auto padding = 16 - plain.size() % 16;
    plain.insert(plain.end(), padding, static_cast<std::byte>(padding));
    const auto key = octets(text(test, "key")), iv = octets(text(test, "iv")), cipher = octets(text(test, "ct"));
    EXPECT_EQ(encrypt_cbc(*algorithm, key, iv, plain), cipher);
    EXPECT_EQ(decrypt_cbc(*algorithm, key, iv, cipher), net::Secret(plain));
    ++valid;
  });
  EXPECT_GT(valid, 50u);
}

std::size_t check_hmac(const value& set, Prf algorithm) {
  const auto whole = traits(algorithm).key_octets;
  return for_each_test(set, all, [&](const value& group, const value& test) {
    const auto size = static_cast<std::size_t>(group.at("tagSize").as_int64()) / 8;
    const auto digest = prf(algorithm, octets(text(test, "key")), {octets(text(test, "msg"))});
    ASSERT_EQ(digest.size(), whole);
    const bool equal = equal_constant_time(digest.view().first(size), octets(text(test, "tag")));
    EXPECT_EQ(equal, text(test, "result") == "valid");
  });
}

TEST(Extra, WycheproofHmacSha1) {
  LOAD_OR_SKIP(set, "wycheproof/hmac_sha1_test.json");
  EXPECT_GT(check_hmac(*set, Prf::sha1), 100u);
}

TEST(Extra, WycheproofHmacSha256) {
  LOAD_OR_SKIP(set, "wycheproof/hmac_sha256_test.json");
  EXPECT_GT(check_hmac(*set, Prf::sha256), 100u);
}

// The set carries whole X.509 keys; a KE payload carries x and y, so the cases with the plain P-256 envelope are ours.
TEST(Extra, WycheproofEcdhP256) {
  LOAD_OR_SKIP(set, "wycheproof/ecdh_secp256r1_test.json");
  constexpr std::string_view envelope = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
  const OpensslKeyExchange dh;
  std::size_t ours = 0;
  for_each_test(*set, all, [&](const value&, const value& test) {
    const auto encoded = text(test, "public");
    if (!encoded.starts_with(envelope) || encoded.size() != envelope.size() + 128) return;
    auto private_value = octets(text(test, "private"));
    const auto own = dh.import(Group::ecp_256, net::Secret(std::move(private_value)), {});
    ASSERT_TRUE(own);
    const auto shared = dh.derive(*own, octets(encoded.substr(envelope.size())));
    // "acceptable" is a flaw of the envelope, and some of those points are off the curve.
    if (text(test, "result") != "acceptable") {
      EXPECT_EQ(shared.has_value(), text(test, "result") == "valid");
    }
    ++ours;
    if (!shared) return;
    EXPECT_EQ(*shared, secret(text(test, "shared")));
  });
  EXPECT_GT(ours, 100u);
}

}  // namespace
}  // namespace culvert::ike::crypto
