// Real messages, mutated by the million: whatever comes out, parsing it ends, stays within its memory, and gives either
// a fault or a message that can be emitted and read again.
#include <gtest/gtest.h>

#include <string>

#include "tests/ike/allocation_count.h"
#include "tests/ike/samples.h"

namespace culvert::ike::wire {
namespace {

constexpr std::size_t mutations = 1'000'000;
constexpr std::uint64_t seed = 7296;

void flip_bit(net::Bytes& datagram, net::Random& random) {
  if (datagram.empty()) return;
  datagram[random.below(datagram.size())] ^= std::byte{1} << random.below(8);
}
void truncate(net::Bytes& datagram, net::Random& random) { datagram.resize(random.below(datagram.size() + 1)); }
void insert(net::Bytes& datagram, net::Random& random) {
  const auto where = static_cast<std::ptrdiff_t>(random.below(datagram.size() + 1));
  datagram.insert(datagram.begin() + where, 1 + random.below(8), static_cast<std::byte>(random.u64()));
}
// Two octets become a small number, a large one, or a near miss: most fields of two octets are lengths.
void edit_length(net::Bytes& datagram, net::Random& random) {
  if (datagram.size() < 2) return;
  const auto at = random.below(datagram.size() - 1);
  const auto before = std::to_integer<unsigned>(datagram[at]) << 8 | std::to_integer<unsigned>(datagram[at + 1]);
  const unsigned candidates[]{0, 1, 3, 4, 5, 8, 0x7fff, 0x8000, 0xffff, before + 1, before - 1, before + 4, before - 4};
  net::Writer(datagram).patch_u16(at, static_cast<std::uint16_t>(candidates[random.below(std::size(candidates))]));
}
void splice(net::Bytes& datagram, net::Random& random) {
  if (datagram.size() < 8) return;
  const auto from = random.below(datagram.size() - 4), to = random.below(datagram.size() - 4);
  for (std::size_t i = 0; i < 4; ++i) datagram[to + i] = datagram[from + i];
}
// Without it nearly every mutation ends at the header's own length.
void mend_header_length(net::Bytes& datagram) {
  if (datagram.size() < Header::size_octets) return;
  net::Writer writer(datagram);
  writer.patch_u16(24, 0);
  writer.patch_u16(26, static_cast<std::uint16_t>(datagram.size()));
}

void mutate(net::Bytes& datagram, net::Random& random) {
  constexpr void (*ways[])(net::Bytes&, net::Random&){flip_bit, flip_bit, edit_length, edit_length,
                                                      truncate, insert,   splice};
  for (auto times = 1 + random.below(4); times > 0; --times) ways[random.below(std::size(ways))](datagram, random);
  if (random.below(8) != 0) mend_header_length(datagram);
}

std::string how_to_repeat(std::size_t turn) {
  return "seed " + std::to_string(seed) + ", turn " + std::to_string(turn) +
         "; repeat: out/debug/ike_wire_test --gtest_filter=Attacks.A01_*";
}

// A selector of unknown type is left out, so a list of them may have become empty, which is not emitted.
bool can_be_emitted(const Message& message) {
  for (const auto& payload : message.payloads)
    if (const auto* found = std::get_if<TrafficSelectors>(&payload); found && found->selectors.empty()) return false;
  return true;
}

TEST(Attacks, A01_NothingBreaksTheParser) {
  // A transform of 8 octets is held in some 48, and a vector that grows has been half its size before.
  constexpr std::size_t factor = 64, floor = 4096;
  net::SeededRandom random(seed);
  const auto originals = testing::datagrams();
  std::size_t parsed_count = 0;
  for (std::size_t turn = 0; turn < mutations; ++turn) {
    auto datagram = originals[random.below(originals.size())];
    mutate(datagram, random);
    testing::allocated_octets = 0;
    const auto parsed = Message::parse(datagram);
    ASSERT_LE(testing::allocated_octets, floor + factor * datagram.size()) << how_to_repeat(turn);
    if (!parsed) continue;
    ++parsed_count;
    if (turn % 16 != 0 || !can_be_emitted(*parsed)) continue;
    const auto again = Message::parse(parsed->emit());
    ASSERT_TRUE(again) << how_to_repeat(turn);
    ASSERT_EQ(*again, *parsed) << how_to_repeat(turn);
  }
  // Enough must survive that payload parsers, and not only the header's, have been tried.
  EXPECT_GT(parsed_count, mutations / 50);
  EXPECT_LT(parsed_count, mutations - mutations / 50);
}

TEST(Attacks, A01_NoiseIsNoMessage) {
  net::SeededRandom random(seed);
  for (std::size_t turn = 0; turn < 100'000; ++turn) {
    auto noise = random.bytes(random.below(200));
    mend_header_length(noise);
    testing::allocated_octets = 0;
    for (const auto first : {33, 35, 41, 42, 44, 47}) {
      const auto parsed = parse_chain(PayloadType{static_cast<std::uint8_t>(first)}, noise);
      ASSERT_LE(testing::allocated_octets, 1024u + 6 * 64 * noise.size()) << how_to_repeat(turn);
      ASSERT_TRUE(!parsed || noise.size() >= 4) << how_to_repeat(turn);
    }
  }
}

}  // namespace
}  // namespace culvert::ike::wire
