// Characters of command lines. Plain ASCII whatever the locale; octets of UTF-8 count as printable.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace culvert::parser {

constexpr bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many characters `word` and `keyword` share from their start, without regard to case.
constexpr std::size_t shared_prefix(std::string_view word, std::string_view keyword) {
  const auto size = std::min(word.size(), keyword.size());
  std::size_t shared = 0;
  while (shared < size && lower(word[shared]) == lower(keyword[shared])) ++shared;
  return shared;
}
constexpr bool begins(std::string_view keyword, std::string_view word) {
  return shared_prefix(word, keyword) == word.size();
}

constexpr std::string_view without_trailing_blanks(std::string_view text) {
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace culvert::parser
