// When a Child SA has carried all that it may.
#include "router/sa_parameters.h"

#include <gtest/gtest.h>

namespace culvert::router {
namespace {

dataplane::SaStatistics counted(std::uint64_t octets, std::uint64_t sequence) {
  dataplane::SaStatistics s;
  s.octets = octets;
  s.sequence = sequence;
  return s;
}

TEST(UsedUp, ByVolumeOfEitherDirection) {
  ike::InstallSa sa;
  sa.lifetime_kb = 10;
  EXPECT_EQ(used_up(sa, counted(9'999, 1), counted(9'999, 1)), std::nullopt);
  EXPECT_EQ(used_up(sa, counted(10'000, 1), counted(0, 0)), ike::Expiry::kilobytes);
  EXPECT_EQ(used_up(sa, counted(0, 0), counted(10'000, 1)), ike::Expiry::kilobytes);
}

// RFC 4303 §3.3.3: the counter never cycles; another SA takes over before it ends.
TEST(UsedUp, BeforeTheSequenceNumbersEnd) {
  ike::InstallSa sa;
  sa.lifetime_kb = 0;
  EXPECT_EQ(used_up(sa, counted(1, 1), counted(1, 0xdfff'ffff)), std::nullopt);
  EXPECT_EQ(used_up(sa, counted(1, 1), counted(1, 0xf000'0000)), ike::Expiry::sequence_number);
  EXPECT_EQ(used_up(sa, counted(1, 0xf000'0000), counted(1, 1)), std::nullopt) << "the peer's numbers are its own";
}

}  // namespace
}  // namespace culvert::router
