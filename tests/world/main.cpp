// ike_world: scenarios, then many random worlds.
//
//   ike_world --seed N         lives through one world again, and tells its events
//   ike_world --rekey-seed N   the like for a world of rekeys
//   ike_world --worlds N       that many random worlds instead of the usual number, and --rekey-worlds N of rekeys
//   ike_world --first N        from this seed on
//
// The usual number suits a program under sanitizers; the optimised one lives through 100,000 (CMakeLists.txt).
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/world/random_world.h"
#include "tests/world/rekey_world.h"

namespace {

std::uint64_t worlds = 2000;
std::uint64_t rekey_worlds = 600;
std::uint64_t first_seed = 1;
std::string program;

std::optional<std::uint64_t> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i + 1 < argc; ++i)
    if (argv[i] == name) return std::strtoull(argv[i + 1], nullptr, 10);
  return std::nullopt;
}

template <class Live>
void live_through(std::uint64_t count, std::string_view option, Live live) {
  int failures = 0;
  for (auto seed = first_seed; seed < first_seed + count && failures < 10; ++seed) {
    const auto broken = live(seed);
    if (broken.empty()) continue;
    ++failures;
    ADD_FAILURE() << broken << "\n  reproduce with  " << program << ' ' << option << ' ' << seed;
  }
}

TEST(RandomWorlds, AllHold) {
  live_through(worlds, "--seed", [](std::uint64_t seed) { return culvert::testing::live(seed); });
}

TEST(RandomWorlds, OfRekeysHold) {
  live_through(rekey_worlds, "--rekey-seed",
               [](std::uint64_t seed) { return culvert::testing::live_through_rekeys(seed); });
}

int tell(std::uint64_t seed, const std::string& broken) {
  fmt::print("seed {}: {}\n", seed, broken.empty() ? "all held" : broken);
  return broken.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  program = argv[0];
  ::testing::InitGoogleTest(&argc, argv);
  if (const auto seed = option(argc, argv, "--seed")) return tell(*seed, culvert::testing::live(*seed, true));
  if (const auto seed = option(argc, argv, "--rekey-seed"))
    return tell(*seed, culvert::testing::live_through_rekeys(*seed, true));
  first_seed = option(argc, argv, "--first").value_or(first_seed);
  worlds = option(argc, argv, "--worlds").value_or(worlds);
  rekey_worlds = option(argc, argv, "--rekey-worlds").value_or(rekey_worlds);
  return RUN_ALL_TESTS();
}
