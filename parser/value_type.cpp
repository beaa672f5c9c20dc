#include "parser/value_type.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <limits>

#include "parser/characters.h"
#include "parser/interface_name.h"
#include "parser/scanner.h"

namespace culvert::parser {
namespace {

struct Range {
  std::uint64_t low = 0, high = std::numeric_limits<std::uint32_t>::max();
};

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<Range> parse_range(std::string_view argument) {
  if (argument.empty()) return Range{};
  const auto dash = argument.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto low = decimal(argument.substr(0, dash)), high = decimal(argument.substr(dash + 1));
  if (!low || !high || *low > *high || *high > Range{}.high) return std::nullopt;
  return Range{*low, *high};
}

// Whether some number of the range is written with `start` as its first digits.
bool can_begin(Range range, std::uint64_t start) {
  if (start == 0) return true;  // leading zeros
  auto lowest = start, highest = start;
  while (lowest <= range.high && highest < range.low) {
    lowest *= 10;
    highest = highest * 10 + 9;
  }
  return lowest <= range.high && highest >= range.low;
}

ValueMatch match_number(const ValueType& type, std::string_view word) {
  const auto range = parse_range(type.argument);
  assert(range);
  std::size_t digits = 0;
  while (digits < word.size() && digit(word[digits])) ++digits;
  const auto value = decimal(word.substr(0, digits));
  if (!value || !can_begin(*range, *value)) return {};
  if (digits < word.size() || *value < range->low) return {std::nullopt, digits};
  return {std::to_string(*value), digits};
}

ValueMatch match_word(const ValueType&, std::string_view word) {
  std::size_t size = 0;
  while (size < word.size() && !control(word[size]) && word[size] != ' ') ++size;
  if (size == 0 || size < word.size()) return {std::nullopt, size};
  return {std::string(word), size};
}

constexpr std::string_view several_lines = "lines";

// Control characters other than a tab are refused: a line end would make two lines of one where the text is printed,
// unless that is what is meant.
ValueMatch match_line(const ValueType& type, std::string_view word) {
  const auto text = without_trailing_blanks(word);
  const auto fits = [&](char c) { return !control(c) || c == '\t' || (c == '\n' && type.argument == several_lines); };
  std::size_t size = 0;
  while (size < text.size() && fits(text[size])) ++size;
  if (size == 0 || size < text.size()) return {std::nullopt, size};
  return {std::string(text), word.size()};
}

bool quad(Scanner& scanner) {
  bool complete = scanner.number(255);
  for (int octet = 1; octet < 4; ++octet) complete = complete && scanner.mark('.') && scanner.number(255);
  return complete;
}

ValueMatch match_quad(const ValueType&, std::string_view word) {
  Scanner scanner(word);
  return scanner.result(quad(scanner));
}

ValueMatch match_prefix(const ValueType&, std::string_view word) {
  Scanner scanner(word);
  return scanner.result(quad(scanner) && scanner.mark('/') && scanner.number(32));
}

ValueMatch match_time(const ValueType&, std::string_view word) {
  Scanner scanner(word);
  return scanner.result(scanner.number(23, 2) && scanner.mark(':') && scanner.number(59, 2) && scanner.mark(':') &&
                        scanner.number(59, 2));
}

ValueMatch match_hex(const ValueType&, std::string_view word) {
  std::string canonical;
  for (const char c : word) {
    const char l = lower(c);
    if (!digit(l) && (l < 'a' || l > 'f')) break;
    canonical += l;
  }
  const auto accepted = canonical.size();
  if (accepted == 0 || accepted < word.size() || accepted % 2 != 0) return {std::nullopt, accepted};
  return {std::move(canonical), accepted};
}

struct Type {
  std::string_view name, placeholder;
  ValueMatch (*match)(const ValueType&, std::string_view);
};
constexpr std::array types{
    Type{"word", "WORD", match_word},
    Type{"line", "LINE", match_line},
    Type{"u32", "", match_number},
    Type{"ipv4", "A.B.C.D", match_quad},
    Type{"mask", "A.B.C.D", match_quad},
    Type{"wildcard", "A.B.C.D", match_quad},
    Type{"prefix", "A.B.C.D/nn", match_prefix},
    Type{"interface", "INTERFACE", [](const ValueType&, std::string_view word) { return match_interface(word); }},
    Type{"hex", "Hex-string", match_hex},
    Type{"time", "hh:mm:ss", match_time}};

const Type* find_type(std::string_view name) {
  for (const auto& type : types)
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace

bool valid(const ValueType& type) {
  if (type.name == "u32") return parse_range(type.argument).has_value();
  if (type.name == "line" && type.argument == several_lines) return true;
  return find_type(type.name) && type.argument.empty();
}

std::string ValueType::placeholder() const {
  if (name == "u32") return "<" + (argument.empty() ? std::string("0-4294967295") : argument) + ">";
  const auto* type = find_type(name);
  assert(type);
  return std::string(type->placeholder);
}

ValueMatch match_value(const ValueType& type, std::string_view word) {
  const auto* known = find_type(type.name);
  assert(known);
  return known->match(type, word);
}

}  // namespace culvert::parser
