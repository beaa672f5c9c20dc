#include "router/startup_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "parser/value_type.h"

namespace culvert::router {

namespace {

constexpr std::string_view blanks = " \t\r";

// Takes the first word off `rest`; empty where there is none.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  return word;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_interface_word(std::string_view word) {
  return !word.empty() && std::string_view("interface").starts_with(lower(word));
}

bool enters(std::string_view line, std::string_view interface) {
  if (!is_interface_word(next_word(line))) return false;
  std::string name;
  while (!line.empty()) name += next_word(line);
  return parser::match_value({"interface", ""}, name).canonical == interface;
}

bool announces_key(std::string_view word) {
  static constexpr std::array exact{"key", "password", "secret", "key-string"};
  return word.starts_with("pre-") || std::ranges::find(exact, word) != exact.end();
}

}  // namespace

bool speaks_of_interface(std::string_view text, std::string_view interface) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (enters(line, interface)) return true;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

std::string without_keys(std::string_view line) {
  auto rest = line;
  for (auto word = next_word(rest); !word.empty(); word = next_word(rest))
    if (announces_key(lower(word)) && rest.find_first_not_of(blanks) != std::string_view::npos)
      return std::string(line.substr(0, line.size() - rest.size())) + " <hidden>";
  return std::string(line);
}

}  // namespace culvert::router
