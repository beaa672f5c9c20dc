// The naive model of matching: every sequence of tokens that a specification can produce, one by one.
//
// Recursive descent over the tree of a specification lists the token sequences of a given length; each word is then
// judged against the next tokens of every sequence left. It is exponential and shares neither the automaton nor the
// walk with the parser, only the value types. An interface must be one word.
#pragma once

#include <string>
#include <vector>

#include "parser/command_tree.h"

namespace culvert::parser {

struct ModelCommand {
  Spec spec;
  CommandOptions options;
};

// Command ids are the places in `commands`.
MatchResult model_match(const std::vector<ModelCommand>& commands, const std::string& line);

}  // namespace culvert::parser
