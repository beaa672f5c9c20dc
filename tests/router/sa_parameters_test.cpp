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
  EXPECT_EQ(used_up(sa, counted(10'000, 1), counted(0, 0)), ike::Expiry::kilobytes_end);
  EXPECT_EQ(used_up(sa, counted(0, 0), counted(10'000, 1)), ike::Expiry::kilobytes_end);
}

TEST(UsedUp, ARekeyIsDueBefore) {
  ike::InstallSa sa;
  EXPECT_FALSE(rekey_due(sa, counted(1'000'000, 1), counted(0, 0)));
  sa.rekey_kb = 8;
  EXPECT_FALSE(rekey_due(sa, counted(7'999, 1), counted(0, 0)));
  EXPECT_TRUE(rekey_due(sa, counted(0, 0), counted(8'000, 1)));
}

// RFC 4303 §3.3.3: the counter never cycles; a rekey is due before it ends, and the SA ends before it does.
TEST(UsedUp, Checklist33Line02BeforeTheSequenceNumbersEnd) {
  ike::InstallSa sa;
  sa.lifetime_kb = 0;
  EXPECT_FALSE(rekey_due(sa, counted(1, 0xffff'ffff), counted(1, 0xdfff'ffff)));
  EXPECT_TRUE(rekey_due(sa, counted(1, 1), counted(1, 0xe000'0000)));
  EXPECT_EQ(used_up(sa, counted(1, 1), counted(1, 0xefff'ffff)), std::nullopt);
  EXPECT_EQ(used_up(sa, counted(1, 1), counted(1, 0xf000'0000)), ike::Expiry::sequence_number);
  EXPECT_EQ(used_up(sa, counted(1, 0xf000'0000), counted(1, 1)), std::nullopt) << "the peer's numbers are its own";
  sa.extended_sequence_numbers = true;
  EXPECT_FALSE(rekey_due(sa, counted(1, 1), counted(1, 0x1'0000'0000)));
  EXPECT_EQ(used_up(sa, counted(1, 1), counted(1, 0x1'0000'0000)), std::nullopt);
}

TEST(SaParameters, CarryNumbersAndWindow) {
  ike::InstallSa sa;
  sa.extended_sequence_numbers = true;
  sa.replay_window_packets = 512;
  for (const auto& parameters : {inbound_parameters(sa), outbound_parameters(sa)}) {
    EXPECT_TRUE(parameters.extended_sequence_numbers);
    EXPECT_EQ(parameters.replay_window_packets, 512u);
  }
}

}  // namespace
}  // namespace culvert::router
