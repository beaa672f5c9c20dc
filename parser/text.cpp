// The pages that a terminal shows for a failed match and for `?`.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "net/overloaded.h"
#include "parser/command_tree.h"

namespace culvert::parser {
namespace {

// Columns that the first `size` octets of `line` take on the screen.
std::size_t screen_columns(std::string_view line, std::size_t size) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line.substr(0, size), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Breaks `text` at blanks into lines of at most `width` characters; a longer word stands alone.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    auto cut = text.rfind(' ', width);
    if (cut == std::string_view::npos || cut == 0) cut = text.find(' ', width);
    if (cut == std::string_view::npos) break;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut + 1);
  }
  lines.emplace_back(text);
  return lines;
}

std::string row_text(const HelpRow& row, std::size_t word_width, std::size_t width) {
  if (row.help.empty()) return fmt::format("  {}\n", row.word);
  const auto indent = word_width + 4;
  const auto help_width = width > indent ? width - indent : row.help.size();
  std::string text;
  std::string_view word = row.word;
  for (const auto& line : wrapped(row.help, help_width)) {
    text += fmt::format("  {:<{}}  {}\n", word, word_width, line);
    word = {};
  }
  return text;
}

std::string rows_text(const HelpRows& page, std::size_t width) {
  std::size_t word_width = 0;
  for (const auto& row : page.rows) word_width = std::max(word_width, row.word.size());
  std::string text;
  for (const auto& row : page.rows) text += row_text(row, word_width, width);
  return text;
}

std::string words_text(const HelpWords& page, std::size_t width) {
  std::size_t cell = 0;
  for (const auto& word : page.words) cell = std::max(cell, word.size() + 2);
  const auto columns = width == 0 ? page.words.size() : std::max<std::size_t>(1, width / cell);
  std::string text;
  for (std::size_t i = 0; i < page.words.size(); ++i) {
    const bool line_end = (i + 1) % columns == 0 || i + 1 == page.words.size();
    text += line_end ? page.words[i] + "\n" : fmt::format("{:<{}}", page.words[i], cell);
  }
  return text;
}

}  // namespace

std::string error_text(const MatchResult& result, std::string_view line, std::size_t prompt_width) {
  return std::visit(
      net::overloaded{[&](const Invalid& invalid) {
                        return fmt::format("{}^\n% Invalid input detected at '^' marker.\n\n",
                                           std::string(prompt_width + screen_columns(line, invalid.column), ' '));
                      },
                      [](const Incomplete&) { return std::string("% Incomplete command.\n\n"); },
                      [&](const Ambiguous&) { return fmt::format("% Ambiguous command:  \"{}\"\n\n", line); },
                      [](const Matched&) { return std::string(); }, [](const Empty&) { return std::string(); }},
      result);
}

std::string help_text(const HelpResult& result, std::size_t width) {
  return std::visit(net::overloaded{[&](const HelpRows& page) { return rows_text(page, width); },
                                    [&](const HelpWords& page) { return words_text(page, width); },
                                    [](const HelpNothing&) { return std::string("% Unrecognized command\n"); },
                                    [](const Ambiguous&) { return std::string("% Ambiguous command\n"); }},
                    result);
}

}  // namespace culvert::parser
