// The committed command reference says what the commands are.
#include "tests/router/command_reference.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace culvert::router::testing {
namespace {

TEST(CommandReference, IsWhatTheCommandsAre) {
  std::stringstream text;
  text << std::ifstream("docs/command-reference.md").rdbuf();
  EXPECT_EQ(text.str(), command_reference()) << "renew it: out/debug/command_reference > docs/command-reference.md";
}

}  // namespace
}  // namespace culvert::router::testing
