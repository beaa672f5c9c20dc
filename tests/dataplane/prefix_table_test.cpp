// The table of prefixes against a map, while it grows and while prefixes go that others were put behind.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

#include "ipsec-dataplane/prefix_table.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

TEST(PrefixTable, AgreesWithAMap) {
  const auto seed = test::seed(20262);
  const auto repeat = test::repeat(seed, "dataplane_test", "PrefixTable.AgreesWithAMap");
  std::mt19937_64 random(seed);
  PrefixTable table;
  std::map<std::pair<std::uint32_t, unsigned>, std::uint16_t> model;
  // Fills up and empties, again and again; 4000 keys, so that they are met again.
  for (int step = 0; step < 200'000; ++step) {
    const auto length = static_cast<unsigned>(23 + random() % 10);
    const auto network = static_cast<std::uint32_t>((0x0a000000u + (random() % 400 << 9)) & (~0u << (32 - length)));
    const bool fills = step / 20'000 % 2 == 0;
    if (random() % 4 == 0 ? fills : !fills) {
      ASSERT_EQ(table.erase(network, length), model.erase({network, length}) == 1) << repeat;
    } else {
      const auto next_hop = static_cast<std::uint16_t>(random() % 0x8000);
      table.set(network, length, next_hop);
      model[{network, length}] = next_hop;
    }
    ASSERT_EQ(table.size(), model.size()) << repeat;
    if (step % 1000 != 0) continue;
    for (const auto& [prefix, next_hop] : model) ASSERT_EQ(table.find(prefix.first, prefix.second), next_hop) << repeat;
  }
  for (const auto& [prefix, next_hop] : model) ASSERT_TRUE(table.erase(prefix.first, prefix.second)) << repeat;
  EXPECT_EQ(table.size(), 0u);
}

// All the networks of a length around one address differ in one bit each; the default route is a prefix too.
TEST(PrefixTable, TellsLengthsApart) {
  PrefixTable table;
  for (unsigned length = 0; length <= 32; ++length) table.set(0, length, static_cast<std::uint16_t>(length + 1));
  for (unsigned length = 0; length <= 32; ++length) EXPECT_EQ(table.find(0, length), length + 1);
  EXPECT_FALSE(table.find(1, 32));
  EXPECT_TRUE(table.erase(0, 0));
  EXPECT_FALSE(table.erase(0, 0));
  EXPECT_EQ(table.find(0, 32), 33);
}

}  // namespace
}  // namespace culvert::dataplane
