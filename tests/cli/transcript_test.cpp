// Every file of tests/transcripts, played against a tiny router. The first line of a file may say how the terminal is:
// "# page 5" for a person with a screen of five lines, "# script" for `culvert -c`.
#include "tests/cli/transcript.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/tiny_router.h"

namespace culvert::cli::testing {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Hello hello_for(const std::string& text) {
  Hello hello{.width = 80, .height = 0, .interactive = false};
  if (text.starts_with("# page ")) {
    hello.height = static_cast<std::uint16_t>(std::stoul(text.substr(7)));
    hello.interactive = true;
  }
  if (text.starts_with("# script")) hello.kind = LineKind::command;
  return hello;
}

std::vector<std::filesystem::path> transcripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/transcripts")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

class Transcript : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Transcript, IsWhatTheTerminalShows) {
  const auto text = read_file(GetParam());
  ASSERT_FALSE(text.empty());
  TemporaryFolder nvram;
  TinyRouter router(nvram.path());
  EXPECT_EQ(play(router.host(), hello_for(text), text), without_comments(text));
}

INSTANTIATE_TEST_SUITE_P(Files, Transcript, ::testing::ValuesIn(transcripts()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace culvert::cli::testing
