// Published ESP packets: RFC 3602 section 4 (AES-CBC), RFC 7634 appendix A (ChaCha20-Poly1305) and "Test Cases for the
// use of Galois/Counter Mode in IPsec ESP" (draft-mcgrew-gcm-test-01), fed to the stage as they came off the wire; and
// the texts of RFC 3686 section 6 (AES-CTR), which have no packet around them in the RFC, in packets of ours.
//
// The GCM cases carry next header 1 behind whole IPv4 packets, and the first two AES-CBC cases are transport mode; in
// tunnel mode both must verify and decrypt, and then be refused for their next header. The decrypted octets lie in the
// packet and are compared.
#include <string_view>

#include <gtest/gtest.h>

#include "net/hex.h"
#include "tests/dataplane-esp/bench.h"
#include "tests/dataplane-esp/reference.h"

namespace culvert::dataplane {
namespace {

net::Bytes bytes(std::string_view hex) { return *net::from_hex(hex); }

struct Vector {
  int line;
  const char* suite;
  std::uint32_t spi, sequence;
  const char* key;
  const char* outer;  // IPv4 header; empty: any
  const char* esp;
  const char* text;  // decrypted, with its trailer
  std::uint8_t next_header;
};

constexpr Vector vectors[]{
    // RFC 3602, cases 5 to 8.
    {5, "AES-CBC-128", 0x4321, 1, "90d382b410eeba7ad938c46cec1a82bf", "4500007c08f200004032f9a5c0a87b03c0a87b64",
     "0000432100000001e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856"
     "a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7cfbad4a6",
     "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
     "30313233343536370102030405060708090a0b0c0d0e0e01",
     1},
    {6, "AES-CBC-128", 0x4321, 8, "90d382b410eeba7ad938c46cec1a82bf", "4500004c08fe00004032f9c9c0a87b03c0a87b64",
     "000043210000000869d08df7d203329db093fc4924e5bd80f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75",
     "0800b5e8a80a0500a69c083d0b660e0077777777777777777777777701020201", 1},
    {7, "AES-CBC-128", 0x8765, 2, "0123456789abcdef0123456789abcdef", "4500008c090500004032f91ec0a87b03c0a87bc8",
     "0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8"
     "e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5"
     "a100b842f1c22f0d",
     "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f101112131415161718191a1b"
     "1c1d1e1f202122232425262728292a2b2c2d2e2f30313233343536370102030405060708090a0a04",
     4},
    {8, "AES-CBC-128", 0x8765, 5, "0123456789abcdef0123456789abcdef", "4500007c090d00004032f926c0a87b03c0a87bc8",
     "000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203bb5"
     "0f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b5ef6affc6d17a0decbb13892",
     "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffff0102030405060708090a0a04",
     4},
    // draft-mcgrew-gcm-test-01: the cases without extended sequence numbers. Keys end with the salt.
    {102, "AES-GCM-128", 0xa5f8, 10, "feffe9928665731c6d6a8f9467308308cafebabe", "",
     "0000a5f80000000afacedbaddecaf888deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f"
     "51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a",
     "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700963796265726369747902"
     "646b00000100010001",
     1},
    {103, "AES-GCM-256", 0x4a2cbfe3, 2, "abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344", "",
     "4a2cbfe3000000020102030405060708ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d34"
     "7f0545659f14e99def842d8eb335f4eecfdbf831824b4c4915956c96",
     "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020201", 1},
    {107, "AES-GCM-192", 0xa5f8, 10, "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe", "",
     "0000a5f80000000afacedbaddecaf888a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc77"
     "95457b9652037f5318027b5b4cd7a636",
     "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001", 1},
    {112, "AES-GCM-128", 0x335467ae, 0xffffffff, "7d773d00c144c525ac619d18c84a3f47d9664267", "",
     "335467aeffffffff43457e9182443bc6437f866bcb3f699fe9b0822bac961c4504bef270", "01020201", 1},
};

SaParameters parameters_of(const Vector& v) {
  auto p = parameters_of(suite_named(v.suite), SaDirection::inbound);
  p.spi = v.spi;
  p.cipher_key = net::Secret(bytes(v.key));
  return p;
}

constexpr Vector chacha20_vector{
    7634,
    "ChaCha20-Poly1305",
    0x01020304,
    5,
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3",
    "4500008c234500004032de5bcb007199cb007105",
    "0102030400000005101112131415161724039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61"
    "aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e076aaa8266b7fb0f7b11b"
    "369907e1ad43",
    "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f101112131415161718191a1b1c"
    "1d1e1f202122232425262728292a2b2c2d2e2f303132333435363701020204",
    4};

class PublishedEsp : public testing::TestWithParam<Vector> {};

TEST_P(PublishedEsp, Opens) {
  const auto& v = GetParam();
  Bench bench;
  const auto parameters = parameters_of(v);
  const auto sa = bench.install(parameters);
  auto packet = bytes(v.outer);
  if (packet.empty()) packet = reference::with_outer(parameters, {});
  const auto esp = bytes(v.esp), text = bytes(v.text);
  packet.insert(packet.end(), esp.begin(), esp.end());
  const auto opened = bench.open(packet);
  const auto s = statistics_of(*sa);
  EXPECT_EQ(s.ciphered, 1u);
  EXPECT_EQ(s.authenticated, sa->algorithms().authenticates() ? 1u : 0u);
  EXPECT_EQ(s.sequence, sa->algorithms().authenticates() ? v.sequence : 0u);
  if (v.next_header == 4) {
    ASSERT_EQ(opened.meta.step, Step::classify);
    const auto padding = std::to_integer<std::ptrdiff_t>(text[text.size() - 2]);
    EXPECT_EQ(opened.bytes, net::Bytes(text.begin(), text.end() - 2 - padding));
    EXPECT_EQ(s.packets, 1u);
  } else {
    EXPECT_EQ(opened, Drop::malformed_esp);
    EXPECT_EQ(s.wrong_protocol, 1u);
    const auto at = opened.bytes.begin() + 20 + 8 + sa->format().iv;
    EXPECT_EQ(net::Bytes(at, at + static_cast<std::ptrdiff_t>(text.size())), text);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc3602AndGcmDraft, PublishedEsp, testing::ValuesIn(vectors),
                         [](const auto& one) { return "case_" + std::to_string(one.param.line); });

INSTANTIATE_TEST_SUITE_P(Checklist33_Line20, PublishedEsp, testing::Values(chacha20_vector),
                         [](const auto& one) { return "case_" + std::to_string(one.param.line); });

// RFC 3686 section 6: nine texts in counter mode. `key` ends with the nonce.
struct CounterVector {
  int line;
  const char *suite, *key, *iv, *text, *encrypted;
};
constexpr CounterVector counter_vectors[]{
    {1, "AES-CTR-128", "ae6852f8121067cc4bf7a5765577f39e00000030", "0000000000000000",
     "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8"},
    {2, "AES-CTR-128", "7e24067817fae0d743d6ce1f32539163006cb6db", "c0543b59da48d90b",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28"},
    {3, "AES-CTR-128", "7691be035e5020a8ac6e618529f9a0dc00e0017b", "27777f3f4a1786f0",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f"},
    {4, "AES-CTR-192", "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb7851500000048", "36733c147d6d93cb",
     "53696e676c6520626c6f636b206d7367", "4b55384fe259c9c84e7935a003cbe928"},
    {5, "AES-CTR-192", "7c5cb2401b3dc33c19e7340819e0f69c678c3db8e6f6a91a0096b03b", "020c6eadc2cb500d",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "453243fc609b23327edfaafa7131cd9f8490701c5ad4a79cfc1fe0ff42f4fb00"},
    {6, "AES-CTR-192", "02bf391ee8ecb159b959617b0965279bf59b60a786d3e0fe0007bdfd", "5cbd60278dcc0912",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "96893fc55e5c722f540b7dd1ddf7e758d288bc95c69165884536c811662f2188abee0935"},
    {7, "AES-CTR-256", "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c10400000060", "db5672c97aa8f0b2",
     "53696e676c6520626c6f636b206d7367", "145ad01dbf824ec7560863dc71e3e0c0"},
    {8, "AES-CTR-256", "f6d66d6bd52d59bb0796365879eff886c66dd51a5b6a99744b50590c87a2388400faac24", "c1585ef15a43d875",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "f05e231b3894612c49ee000b804eb2a9b8306b508f839d6a5530831d9344af1c"},
    {9, "AES-CTR-256", "ff7a617ce69148e4f1726e2f43581de2aa62d9f805532edff1eed687fb54153d001cc5b7", "51a51d70a1c11148",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "eb6c52821d0bbbf7ce7594462aca4faab407df866569fd07f48cc0b583d6071f1ec0e6b8"},
};

// The texts are no ESP payloads: they decrypt where they lie, and are dropped for their trailer. Without integrity the
// mode is refused.
TEST(Checklist33OfCiphers, Line19_CounterModeDecryptsTheTextsOfItsRfc) {
  for (const auto& v : counter_vectors) {
    Bench bench;
    auto keys = parameters_of(suite_named(std::string(v.suite) + "+SHA1"), SaDirection::inbound);
    keys.cipher_key = net::Secret(bytes(v.key));
    auto bare = keys;
    bare.integrity = EspIntegrity::none;
    bare.integrity_key.wipe();
    EXPECT_FALSE(bench.try_install(bare)) << "case " << v.line;
    const auto sa = bench.install(keys);
    const auto text = bytes(v.text), encrypted = bytes(v.encrypted);
    const auto esp = reference::seal_text(keys, keys.spi, 1, bytes(v.iv), text);
    ASSERT_EQ(net::Bytes(esp.begin() + 16, esp.end() - 12), encrypted) << "case " << v.line;
    const auto opened = bench.open(reference::with_outer(keys, esp));
    EXPECT_EQ(opened, Drop::malformed_esp) << "case " << v.line;
    EXPECT_EQ(statistics_of(*sa).authenticated, 1u);
    const auto at = opened.bytes.begin() + 20 + 16;
    EXPECT_EQ(net::Bytes(at, at + static_cast<std::ptrdiff_t>(text.size())), text) << "case " << v.line;
  }
}

}  // namespace
}  // namespace culvert::dataplane
