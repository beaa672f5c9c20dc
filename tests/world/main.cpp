// ike_world: scenarios, then many random worlds.
//
//   ike_world --seed N      lives through one world again, and tells its events
//   ike_world --worlds N    that many random worlds instead of the usual number
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/world/random_world.h"

namespace {

std::uint64_t worlds = 15000;
std::string program;

std::optional<std::uint64_t> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i + 1 < argc; ++i)
    if (argv[i] == name) return std::strtoull(argv[i + 1], nullptr, 10);
  return std::nullopt;
}

TEST(RandomWorlds, AllHold) {
  int failures = 0;
  for (std::uint64_t seed = 1; seed <= worlds && failures < 10; ++seed) {
    const auto broken = culvert::testing::live(seed);
    if (broken.empty()) continue;
    ++failures;
    ADD_FAILURE() << broken << "\n  reproduce with  " << program << " --seed " << seed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  program = argv[0];
  ::testing::InitGoogleTest(&argc, argv);
  if (const auto seed = option(argc, argv, "--seed")) {
    const auto broken = culvert::testing::live(*seed, true);
    fmt::print("seed {}: {}\n", *seed, broken.empty() ? "all held" : broken);
    return broken.empty() ? 0 : 1;
  }
  worlds = option(argc, argv, "--worlds").value_or(worlds);
  return RUN_ALL_TESTS();
}
