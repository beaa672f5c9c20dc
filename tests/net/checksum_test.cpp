#include "net/checksum.h"

#include <gtest/gtest.h>

#include "net/hex.h"

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

}  // namespace
}  // namespace culvert::net
