// The key schedule by the figures of NIST's CAVS, and AUTH by its definition.
#include "ike/crypto/keys.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ike/crypto/mac.h"
#include "tests/ike/octets.h"

namespace culvert::ike::crypto {
namespace {

using testing::octets;
using testing::secret;

// NIST CAVS "IKE v2" (SP 800-135), the first case of each hash with 8-octet nonces.
struct Case {
  int line;
  Prf prf;
  Integrity integrity;
  std::string_view ni, nr, g_ir, g_ir_new;
  std::uint64_t spi_i, spi_r;
  std::string_view skeyseed, dkm, child_dkm, child_dkm_dh, rekey_skeyseed;
};
constexpr Case cases[]{
    {1, Prf::sha1, Integrity::sha1, "32b50d5f4a3763f3", "9206a04b26564cb1",
     "4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52",
     "863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330", 0x34c9e7c188868785, 0x3ff77d760d2b2199,
     "a9a7b222b59f8f48645f28a1db5b5f5d7479cba7",
     "a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062768b76606f9fa5e992204fc5"
     "a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702c979fa280870d2ed41efa9c549fd11198af1670b143d384b"
     "d275c5f594cf266b05ebadca855e4249520a441a81157435a7a56cc4",
     "8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c5811a8e7b5d1cdabd9560b2d5e092d1f24e2d4b85ec"
     "cdf0ad0dc9abd94b51ee71814ca6dbc8bb51b6309f5b9545c7eb35cf5580b1e521a8fe20754a2d883ba0c2cf285f524aea6545b3"
     "3106bc03e614296d319d41d4b50b3f510b1c0a22f3e664994d234cb4",
     "bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d37301628190e38c66232eab4b3ab14c400a5197dd3730e"
     "d4820a8a10394d51e1c0400052f63ebd36b0e7ef53aaed31eba4a5080d7d4b5666023a8bbb5ffb7857240f9a05884d1b7d2f9337"
     "08450b7b3288f1fc863ab49fa901227cffc06e27899c7054d56fd74c",
     "63e81194946ebd05df7df5ebf5d8750056bf1f1d"},
    {2, Prf::sha256, Integrity::sha256, "3f302be1abcb28e1", "8c332ee006064c9b",
     "0f4d257d7a58fc4545c7d7a88119eee5d5c9690c5b4c989171d3abbfd99d1d29",
     "25f3b12d6f282739256e39bf54eda53b60ffcf379bb7bcc90c27b4c4c578616c", 0x40dac39e1e1a8640, 0x8619a1cf9a6e4c07,
     "5f00d1bd2c58ec224b1e6b71fa0f19a1faa7a193952c444411b47c1a9d8ba6fe",
     "0b137d669b0947d7d026d593f0305ad401ff0c471357d695778a9c7f4b4869ece98aca531188d16041b3bb936d2dbb3b4993a6e7"
     "68a809160de45d0283f273a6cdf6854379e31be72b8d3d1fa990cf9c5b015ca9f918a7df6253c958114a09d4e1c19bdcd4db14b2"
     "9d98db1a74ad405c588662c14a04d0d36aa4ab55e90f8986d12d4aad",
     "7d808e2b44635300e7025f1b640c431b13a9b3b891cd45a15261f4f3c4a7e39b3a3c8017ccc2b74610faf52ba3faf6d9e83c859b"
     "448217b24dadc82c9887460b7bd724236b9885914cc93b39d6c749e92f36b30c9eb6a9f59e396bc7c0ac4878512639cc612c5660"
     "ddb1a1fed360ac8b9b3f548f13482d0431b38eca293ef97681e179fc",
     "67edd256e64542436173e3ca39ef1fdec3c8240b860df26f84caf5258578ff35df40ddc31ea210e0523988b7531c9dc3207e0e98"
     "e256214999c7712f73ff044a9cf6e3a5e421862b9ba140862f460ea5236527cf8346db9ac23feb6636e21fc7a18a94a2e9d4ad95"
     "356e278f46ac3fa53a75a058c87293cf38dd863e879f84d0e0935da3",
     "2d63f6debc92048b4fef3889c4c99ca67d6496e0fac14a2bca9a2d6566ff2398"},
    {3, Prf::sha384, Integrity::sha384, "fd1b572a8e735591", "6013b0ef88dacd3d",
     "d3288cd87565101e88fe3bad918f31939d8dd26ff1071f8b2d7f447524e58d7c",
     "3358f620539473aee8d07e779764c4c6a9aabddc79a28e136b3bac021dbde44a", 0x2116ad07ce61f749, 0x24880e55f11a65b7,
     "69fe7a1ac94adaeb711295f5fe004b1a8d6a0b65d05692758ce8ad2f7a45f59d7d0b596f51f7dfcf3330061888f6a94f",
     "4f904c2025c90c817ea5ff9b662a6fdb445a73b57cdf09eacd379b95e1f03cacb04cd6deeda4f952191dd9bc1f7a9502471a648d"
     "74dc06d38112de48a42501f6b1a3ad55c2099cd9a648e5f17e5bf3e34bf9b5953decb768a34f875fe2b78dca0c2fcca81ec1a412"
     "006dfaed38fa06882e61f4c148105fb8e231fdb33c4d484c001721d4",
     "06126cc023ac8aabb3ae1ae2d583005a16d39e889efd09d588f2995883261e55f44f959072d25ea2f035a64ee8e2341421e7a2d9"
     "5344282f6ff1f2a9ef236b5ec7eae4bb1074ce1f206461209c19dc05a61bbc10a5ec0391bdcd1d25831f8d1199af467359a13cb5"
     "f9b11187ad97379469f8a1ff3d612b18f165d32e3b5fc6440f447321",
     "e31b1b94e0b2146ae66dfe223ca64ccf0895fb6c8862990b446b80a4a81fd801ed5fdbcee6e9455c4d56ee10cd73ea77d8c01f31"
     "d4e2fcc9d65765327e13f497f631ba09d99b39aff2ffa9082c59334a9eb082f795cde78989b1be547fde560eb49d5b262e86ef2e"
     "2094eab785008e3038dd7bb0d4ac7dac6f99d9c7945950f21b9f44de",
     "e0548c1682e13bce454026b3b1bdf42985b24e4e7408095a7c529de38c3d1fcb04c9fe6868042a34c9614c6c99e3fcea"},
    {4, Prf::sha512, Integrity::sha512, "97c41a9b0a03e74c", "a659fd06e1746600",
     "276255c3eaace5c6db32b609aa86c0ef07bba4bf2dc4c262995efd95ca607c3f",
     "bb4015f7727b35532021336a9e4a6370ac8729b01fbb8f15d52236820fac4709", 0xff43c5c689b95481, 0xe2ba607f30079bb7,
     "d6e74966b75fd2afab48be319d63d97c8a5d2ffe2e320763a462c664b36c3a944067d867c3a55fd8a7e5cca64b22e24415987e15"
     "549f09a81b455adaa5303df8",
     "22259105314717dc73c210919ee9cb3ded774dc087e866aa3960404c0ed7b8e78e79b993888388e2e5cb238d4bfcb4cdee9da074"
     "a26e329d6c2f2f660cc9c711c941a2fb3d85a2e5d01e579c8f2c9d00fa6fabe76a137b00c7ff1b291899906588c26f073d819063"
     "238c4c844f0f8d221b65b76dbc9ed6f6368e5dba86b3e81b60eb44a1",
     "2f1311a8e143e59d65bd9d8adc4e64c624313495c899697236bd0980c503717d0ad5dee13ff918e3f4f6505bc19a0a1352d20e99"
     "f704f6ef0c71124be1c97a1ad9aacf99a33c1cd00537aa922906d1db33fcd640f147953ac632f8a655f84daa1363e0b8322e8262"
     "0c4bc27309bb1525387493398467b7c9561317e61d1f8be436388aa9",
     "15a40cef7fc88a166526a4cdb5697dddbccf3c69a72b22c92c1f88e9ca9d9b5258c9f52684a7169efd4463f758e34ada6eb3f380"
     "5f194f6019b13acd11988e423f7630cb764f10a86eb28e14cba8596ee9255c853f7a903ef09de2ab5f84cc446359c604dc193a8d"
     "4c4e4b02174a4c04aa859e84934bbb60128b920b90124187c721c000",
     "ecdaf3ccb990abc898a453b03fd56f9975275f150e1e571b0560b3cb2ee67289e82b899cdc2129fd821fe8aebea796f190765c25"
     "798f5883f923526551f16a4b"},
};

void append(net::Bytes& out, const net::Secret& key) { net::Writer(out).bytes(key.view()); }

// SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr
net::Bytes joined(const IkeKeys& keys) {
  net::Bytes out;
  for (const auto* key : {&keys.d, &keys.ai, &keys.ar, &keys.ei, &keys.er, &keys.pi, &keys.pr}) append(out, *key);
  return out;
}
net::Bytes joined(const ChildKeys& keys) {
  net::Bytes out;
  for (const auto* direction : {&keys.from_initiator, &keys.from_responder}) {
    append(out, direction->encryption);
    append(out, direction->integrity);
  }
  return out;
}

// The figures and the keys of a suite need not be of one size; as far as both go they must agree.
::testing::AssertionResult agree(net::View keys, std::string_view figures) {
  const auto material = octets(figures);
  const auto size = std::min(keys.size(), material.size());
  if (std::ranges::equal(keys.first(size), net::View(material).first(size))) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << net::to_hex(keys) << " is not " << figures;
}

struct Given {
  explicit Given(const Case& c) : ni(octets(c.ni)), nr(octets(c.nr)), from{ni, nr, c.spi_i, c.spi_r} {}
  net::Bytes ni, nr;
  Contributions from;
};

// SKEYSEED, then SK_d, ai, ar, ei, er, pi and pr in this order. All our PRFs are HMACs, which take nonces of any
// length.
TEST(Checklist31, Line36_InitialKeysOfCavs) {
  for (const auto& c : cases) {
    const Given given(c);
    const IkeSuite suite{Encryption::aes_cbc_256, c.integrity, c.prf, Group::modp_2048};
    EXPECT_TRUE(agree(joined(ike_keys(suite, given.from, secret(c.g_ir))), c.dkm)) << "case " << c.line;
    const IkeSuite aead{Encryption::aes_gcm_128, Integrity::none, c.prf, Group::ecp_256};
    EXPECT_TRUE(agree(joined(ike_keys(aead, given.from, secret(c.g_ir))), c.dkm)) << "case " << c.line << ", AEAD";
  }
}

TEST(KeySchedule, SkeyseedOfCavs) {
  for (const auto& c : cases) {
    auto nonces = octets(c.ni);
    net::Writer(nonces).bytes(octets(c.nr));
    EXPECT_EQ(prf(c.prf, nonces, {octets(c.g_ir)}), secret(c.skeyseed)) << "case " << c.line;
  }
}

TEST(KeySchedule, RekeyedKeysOfCavs) {
  for (const auto& c : cases) {
    const Given given(c);
    const IkeSuite suite{Encryption::aes_cbc_128, c.integrity, c.prf, Group::modp_2048};
    const auto old = ike_keys(suite, given.from, secret(c.g_ir));
    const auto keys = joined(rekeyed_ike_keys(suite, c.prf, old.d, given.from, secret(c.g_ir_new)));
    auto seed = octets(c.ni);
    net::Writer writer(seed);
    writer.bytes(given.nr);
    writer.u64(c.spi_i);
    writer.u64(c.spi_r);
    const auto expected = prf_plus(c.prf, octets(c.rekey_skeyseed), seed, keys.size());
    EXPECT_TRUE(std::ranges::equal(keys, expected.view())) << "case " << c.line;
  }
}

// SKEYSEED comes from the old SA's PRF, all else from the new one's (RFC 7296 §2.18).
TEST(KeySchedule, RekeyToAnotherPrf) {
  const auto& c = cases[0];
  const Given given(c);
  const IkeSuite suite{Encryption::aes_cbc_128, Integrity::sha512, Prf::sha512, Group::modp_2048};
  const auto old =
      ike_keys({Encryption::aes_cbc_128, c.integrity, c.prf, Group::modp_2048}, given.from, secret(c.g_ir));
  const auto keys = rekeyed_ike_keys(suite, c.prf, old.d, given.from, secret(c.g_ir_new));
  auto seed = octets(c.ni);
  net::Writer writer(seed);
  writer.bytes(given.nr);
  writer.u64(c.spi_i);
  writer.u64(c.spi_r);
  EXPECT_EQ(keys.d, prf_plus(Prf::sha512, octets(c.rekey_skeyseed), seed, 64));
}

TEST(Checklist31, Line65_KeymatIsCutIntoTheKeysOfTheInitiatorThenTheResponder) {
  for (const auto& c : cases) {
    const Given given(c);
    const IkeSuite suite{Encryption::aes_cbc_256, c.integrity, c.prf, Group::modp_2048};
    const auto sk_d = ike_keys(suite, given.from, secret(c.g_ir)).d;
    const EspSuite esp{.encryption = Encryption::aes_cbc_256, .integrity = c.integrity, .group = std::nullopt};
    EXPECT_TRUE(agree(joined(child_keys(esp, c.prf, sk_d, given.ni, given.nr)), c.child_dkm)) << "case " << c.line;
    const auto g_ir = secret(c.g_ir_new);
    EXPECT_TRUE(agree(joined(child_keys(esp, c.prf, sk_d, given.ni, given.nr, &g_ir)), c.child_dkm_dh)) << c.line;
  }
}

TEST(KeySchedule, SizesFollowTheSuite) {
  const Given given(cases[0]);
  for (const auto& encryption : encryptions())
    for (const auto& integrity : integrities()) {
      if (is_aead(encryption.algorithm) != (integrity.algorithm == Integrity::none)) continue;
      const IkeSuite suite{encryption.algorithm, integrity.algorithm, Prf::sha384, Group::modp_2048};
      const auto keys = ike_keys(suite, given.from, secret("01"));
      EXPECT_EQ(keys.ei.size(), encryption.key_octets + encryption.salt_octets);
      EXPECT_EQ(keys.er.size(), keys.ei.size());
      EXPECT_EQ(keys.ai.size(), integrity.key_octets);
      EXPECT_EQ(keys.pr.size(), 48u);
    }
}

TEST(Auth, SharedKeyByItsDefinition) {
  const auto sk_pi = secret("00112233445566778899aabbccddeeff00112233");
  const auto message = octets("aabbccdd"), nonce = octets("0102030405060708090a0b0c0d0e0f10");
  const auto id = octets("01000000c0000201");
  const auto signed_by_us = signed_octets(Prf::sha1, message, nonce, sk_pi, id);
  auto expected_octets = message;
  net::Writer(expected_octets).bytes(nonce);
  net::Writer(expected_octets).bytes(prf(Prf::sha1, sk_pi.view(), {id}).view());
  EXPECT_EQ(signed_by_us, expected_octets);
  const auto pad = octets("4b65792050616420666f7220494b457632");  // 17 ASCII characters, no terminator
  const auto key = prf(Prf::sha1, net::as_view("cisco"), {pad});
  const auto auth = shared_key_auth(Prf::sha1, net::Secret(net::as_view("cisco")), signed_by_us);
  EXPECT_EQ(net::Secret(auth), prf(Prf::sha1, key.view(), {expected_octets}));
}

}  // namespace
}  // namespace culvert::ike::crypto
