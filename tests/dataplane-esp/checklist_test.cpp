// The data plane's part of the checklist of RFC 4301 and 4303, one test a line.
#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "tests/dataplane-esp/both_halves.h"

namespace culvert::dataplane {
namespace {

class Checklist33 : public BothHalves {
 protected:
  SaParameters keys(SaDirection direction = SaDirection::outbound) const { return parameters_of(*suite, direction); }
};

// SPI 0 to 255 never reach an SA; what nobody knows is dropped and counted, and moves nothing.
TEST_F(Checklist33, Line01_SpiLookup) {
  use("AES-GCM-128");
  for (const std::uint32_t reserved : {0u, 1u, 255u}) {
    auto parameters = keys(SaDirection::inbound);
    parameters.spi = reserved;
    EXPECT_FALSE(bench.try_install(parameters)) << reserved;
  }
  auto packet = sealed();
  for (const auto first : {0x00, 0x01, 0xff}) {
    packet[outer_octets] = static_cast<std::byte>(first);
    EXPECT_EQ(bench.open(packet), Drop::no_sa);
  }
  EXPECT_EQ(statistics_of(*in).authenticated, 0u);
  EXPECT_EQ(statistics_of(*in).bad_icv, 0u);
}

TEST_F(Checklist33, Line02_FirstIsOneAndTheLastNeverCycles) {
  use("AES-GCM-128");
  EXPECT_EQ(reference::open(keys(), sealed())->sequence, 1u);
  out->continue_after(0xffffffff - 3);
  const std::vector<net::Bytes> inner(5, inner_packet(60, random));
  const auto last = bench.seal(inner);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(reference::open(keys(), last[i].bytes)->sequence, 0xfffffffd + i);
  EXPECT_EQ(last[3], Drop::sa_sequence_exhausted);
  EXPECT_EQ(last[4], Drop::sa_sequence_exhausted);
  EXPECT_EQ(last[4].bytes, inner[4]);
  EXPECT_EQ(bench.seal(inner[0]), Drop::sa_sequence_exhausted);
  EXPECT_EQ(statistics_of(*out).sequence_exhausted, 3u);
  EXPECT_EQ(statistics_of(*out).sequence, 0xffffffffu);
  EXPECT_EQ(statistics_of(*out).packets, 4u);

  use("AES-GCM-128", false, true);
  out->continue_after(std::numeric_limits<std::uint64_t>::max() - 1);
  const auto ends = bench.seal(inner);
  EXPECT_EQ(ends[0].meta.step, Step::route);
  EXPECT_EQ(ends[1], Drop::sa_sequence_exhausted);
  EXPECT_EQ(statistics_of(*out).sequence, std::numeric_limits<std::uint64_t>::max());
}

// Every suite with an ICV crosses 2^32 in both directions: the reference reads each packet with the upper half that it
// must have had, and with no other.
TEST_F(Checklist33, Line03_ExtendedNumbersAreInTheIcvAndNotOnTheWire) {
  SCOPED_TRACE(repeat_with());
  constexpr std::uint64_t boundary = std::uint64_t{1} << 32;
  for (const auto& one : all_suites()) {
    SCOPED_TRACE(one.name);
    const bool combined = one.cipher == EspCipher::aes_gcm_16 || one.cipher == EspCipher::chacha20_poly1305;
    if (!combined && one.integrity == EspIntegrity::none) continue;
    use(one.name, false, true);
    auto extended = keys();
    extended.extended_sequence_numbers = true;
    out->continue_after(boundary - 4);
    std::vector<net::Bytes> inner, wire;
    for (std::uint32_t i = 0; i < 8; ++i) {
      inner.push_back(inner_packet(20 + random.below(1400), random));
      wire.push_back(bench.seal(inner.back()).bytes);
      const std::uint32_t epoch = i < 3 ? 0 : 1;
      const auto read = reference::open(extended, wire.back(), epoch);
      ASSERT_TRUE(read) << read.error();
      EXPECT_EQ(read->sequence, boundary - 3 + i);
      EXPECT_EQ(read->payload, inner.back());
      EXPECT_FALSE(reference::open(extended, wire.back(), epoch ^ 1));
    }
    EXPECT_EQ(wire[0].size(), out->format().sealed(static_cast<std::uint32_t>(inner[0].size())));
    for (const std::size_t i : {2u, 5u, 0u, 3u, 7u, 1u, 4u, 6u}) EXPECT_EQ(bench.open(wire[i]).bytes, inner[i]);
    for (const auto& packet : wire) EXPECT_EQ(bench.open(packet), Drop::replay);
    EXPECT_EQ(statistics_of(*in).sequence, boundary + 4);
    EXPECT_EQ(statistics_of(*in).bad_icv, 0u);
  }
}

// After 2^32 packets were lost in a row nothing verifies, until the next epochs are tried; forgeries in between do not
// keep an honest stream out.
TEST_F(Checklist33, Line03_ResynchronisesAfterABigLoss) {
  for (const std::uint64_t epochs : {1u, 2u, 3u}) {
    SCOPED_TRACE(epochs);
    use("AES-CBC-128+SHA256", false, true);
    out->continue_after(100);
    EXPECT_EQ(bench.open(sealed()).meta.step, Step::classify);
    out->continue_after((epochs << 32) + 5000);
    unsigned lost = 0;
    while (lost < 1000 && bench.open(sealed()).meta.step != Step::classify) ++lost;
    EXPECT_GT(lost, 0u);
    EXPECT_LE(lost, 64u + 3 * 64u);
    EXPECT_EQ(bench.open(sealed()).meta.step, Step::classify) << "the window has moved";
    EXPECT_EQ(statistics_of(*in).sequence, (epochs << 32) + 5000 + lost + 2);
  }
}

TEST_F(Checklist33, Line03_ForgeriesDoNotPutAnSaOutOfStep) {
  use("AES-GCM-128", false, true);
  auto forged = sealed();
  forged.back() ^= std::byte{1};
  unsigned lost = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 70; ++i) EXPECT_EQ(bench.open(forged), Drop::bad_icv);
    lost += bench.open(sealed()).meta.step != Step::classify;
  }
  EXPECT_LE(lost, 3u);
}

