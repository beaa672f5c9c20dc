// One EAL for all tests of the program, without ports, root or hugepages.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "ipsec-dataplane/eal.h"

namespace culvert::dataplane {
namespace {

class Eal : public testing::Environment {
 public:
  void SetUp() override {
    const auto started = start_eal({.name = fmt::format("test-{}", getpid()), .workers = 1, .memory_mb = 256});
    ASSERT_TRUE(started.has_value()) << started.error();
  }
  void TearDown() override { stop_eal(); }
};
[[maybe_unused]] const auto* const eal = testing::AddGlobalTestEnvironment(new Eal);

}  // namespace
}  // namespace culvert::dataplane
