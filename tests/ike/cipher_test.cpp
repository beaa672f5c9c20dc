// Ciphers by the figures of RFC 3602, RFC 3686, RFC 7634, NIST SP 800-67, FIPS PUB 81 and the GCM specification.
#include "ike/crypto/cipher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ike/crypto/nat_detection.h"
#include "ike/crypto/os_random.h"
#include "tests/ike/octets.h"

namespace culvert::ike::crypto {
namespace {

using testing::octets;

struct CbcCase {
  int line;
  Encryption algorithm;
  std::string_view key, iv, plain, cipher;
};
constexpr CbcCase cbc_cases[]{
    // RFC 3602 §4, cases 1 to 4
    {1, Encryption::aes_cbc_128, "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41",
     "53696e676c6520626c6f636b206d7367", "e353779c1079aeb82708942dbe77181a"},
    {2, Encryption::aes_cbc_128, "c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"},
    {3, Encryption::aes_cbc_128, "6c3ea0477630ce21a2ce334aa746c2cd", "c782dc4c098c66cbd9cd27d825682c81",
     "5468697320697320612034382d62797465206d657373616765202865786163746c79203320414553"
     "20626c6f636b7329",
     "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684"},
    {4, Encryption::aes_cbc_128, "56e47a38c5598974bc46903dba290349", "8ce82eefbea0da3c44699ed7db51b7d9",
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
     "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
     "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e"
     "35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55"},
    // NIST SP 800-38A F.2.3 and F.2.5, first two blocks
    {5, Encryption::aes_cbc_192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "000102030405060708090a0b0c0d0e0f",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
    {6, Encryption::aes_cbc_256, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "000102030405060708090a0b0c0d0e0f", "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    // NIST SP 800-67 appendix B: "The qufck brown fox jump", ECB blocks, so each with a zero IV
    {7, Encryption::triple_des, "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000",
     "5468652071756663", "a826fd8ce53b855f"},
    {8, Encryption::triple_des, "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000",
     "6b2062726f776e20", "cce21c8112256fe6"},
    // the same block, the IV taken out of the plaintext
    {9, Encryption::triple_des, "0123456789abcdef23456789abcdef01456789abcdef0123", "ffffffffffffffff",
     "ab979adf8e8a999c", "a826fd8ce53b855f"},
    // FIPS PUB 81, table C1: "Now is the time for all "
    {11, Encryption::des, "0123456789abcdef", "1234567890abcdef", "4e6f77206973207468652074696d6520666f7220616c6c20",
     "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
    {10, Encryption::aes_cbc_128, "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41", "", ""},
};

TEST(Cbc, PublishedFigures) {
  for (const auto& c : cbc_cases) {
    const auto plain = octets(c.plain), cipher = octets(c.cipher);
    EXPECT_EQ(encrypt_cbc(c.algorithm, octets(c.key), octets(c.iv), plain), cipher) << "case " << c.line;
    EXPECT_EQ(decrypt_cbc(c.algorithm, octets(c.key), octets(c.iv), cipher), net::Secret(plain)) << "case " << c.line;
  }
}

// RFC 3686 §6. The nonce here is the RFC's nonce and IV.
struct CtrCase {
  int line;
  Encryption algorithm;
  std::string_view key, nonce, plain, cipher;
};
constexpr CtrCase ctr_cases[]{
    {1, Encryption::aes_ctr_128, "ae6852f8121067cc4bf7a5765577f39e", "000000300000000000000000",
     "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8"},
    {2, Encryption::aes_ctr_128, "7e24067817fae0d743d6ce1f32539163", "006cb6dbc0543b59da48d90b",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28"},
    {3, Encryption::aes_ctr_128, "7691be035e5020a8ac6e618529f9a0dc", "00e0017b27777f3f4a1786f0",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f"},
    {4, Encryption::aes_ctr_192, "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb78515", "0000004836733c147d6d93cb",
     "53696e676c6520626c6f636b206d7367", "4b55384fe259c9c84e7935a003cbe928"},
    {5, Encryption::aes_ctr_192, "7c5cb2401b3dc33c19e7340819e0f69c678c3db8e6f6a91a", "0096b03b020c6eadc2cb500d",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "453243fc609b23327edfaafa7131cd9f8490701c5ad4a79cfc1fe0ff42f4fb00"},
    {6, Encryption::aes_ctr_192, "02bf391ee8ecb159b959617b0965279bf59b60a786d3e0fe", "0007bdfd5cbd60278dcc0912",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "96893fc55e5c722f540b7dd1ddf7e758d288bc95c69165884536c811662f2188abee0935"},
    {7, Encryption::aes_ctr_256, "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104",
     "00000060db5672c97aa8f0b2", "53696e676c6520626c6f636b206d7367", "145ad01dbf824ec7560863dc71e3e0c0"},
    {8, Encryption::aes_ctr_256, "f6d66d6bd52d59bb0796365879eff886c66dd51a5b6a99744b50590c87a23884",
     "00faac24c1585ef15a43d875", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "f05e231b3894612c49ee000b804eb2a9b8306b508f839d6a5530831d9344af1c"},
    {9, Encryption::aes_ctr_256, "ff7a617ce69148e4f1726e2f43581de2aa62d9f805532edff1eed687fb54153d",
     "001cc5b751a51d70a1c11148", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "eb6c52821d0bbbf7ce7594462aca4faab407df866569fd07f48cc0b583d6071f1ec0e6b8"},
};

TEST(Ctr, PublishedFigures) {
  for (const auto& c : ctr_cases) {
    const auto key = octets(c.key), nonce = octets(c.nonce), plain = octets(c.plain), cipher = octets(c.cipher);
    EXPECT_EQ(crypt_ctr(c.algorithm, key, nonce, plain), net::Secret(cipher)) << "case " << c.line;
    EXPECT_EQ(crypt_ctr(c.algorithm, key, nonce, cipher), net::Secret(plain)) << "case " << c.line;
  }
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
struct AeadCase {
  int line;
  Encryption algorithm;
  std::string_view key, nonce, associated, plain, sealed;
};
constexpr std::string_view gcm_plain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr AeadCase aead_cases[]{
    {1, Encryption::aes_gcm_128, "00000000000000000000000000000000", "000000000000000000000000", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {2, Encryption::aes_gcm_128, "00000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
    {4, Encryption::aes_gcm_128, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2", gcm_plain,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
     "3d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {16, Encryption::aes_gcm_256, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", gcm_plain,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    {10, Encryption::aes_gcm_192, "feffe9928665731c6d6a8f9467308308feffe9928665731c", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2", gcm_plain,
     "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9"
     "ccda27102519498e80f1478f37ba55bd6d27618c"},
    // RFC 7634, appendix B: the text and the associated data of an IKE message
    {7634, Encryption::chacha20_poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "a0a1a2a31011121314151617", "c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029",
     "0000000c000040010000000a00", "610394701f8d017f7c129248896b71bfe25236efd7cdc67066906315b2"},
};

TEST(Aead, PublishedFigures) {
  for (const auto& c : aead_cases) {
    const auto key = octets(c.key), nonce = octets(c.nonce), associated = octets(c.associated);
    EXPECT_EQ(net::to_hex(seal_aead(c.algorithm, key, nonce, associated, octets(c.plain))), c.sealed) << c.line;
    const auto opened = open_aead(c.algorithm, key, nonce, associated, octets(c.sealed));
    ASSERT_TRUE(opened) << c.line;
    EXPECT_EQ(net::to_hex(opened->view()), c.plain) << c.line;
  }
}

class EveryOctet : public ::testing::TestWithParam<AeadCase> {};
TEST_P(EveryOctet, IsAuthenticated) {
  const auto& c = GetParam();
  const auto key = octets(c.key), nonce = octets(c.nonce), associated = octets(c.associated), sealed = octets(c.sealed);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(open_aead(c.algorithm, key, nonce, associated, changed)) << "octet " << i;
    EXPECT_FALSE(open_aead(c.algorithm, key, nonce, associated, net::View(sealed).first(i))) << i << " octets";
  }
  for (std::size_t i = 0; i < associated.size(); ++i) {
    auto changed = associated;
    changed[i] ^= std::byte{0x80};
    EXPECT_FALSE(open_aead(c.algorithm, key, nonce, changed, sealed)) << "associated octet " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Aead, EveryOctet, ::testing::ValuesIn(aead_cases),
                         [](const auto& given) { return std::to_string(given.param.line); });

// sha1sum of the concatenation, computed apart.
TEST(NatDetection, HashOfSpisAddressAndPort) {
  const net::Endpoint v4{net::Address::v4(0xc0000201), 500};
  EXPECT_EQ(net::to_hex(nat_detection_hash(0x0102030405060708, 0, v4)), "644b4575455bd6fcc1efe2be8162a9218e448e5f");
  const net::Endpoint v6{*net::Address::parse("2001:db8::1"), 4500};
  EXPECT_EQ(net::to_hex(nat_detection_hash(0x0102030405060708, 0x1112131415161718, v6)),
            "1ee24423bf8f59515e0265c6d0f08be3d038f7e5");
}

TEST(OsRandom, FillsEverythingAndNeverRepeats) {
  OsRandom random;
  const auto one = random.bytes(64), other = random.bytes(64);
  EXPECT_NE(one, other);
  EXPECT_FALSE(std::ranges::all_of(net::View(one).last(16), [](std::byte b) { return b == std::byte{0}; }));
  EXPECT_TRUE(random.bytes(0).empty());
}

}  // namespace
}  // namespace culvert::ike::crypto