TEST_F(Checklist33, Line04_WindowOfEverySize) {
  use("AES-GCM-128");
  for (const std::uint32_t size : {32u, 64u, 128u, 256u, 512u, 1024u})
    for (const bool extended : {false, true}) {
      auto inbound = keys(SaDirection::inbound), outbound = keys();
      inbound.replay_window_packets = size;
      inbound.extended_sequence_numbers = outbound.extended_sequence_numbers = extended;
      bench.install(inbound);
      const auto sender = bench.install(outbound);
      if (extended) sender->continue_after(0xffffffff - size / 2);
      std::vector<net::Bytes> wire;
      for (std::uint32_t i = 0; i <= size; ++i) wire.push_back(sealed(20));
      EXPECT_EQ(bench.open(wire[size / 4]).meta.step, Step::classify);
      EXPECT_EQ(bench.open(wire[size]).meta.step, Step::classify);
      // With extended numbers the one just left behind is taken for one of the next epoch, and fails its ICV.
      EXPECT_EQ(bench.open(wire[0]), extended ? Drop::bad_icv : Drop::replay) << size;
      EXPECT_EQ(bench.open(wire[1]).meta.step, Step::classify) << size;
      EXPECT_EQ(bench.open(wire[1]), Drop::replay) << size;
    }
  EXPECT_EQ(SaParameters().replay_window_packets, 64u);
}

TEST_F(Checklist33, Line04_TheWindowMovesOnlyAfterTheIcv) {
  use("AES-GCM-128");
  const auto first = sealed();
  auto forged = sealed();
  std::fill_n(forged.begin() + outer_octets + 4, 4, std::byte{0xff});
  EXPECT_EQ(bench.open(forged), Drop::bad_icv);
  EXPECT_EQ(bench.open(first).meta.step, Step::classify);
  EXPECT_EQ(statistics_of(*in).sequence, 1u);
}

