// The grammar of specifications, by Boost.Spirit X3. Only spec_grammar.cpp includes X3.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "parser/spec.h"

namespace culvert::parser {

// The tree of `text`, tokens without help. The error names the column, counted from 0.
std::expected<SpecNode, std::string> parse_spec(std::string_view text);

}  // namespace culvert::parser
