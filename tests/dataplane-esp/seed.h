// The seed of this run's random tests: CULVERT_SEED, or 1.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/random.h"

namespace culvert::dataplane {

inline std::uint64_t seed() {
  const char* given = std::getenv("CULVERT_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

inline std::string repeat_with() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return fmt::format("repeat with: CULVERT_SEED={} esp_test --gtest_filter={}.{}", seed(), test->test_suite_name(),
                     test->name());
}

}  // namespace culvert::dataplane
