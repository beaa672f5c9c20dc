// eigrp_world: many random worlds.
//
//   eigrp_world --seed N     lives through one world again, and tells its events
//   eigrp_world --worlds N   that many worlds instead of the usual number
//   eigrp_world --first N    from this seed on
//
// The usual number suits a program under sanitizers; the optimised one lives through 15,000 (CMakeLists.txt).
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/eigrp/random_world.h"

namespace {

std::uint64_t worlds = 200;
std::uint64_t first_seed = 1;
std::string program;

std::optional<std::uint64_t> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i + 1 < argc; ++i)
    if (argv[i] == name) return std::strtoull(argv[i + 1], nullptr, 10);
  return std::nullopt;
}

TEST(Checklist34, Line28_RandomWorldsHaveNoLoopAndEndWithDijkstra) {
  int failures = 0;
  std::size_t packets = 0, diffusions = 0, strict = 0;
  std::map<std::string, std::size_t> unilateral;
  for (auto seed = first_seed; seed < first_seed + worlds && failures < 10; ++seed) {
    const auto report = culvert::routing::eigrp::testing::live(seed);
    packets += report.packets;
    diffusions += report.diffusions;
    strict += report.strict && report.lossy;
    for (const auto& [reason, count] : report.unilateral_loops) unilateral[reason] += count;
    if (report.broken.empty()) continue;
    ++failures;
    ADD_FAILURE() << report.broken << "\n  reproduce with  " << program << " --seed " << seed;
  }
  fmt::print("{} worlds, {} of them lossy and without a circle at any instant: {} packets, {} queries\n", worlds,
             strict, packets, diffusions);
  for (const auto& [reason, count] : unilateral)
    fmt::print("  {} circles over an adjacency that was over at the other end: {}\n", count, reason);
  EXPECT_GT(diffusions, worlds);
  EXPECT_GE(strict, worlds * 2 / 3);
}

}  // namespace

int main(int argc, char** argv) {
  program = argv[0];
  ::testing::InitGoogleTest(&argc, argv);
  if (const auto seed = option(argc, argv, "--seed")) {
    const auto report = culvert::routing::eigrp::testing::live(*seed, true);
    fmt::print("seed {}: {}\n", *seed, report.broken.empty() ? "all held" : report.broken);
    return report.broken.empty() ? 0 : 1;
  }
  first_seed = option(argc, argv, "--first").value_or(first_seed);
  worlds = option(argc, argv, "--worlds").value_or(worlds);
  return RUN_ALL_TESTS();
}
