// A specification as the positions that a walk may stand on: one for each token, and which token may follow which.
//
// This is Glushkov's construction: no empty moves, so that a walk over words is a walk over tokens. Followers are in
// the order of preference that reading the text suggests: alternatives in their order, an optional part before its
// absence, another repetition before going on.
#pragma once

#include <cstddef>
#include <vector>

#include "parser/spec.h"

namespace culvert::parser {

struct Automaton {
  std::vector<const Token*> tokens;  // in the order of the text; owned by the specification's tree
  std::vector<std::size_t> first;    // tokens that a line may begin with
  std::vector<std::vector<std::size_t>> follow;
  std::vector<bool> last;          // a line may end after this token
  bool nullable = false;           // the specification matches the empty line
  bool empty_alternative = false;  // some alternative of a choice may be empty, which has no place in that order

  // True if a captured token may follow `token`.
  bool before_capture(std::size_t token) const;
};

// The tokens stay those of `root`, which must outlive the result.
Automaton make_automaton(const SpecNode& root);

}  // namespace culvert::parser
