// Seeds of random tests: CULVERT_SEED repeats one; each failure prints how.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace culvert::test {

inline std::uint64_t seed(std::uint64_t fallback) {
  const auto* given = std::getenv("CULVERT_SEED");
  return given == nullptr ? fallback : std::strtoull(given, nullptr, 10);
}
inline std::string repeat(std::uint64_t seed, const char* program, const char* filter) {
  return "repeat with  CULVERT_SEED=" + std::to_string(seed) + " " + program + " --gtest_filter=" + filter;
}

}  // namespace culvert::test
