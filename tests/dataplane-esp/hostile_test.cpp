// What a stranger may send: everything that is not exactly what the peer sealed, once, ends as a drop with its reason.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/dataplane-esp/both_halves.h"
#include "tests/dataplane-esp/seed.h"

namespace culvert::dataplane {
namespace {

class Hostile : public BothHalves {};

class EveryBit : public Hostile, public testing::WithParamInterface<const char*> {};

TEST_P(EveryBit, OfAnEspPacketCounts) {
  use(GetParam());
  out->continue_after(6);  // from 7 no single bit leads to sequence number 0, which is a replay
  const auto packet = sealed(61);
  std::uint64_t dropped = 0;
  for (std::size_t bit = outer_octets * 8; bit < packet.size() * 8; ++bit) {
    auto changed = packet;
    changed[bit / 8] ^= std::byte{1} << bit % 8;
    const auto opened = bench.open(changed);
    if (bit < (outer_octets + 4) * 8)
      EXPECT_EQ(opened, Drop::no_sa) << "bit " << bit;
    else
      EXPECT_EQ(opened, Drop::bad_icv) << "bit " << bit;
    dropped += opened.meta.step == Step::drop;
  }
  EXPECT_EQ(dropped, (packet.size() - outer_octets) * 8);
  EXPECT_EQ(statistics_of(*in).bad_icv, dropped - 32);
  EXPECT_EQ(bench.open(packet).meta.step, Step::classify) << "none of them moved the window";
}

TEST_P(EveryBit, TruncatedAnywhereIsDropped) {
  use(GetParam());
  const auto packet = sealed(61);
  for (std::size_t octets = outer_octets; octets < packet.size(); ++octets) {
    const auto opened = bench.open(net::Bytes(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(octets)));
    EXPECT_TRUE(opened == Drop::malformed_esp || opened == Drop::bad_icv) << octets << " octets are left";
    EXPECT_TRUE(octets >= outer_octets + 8 || opened == Drop::malformed_esp) << octets << " octets are left";
  }
  const auto s = statistics_of(*in);
  EXPECT_EQ(s.bad_length + s.bad_icv, packet.size() - outer_octets - 8);
  EXPECT_GT(s.bad_length, 0u);
  EXPECT_EQ(s.packets, 0u);
}

INSTANTIATE_TEST_SUITE_P(Suites, EveryBit,
                         testing::Values("AES-GCM-128", "AES-GCM-192", "AES-GCM-256", "ChaCha20-Poly1305", "DES+SHA1",
                                         "AES-CTR-256+SHA256", "AES-CBC-128+SHA1", "AES-CBC-256+SHA512",
                                         "AES-CBC-192+SHA384", "3DES+MD5", "NULL+SHA256"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::ranges::replace_if(name, [](char c) { return c == '-' || c == '+'; }, '_');
                           return name;
                         });

// A copy that comes while the first is still in a lane verifies too, and loses afterwards; a later one is not even
// tried.
TEST_F(Hostile, ReplayIsDroppedAlsoWithinOneBurst) {
  struct Row {
    const char* name;
    std::uint64_t tried;
  };
  for (const auto& [name, tried] : {Row{"AES-GCM-128", 1}, Row{"AES-CBC-128+SHA1", 3}}) {
    SCOPED_TRACE(name);
    use(name);
    const auto packet = sealed();
    const auto results = bench.open(std::vector{packet, packet, packet});
    EXPECT_EQ(results[0].meta.step, Step::classify);
    EXPECT_EQ(results[1], Drop::replay);
    EXPECT_EQ(results[2], Drop::replay);
    EXPECT_EQ(bench.open(packet), Drop::replay);
    const auto s = statistics_of(*in);
    EXPECT_EQ(s.replayed, 3u);
    EXPECT_EQ(s.authenticated, tried);
    EXPECT_EQ(s.packets, 1u);
  }
}

TEST_F(Hostile, AnyOrderWithinTheWindowPassesOnce) {
  SCOPED_TRACE(repeat_with());
  use("AES-CBC-128+SHA256");
  auto row = sealed_row(64);
  std::mt19937_64 order(seed());
  std::ranges::shuffle(row, order);
  for (const auto& result : bench.open(row)) EXPECT_EQ(result.meta.step, Step::classify);
  for (const auto& result : bench.open(row)) EXPECT_EQ(result, Drop::replay);
}

TEST_F(Hostile, OlderThanTheWindowIsDropped) {
  use("AES-GCM-256");
  const auto row = sealed_row(65);
  EXPECT_EQ(bench.open(row[64]).meta.step, Step::classify);
  EXPECT_EQ(bench.open(row[0]), Drop::replay);
  EXPECT_EQ(bench.open(row[1]).meta.step, Step::classify);
}

TEST_F(Hostile, SequenceZeroIsNeverNew) {
  use("AES-GCM-128");
  auto packet = sealed();
  std::fill_n(packet.begin() + outer_octets + 4, 4, std::byte{0});
  EXPECT_EQ(bench.open(packet), Drop::replay);
}

TEST_F(Hostile, FragmentsAreNotOpened) {
  use("AES-GCM-128");
  auto first = sealed(), later = sealed(), last = sealed();
  first[6] = std::byte{0x20};  // more fragments
  later[7] = std::byte{0x01};  // offset 8
  last[6] = std::byte{0x40};   // DF alone is no fragment
  EXPECT_EQ(bench.open(first), Drop::fragment_to_us);
  EXPECT_EQ(bench.open(later), Drop::fragment_to_us);
  EXPECT_EQ(bench.open(last).meta.step, Step::classify);
}

TEST_F(Hostile, TheInnerHeaderIsCheckedLikeAnyOther) {
  use("AES-GCM-128");
  const auto good = inner_packet(60, random);
  struct Case {
    int line;
    std::size_t at;
    std::uint8_t value;
  };
  constexpr Case cases[]{{1, 0, 0x65}, {2, 0, 0x44}, {3, 0, 0x4f}, {4, 3, 61}, {5, 3, 19}, {6, 2, 0xff}};
  for (const auto& c : cases) {
    auto packet = good;
    packet[c.at] = static_cast<std::byte>(c.value);
    if (c.line != 3) mend_checksum(packet);
    EXPECT_EQ(open_payload(packet), Drop::malformed_esp) << "case " << c.line;
  }
  auto unmended = good;
  unmended[8] = std::byte{1};
  EXPECT_EQ(open_payload(unmended), Drop::malformed_esp);
  EXPECT_EQ(open_payload(net::Bytes(good.begin(), good.begin() + 19)), Drop::malformed_esp);
  EXPECT_EQ(open_payload({}), Drop::malformed_esp);
  EXPECT_EQ(statistics_of(*in).malformed, 9u);
}

// RFC 6040 section 4.2, figure 4: rows are the inner field, columns the outer one. 4 = drop.
TEST_F(Hostile, EcnLeavesTheTunnelByTheTable) {
  use("AES-GCM-128");
  constexpr std::uint8_t after[4][4]{{0, 0, 0, 4}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
  for (std::uint8_t inner = 0; inner < 4; ++inner)
    for (std::uint8_t outer = 0; outer < 4; ++outer) {
      auto packet = inner_packet(60, random, static_cast<std::uint8_t>(0xb8 | inner));
      const auto opened = open_payload(packet, 4, outer);
      SCOPED_TRACE(fmt::format("inner {}, outer {}", inner, outer));
      if (after[inner][outer] == 4) {
        EXPECT_EQ(opened, Drop::congestion_unmarkable);
        continue;
      }
      packet[1] = static_cast<std::byte>(0xb8 | after[inner][outer]);
      mend_checksum(packet);
      EXPECT_EQ(opened.bytes, packet);
    }
}

TEST_F(Hostile, OuterAddressesMayChangeAndAreCounted) {
  use("AES-GCM-128", true);
  auto packet = sealed();
  packet[12] = std::byte{203};
  EXPECT_EQ(bench.open(packet).meta.step, Step::classify);
  EXPECT_EQ(statistics_of(*in).other_address, 1u);
}

TEST_F(Hostile, OptionsOfTheOuterHeaderAreSkipped) {
  use("AES-CBC-128+SHA1");
  const auto inner = inner_packet(77, random);
  auto packet = bench.seal(inner).bytes;
  packet.insert(packet.begin() + outer_octets, 8, std::byte{1});
  packet[0] = std::byte{0x47};
  EXPECT_EQ(bench.open(packet).bytes, inner);
}

TEST_F(Hostile, UdpSaysWhereItsEspEnds) {
  use("AES-GCM-128", true);
  auto packet = sealed();
  packet.insert(packet.end(), 13, std::byte{0xee});  // IP says more than UDP
  EXPECT_EQ(bench.open(packet).meta.step, Step::classify);
}

TEST_F(Hostile, ScatteredAndSharedPacketsAreCopied) {
  use("AES-CBC-256+SHA256");
  const auto inner = inner_packet(900, random);
  for (const std::size_t segment : {20u, 41u, 200u, 899u}) {
    Burst burst;
    burst.push(bench.packet(inner, Step::protect, segment));
    esp_seal(burst, bench.tables, bench.worker);
    EXPECT_EQ(bench.open(bench.take(&burst[0]).bytes).bytes, inner) << "segments of " << segment;
  }
  Burst shared;
  auto* packet = bench.packet(inner, Step::protect);
  rte_mbuf_refcnt_update(packet, 1);
  shared.push(packet);
  esp_seal(shared, bench.tables, bench.worker);
  EXPECT_EQ(bench.take(packet).bytes, inner) << "somebody else still holds it";
  EXPECT_EQ(bench.open(bench.take(&shared[0]).bytes).bytes, inner);
}

TEST_F(Hostile, NoRoomIsADropAndTakesNoNumber) {
  use("AES-GCM-128");
  const auto full = inner_packet(2040, random);
  EXPECT_EQ(bench.seal(full), Drop::no_buffer);
  EXPECT_EQ(statistics_of(*out).no_room, 1u);
  EXPECT_EQ(statistics_of(*out).sequence, 0u);
}

TEST_F(Hostile, RandomBytesNeverPass) {
  SCOPED_TRACE(repeat_with());
  for (const auto& one : all_suites()) {
    if (one.integrity == EspIntegrity::none && one.cipher != EspCipher::aes_gcm_16) continue;
    use(one.name);
    const auto keys = parameters_of(one, SaDirection::outbound);
    std::vector<net::Bytes> packets;
    for (int i = 0; i < 200; ++i) {
      auto esp = random.bytes(random.below(200));
      for (std::size_t at = 0; at < std::min<std::size_t>(esp.size(), 4) && i % 4 != 0; ++at)
        esp[at] = static_cast<std::byte>(keys.spi >> (24 - 8 * at));
      packets.push_back(reference::with_outer(keys, esp));
    }
    for (const auto& result : bench.open(packets)) EXPECT_EQ(result.meta.step, Step::drop) << one.name;
    EXPECT_EQ(statistics_of(*in).packets, 0u);
  }
}

}  // namespace
}  // namespace culvert::dataplane
