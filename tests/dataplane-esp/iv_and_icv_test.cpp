// What the RFCs of single algorithms ask of IVs and ICVs, read off sealed packets.
#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "net/bytes.h"
#include "tests/dataplane-esp/bench.h"
#include "tests/dataplane-esp/reference.h"
#include "tests/dataplane-esp/seed.h"

namespace culvert::dataplane {
namespace {

constexpr std::size_t outer_octets = 20, esp_header_octets = 8;

net::Bytes iv_of(const Result& sealed, std::size_t octets) {
  const auto at = sealed.bytes.begin() + outer_octets + esp_header_octets;
  return {at, at + static_cast<std::ptrdiff_t>(octets)};
}

// An IV of 8 octets that never comes twice under a key, a salt of 4 that never travels, an ICV of 16 that covers SPI
// and sequence number too; and nothing more is sealed once the numbers are used up.
void expect_counted_ivs(const char* suite, std::size_t icv_octets) {
  Bench bench;
  net::SeededRandom random(seed());
  const auto keys = parameters_of(suite_named(suite), SaDirection::outbound);
  const auto sa = bench.install(keys);
  EXPECT_EQ(sa->format().iv, 8);
  EXPECT_EQ(sa->format().icv, icv_octets);
  const std::vector<net::Bytes> inner(300, inner_packet(60, random));
  std::set<net::Bytes> ivs;
  const auto salt = keys.cipher_key.view().last(4);
  for (const auto& sealed : bench.seal(inner)) {
    EXPECT_TRUE(ivs.insert(iv_of(sealed, 8)).second) << suite;
    EXPECT_TRUE(std::ranges::search(sealed.bytes, salt).empty()) << suite << ": the salt is on the wire";
  }
  sa->continue_after(0xffffffff - 1);
  EXPECT_TRUE(ivs.insert(iv_of(bench.seal(inner[0]), 8)).second) << suite;
  EXPECT_EQ(bench.seal(inner[0]), Drop::sa_sequence_exhausted) << suite;
}

void expect_header_is_covered(const char* suite) {
  Bench bench;
  net::SeededRandom random(seed());
  const auto in = bench.install(parameters_of(suite_named(suite), SaDirection::inbound));
  bench.install(parameters_of(suite_named(suite), SaDirection::outbound));
  auto packet = bench.seal(inner_packet(60, random)).bytes;
  packet[outer_octets + 7] ^= std::byte{4};  // the sequence number
  EXPECT_EQ(bench.open(packet), Drop::bad_icv) << suite;
  packet[outer_octets + 7] ^= std::byte{4};
  EXPECT_EQ(bench.open(packet).meta.step, Step::classify) << suite;
  EXPECT_EQ(statistics_of(*in).bad_icv, 1u) << suite;
}

TEST(Checklist33OfCiphers, Line17_GcmCountsItsIvsAndEndsBeforeOneRepeats) {
  SCOPED_TRACE(repeat_with());
  for (const auto* suite : {"AES-GCM-128", "AES-GCM-192", "AES-GCM-256"}) {
    expect_counted_ivs(suite, 16);
    expect_header_is_covered(suite);
  }
}

TEST(CounterMode, CountsItsIvsAndEndsBeforeOneRepeats) {
  SCOPED_TRACE(repeat_with());
  expect_counted_ivs("AES-CTR-128+SHA1", 12);
  expect_header_is_covered("AES-CTR-256+SHA256");
}

TEST(ChaCha20Poly1305, CountsItsIvsAndEndsBeforeOneRepeats) {
  SCOPED_TRACE(repeat_with());
  expect_counted_ivs("ChaCha20-Poly1305", 16);
  expect_header_is_covered("ChaCha20-Poly1305");
}

// RFC 3602 §3 and RFC 2451 §3: an IV is not the last block of the packet before, nor a counter.
void expect_unpredictable_ivs(const char* suite, std::size_t block) {
  Bench bench;
  net::SeededRandom random(seed());
  const auto sa = bench.install(parameters_of(suite_named(suite), SaDirection::outbound));
  EXPECT_EQ(sa->format().iv, block);
  const std::vector<net::Bytes> inner(200, inner_packet(60, random));
  std::set<net::Bytes> seen, differences;
  net::Bytes before(block);
  for (const auto& sealed : bench.seal(inner)) {
    const auto iv = iv_of(sealed, block);
    EXPECT_TRUE(seen.insert(iv).second) << suite;
    net::Bytes difference;
    for (std::size_t i = 0; i < block; ++i) difference.push_back(iv[i] ^ before[i]);
    EXPECT_TRUE(differences.insert(difference).second) << suite;
    before = iv;
    const auto icv = sealed.bytes.end() - sa->format().icv;
    seen.insert(net::Bytes(icv - static_cast<std::ptrdiff_t>(block), icv));
  }
}

// The truncations of RFC 2403, 2404 and 4868: 96 bits, and half of each SHA-2.
TEST(Checklist33OfCiphers, Line22_CbcIvsAreUnpredictableAndIcvsAreCutAsTheRfcsSay) {
  SCOPED_TRACE(repeat_with());
  for (const auto* suite : {"AES-CBC-128+SHA1", "AES-CBC-192+SHA256", "AES-CBC-256+SHA512"})
    expect_unpredictable_ivs(suite, 16);
  for (const auto* suite : {"DES+SHA1", "3DES+SHA1"}) expect_unpredictable_ivs(suite, 8);
  struct Truncation {
    const char* suite;
    std::uint16_t icv_octets;
  };
  constexpr Truncation truncations[]{{"AES-CBC-128+MD5", 12},    {"AES-CBC-128+SHA1", 12},   {"AES-CBC-128+SHA256", 16},
                                     {"AES-CBC-128+SHA384", 24}, {"AES-CBC-128+SHA512", 32}, {"NULL+SHA256", 16}};
  for (const auto& [suite, icv_octets] : truncations) {
    Bench bench;
    EXPECT_EQ(bench.install(parameters_of(suite_named(suite), SaDirection::outbound))->format().icv, icv_octets);
    expect_header_is_covered(suite);
  }
}

}  // namespace
}  // namespace culvert::dataplane
