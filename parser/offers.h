// What may stand next in a line: the words that `?` shows and Tab chooses from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/walk.h"

namespace culvert::parser {

struct Offer {
  bool keyword;  // else the placeholder of a value
  std::string word, help;
};

// The offers at the end of the branch that `prefix` may become, each word once: placeholders first, then keywords,
// both in ASCII order.
std::vector<Offer> offers(const Walk& walk, const Branch& branch, std::string_view prefix);

// Where the last word of the line begins: its end, if it ends with a blank.
std::size_t last_word_start(std::string_view line);

}  // namespace culvert::parser