TEST_F(Checklist33, Line05_WithoutAnIcvThereIsNoWindow) {
  use("AES-CBC-128");
  const auto packet = sealed();
  EXPECT_EQ(bench.open(packet).meta.step, Step::classify);
  EXPECT_EQ(bench.open(packet).meta.step, Step::classify);
  EXPECT_EQ(statistics_of(*in).packets, 2u);
  for (const auto direction : {SaDirection::inbound, SaDirection::outbound}) {
    auto extended = keys(direction);
    extended.spi++;
    extended.extended_sequence_numbers = true;
    EXPECT_FALSE(bench.try_install(extended)) << "and nothing to prove an upper half by";
  }
}

TEST_F(Checklist33, Line06_PaddingDescribesItself) {
  use("NULL+SHA1");
  const auto payload = inner_packet(40, random);  // two octets of padding
  auto text = reference::with_trailer(payload, 4, 4);
  EXPECT_EQ(open_text(text).meta.step, Step::classify);
  text[40] = std::byte{2};
  EXPECT_EQ(open_text(text), Drop::malformed_esp);
  text[40] = std::byte{1};
  for (const unsigned length : {1u, 3u, 42u, 43u, 255u}) {
    text[42] = static_cast<std::byte>(length);
    EXPECT_EQ(open_text(text), Drop::malformed_esp) << "pad length " << length;
  }
  EXPECT_EQ(statistics_of(*in).malformed, 6u);
  const auto odd = inner_packet(43, random);
  const auto opened = open_text(reference::with_trailer(odd, 300, 4));
  EXPECT_EQ(opened.bytes, odd) << "up to 255 octets of padding are fine";
}

// Dummies vanish without a word; padding for traffic flow confidentiality is cut off, and we send neither.
TEST_F(Checklist33, Line07_DummiesAndTrafficFlowPadding) {
  use("AES-CBC-128+SHA1");
  EXPECT_EQ(open_payload(random.bytes(90), 59), Drop::esp_dummy);
  EXPECT_EQ(open_payload({}, 59), Drop::esp_dummy);
  const auto inner = inner_packet(50, random);
  auto padded = inner;
  padded.resize(700);
  EXPECT_EQ(open_payload(padded).bytes, inner);
  EXPECT_EQ(open_payload(inner_packet(60, random), 41), Drop::malformed_esp);
  EXPECT_EQ(open_payload(inner_packet(60, random), 17), Drop::malformed_esp);
  const auto s = statistics_of(*in);
  EXPECT_EQ(s.dummies, 2u);
  EXPECT_EQ(s.wrong_protocol, 2u);
  EXPECT_EQ(s.packets, 1u);
  EXPECT_EQ(reference::open(keys(), sealed(50))->payload.size(), 50u);
}

TEST_F(Checklist33, Line09_SomeServiceIsAlwaysThere) {
  use("AES-GCM-128");
  auto nothing = keys();
  nothing.cipher = EspCipher::null;
  nothing.cipher_key.wipe();
  EXPECT_FALSE(bench.try_install(nothing));
  for (const auto* name : {"NULL+SHA256", "AES-CBC-128+SHA256", "AES-GCM-256"}) {
    use(name);
    const auto inner = inner_packet(77, random);
    EXPECT_EQ(bench.open(bench.seal(inner).bytes).bytes, inner) << name;
  }
}

TEST_F(Checklist33, Line10_AWrongIcvIsDroppedAndCounted) {
  for (const auto* name : {"AES-GCM-128", "ChaCha20-Poly1305", "AES-CBC-256+SHA512", "3DES+MD5", "NULL+SHA1"}) {
    use(name);
    const auto packet = sealed();
    for (std::size_t i = 1; i <= in->format().icv; ++i) {
      auto changed = packet;
      changed[changed.size() - i] ^= std::byte{0x80};
      EXPECT_EQ(bench.open(changed), Drop::bad_icv) << name << ", octet " << i << " from the end";
    }
    EXPECT_EQ(statistics_of(*in).bad_icv, in->format().icv);
    EXPECT_EQ(statistics_of(*in).packets, 0u);
    EXPECT_EQ(bench.open(packet).meta.step, Step::classify);
  }
}

}  // namespace
}  // namespace culvert::dataplane
