// Interface names: a kind by its unique abbreviation, then a number such as 0, 0/1 or 0/1.10, in one word or two.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/value_type.h"

namespace culvert::parser {

struct InterfaceKind {
  std::string name;
  std::string help;
  std::string number_placeholder, number_help;
};

// The kind of which `letters` is the name or a unique abbreviation, or nullptr.
const InterfaceKind* find_interface_kind(std::string_view letters);
const std::vector<InterfaceKind>& all_interface_kinds();

// Kind and number; the number may be missing as yet.
struct InterfaceWord {
  std::string_view letters, number;  // parts of the word, with the blanks between them left out
};
InterfaceWord split_interface(std::string_view word);
ValueMatch match_interface_number(std::string_view number);
ValueMatch match_interface(std::string_view word);

}  // namespace culvert::parser
