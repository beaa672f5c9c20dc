// Reads a value character by character, and so knows both its canonical form and how far it got.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/characters.h"
#include "parser/value_type.h"

namespace culvert::parser {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // A decimal number of 0 to `max`; stops before the digit that would exceed it. `width` pads the canonical form.
  bool number(std::uint32_t max, std::size_t width = 1) {
    const auto start = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && digit(text_[at_]); ++at_) {
      const auto longer = value * 10 + static_cast<unsigned>(text_[at_] - '0');
      if (longer > max) break;
      value = longer;
    }
    if (at_ == start) return false;
    const auto digits = std::to_string(value);
    if (digits.size() < width) canonical_.append(width - digits.size(), '0');
    canonical_ += digits;
    return true;
  }
  bool mark(char wanted) {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    canonical_ += wanted;
    ++at_;
    return true;
  }
  // What was read, where `complete` says that it is a whole value.
  ValueMatch result(bool complete) const {
    if (complete && at_ == text_.size()) return {canonical_, at_};
    return {std::nullopt, at_};
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::string canonical_;
};

}  // namespace culvert::parser
