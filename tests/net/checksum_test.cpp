#include "net/checksum.h"

#include <gtest/gtest.h>

#include "net/hex.h"
#include "net/random.h"

namespace culvert::net {
namespace {

TEST(Checksum, Rfc1071Example) {
  EXPECT_EQ(checksum_sum(*from_hex("0001f203f4f5f6f7")), 0xddf2);  // RFC 1071 section 3
  EXPECT_EQ(checksum_sum(*from_hex("0001f2")), 0xf201);            // an odd octet counts as the high one
}

TEST(Checksum, VerifiesToAllOnes) {
  const auto header = *from_hex("4500003044224000800600008c7c19acae241e2b");
  auto filled = header;
  Writer(filled).patch_u16(10, checksum(header));
  EXPECT_EQ(checksum_sum(filled), 0xffff);
}

TEST(Checksum, AgreesWithTheSumOfPairs) {
  SeededRandom random(3);
  for (int round = 0; round < 2000; ++round) {
    auto data = random.bytes(random.below(70));
    if (round % 5 == 0) std::fill(data.begin(), data.end(), random.below(2) ? std::byte{0xff} : std::byte{0});
    const auto before = static_cast<std::uint32_t>(random.below(3) ? random.u64() : 0);
    std::uint64_t sum = before;
    for (std::size_t i = 0; i < data.size(); ++i) sum += std::to_integer<std::uint64_t>(data[i]) << (i % 2 ? 0 : 8);
    while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
    ASSERT_EQ(checksum_sum(data, before), sum) << "round " << round;
  }
}

}  // namespace
}  // namespace culvert::net
