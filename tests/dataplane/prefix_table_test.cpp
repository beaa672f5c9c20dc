// The table of prefixes against a map, while it grows and while prefixes go that others were put behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "ipsec-dataplane/prefix_table.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

TEST(PrefixTable, AgreesWithAMap) {
  const auto seed = test::seed(20262);
  const auto repeat = test::repeat(seed, "dataplane_test", "PrefixTable.AgreesWithAMap");
  std::mt19937_64 random(seed);
  PrefixTable table(seed);
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
  PrefixTable table(20262);
  for (unsigned length = 0; length <= 32; ++length) table.set(0, length, static_cast<std::uint16_t>(length + 1));
  for (unsigned length = 0; length <= 32; ++length) EXPECT_EQ(table.find(0, length), length + 1);
  EXPECT_FALSE(table.find(1, 32));
  EXPECT_TRUE(table.erase(0, 0));
  EXPECT_FALSE(table.erase(0, 0));
  EXPECT_EQ(table.find(0, 32), 33);
}

// Host routes that would all begin at one place under one number, as a neighbor may choose them.
TEST(PrefixTable, WhoDoesNotKnowTheSeedCannotCrowdIt) {
  constexpr std::uint64_t known = 0x9e3779b97f4a7c15;
  constexpr std::size_t count = 3000;
  const auto fill = [](PrefixTable& table, const std::vector<std::uint32_t>& hosts) {
    std::size_t most = 0;
    for (const auto host : hosts) table.set(host, 32, 1);
    for (const auto host : hosts) most = std::max(most, table.places_to(host, 32));
    return most;
  };
  PrefixTable alone(known);  // as large as the others, and with one host
  for (std::uint32_t host = 1; host <= count; ++host) alone.set(host, 32, 1);
  for (std::uint32_t host = 2; host <= count; ++host) alone.erase(host, 32);
  std::vector<std::uint32_t> hosts;
  for (std::uint32_t host = 0x0a000000; hosts.size() < count; ++host)
    if (alone.places_to(host, 32) == 2) hosts.push_back(host);
  PrefixTable crowded(known), seeded(20263);
  EXPECT_GE(fill(crowded, hosts), count) << "the hosts are well chosen";
  EXPECT_LT(fill(seeded, hosts), 200u);
}

}  // namespace
}  // namespace culvert::dataplane
