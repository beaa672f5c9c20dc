#include "net/hex.h"

#include <array>

namespace culvert::net {

namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

std::string to_hex(View data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto octet : data) {
    text += digits[std::to_integer<unsigned>(octet >> 4)];
    text += digits[std::to_integer<unsigned>(octet & std::byte{15})];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    if (i + 1 >= text.size()) return std::nullopt;
    const int high = digit_value(text[i]), low = digit_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::byte>(high << 4 | low));
    i += 2;
  }
  return out;
}

}  // namespace culvert::net
