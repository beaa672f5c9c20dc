// What users of level 1 may do, and that no spelling gets them further.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "parser/spec.h"
#include "tests/router/command_reference.h"
#include "tests/support/spec_samples.h"

namespace culvert::router::testing {
namespace {

using parser::Matched;

// The line with each keyword cut to at most so many letters.
std::string cut(const culvert::testing::SampleLine& line, std::size_t letters) {
  std::string text;
  for (const auto& word : line)
    text += (text.empty() ? "" : " ") + (word.token->is_keyword ? word.text.substr(0, letters) : word.text);
  return text;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// How many spellings of the command there are to whoever is privileged; to users, each must be nothing.
std::size_t try_spellings(const parser::ExecCommands& commands, parser::CommandId id) {
  constexpr std::size_t keyword_size_max = 24;
  std::size_t privileged = 0;
  const auto spec = *parser::Spec::compile(commands[id].spec, commands[id].help);
  for (const auto& sample : culvert::testing::samples(spec))
    for (std::size_t letters = 1; letters <= keyword_size_max; ++letters)
      for (const auto& line : {cut(sample, letters), upper(cut(sample, letters))}) {
        const auto to_all = commands.tree().match(line, 1), to_some = commands.tree().match(line, 15);
        const auto* user = std::get_if<Matched>(&to_all);
        EXPECT_TRUE(user == nullptr || commands[user->command].privilege <= 1) << line;
        const auto* other = std::get_if<Matched>(&to_some);
        privileged += other != nullptr && other->command == id ? 1 : 0;
      }
  return privileged;
}

TEST(Attacks, A33_NoSpellingOfAPrivilegedCommandIsForUsers) {
  see_exec_commands([](const parser::ExecCommands& commands) {
    for (parser::CommandId id = 0; id < commands.size(); ++id)
      EXPECT_TRUE(commands[id].privilege <= 1 || try_spellings(commands, id) > 0) << commands[id].spec;
  });
}

// Whatever changes the router, or shows a key, is for privileged mode alone.
TEST(Attacks, A33_UsersLookAndChangeNothing) {
  constexpr std::array words{"show", "ping", "traceroute", "terminal", "enable", "disable", "exit", "quit", "logout"};
  constexpr std::array keys{"show running-config", "show startup-config", "show crypto key"};
  see_exec_commands([&](const parser::ExecCommands& commands) {
    for (parser::CommandId id = 0; id < commands.size(); ++id) {
      if (commands[id].privilege > 1) continue;
      const auto& spec = commands[id].spec;
      EXPECT_NE(std::ranges::find(words, spec.substr(0, spec.find(' '))), words.end()) << spec;
      for (const auto* key : keys) EXPECT_FALSE(spec.starts_with(key)) << spec;
    }
  });
}

}  // namespace
}  // namespace culvert::router::testing
