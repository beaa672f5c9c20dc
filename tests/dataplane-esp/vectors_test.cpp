// Published ESP packets: RFC 3602 section 4 (AES-CBC) and "Test Cases for the use of Galois/Counter Mode in IPsec ESP"
// (draft-mcgrew-gcm-test-01), fed to the stage as they came off the wire.
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
    EXPECT_EQ(opened.bytes, net::Bytes(text.begin(), text.end() - 12));  // both have ten octets of padding
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

}  // namespace
}  // namespace culvert::dataplane
