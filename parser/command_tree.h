// A set of commands that can be matched, explained and completed: one tree for each mode.
//
// Matching walks all specifications at once, word by word, keeping the set of positions that are still possible. That
// one walk answers everything: the command, `?`, Tab, ambiguity, and the column of the `^` marker.
//
// An ambiguous word keeps all its readings alive: the words that follow may settle it. Under `no` and `default` a line
// may stop early, after any token that a captured token may follow (`no ip address`), and after any other token
// (`no tunnel mode`) unless the tokens so far begin more than one command (`no ip`), which is incomplete. A command may
// ask for more (CommandOptions::no_until).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parser/spec.h"
#include "parser/token_graph.h"

namespace culvert::parser {

struct Matched {
  CommandId command;
  Form form;            // as typed
  Arguments arguments;  // for `no x` and `default x` perhaps fewer than the specification demands
};
struct Incomplete {};
struct Ambiguous {};
struct Invalid {
  std::size_t column;  // offset in the line of the first character that nothing can continue
};
struct Empty {};  // nothing but white space, or a comment starting with !
using MatchResult = std::variant<Matched, Incomplete, Ambiguous, Invalid, Empty>;

struct HelpRow {
  std::string word, help;  // "<cr>" with help "<cr>" where the line may end here
  bool operator==(const HelpRow&) const = default;
};
struct HelpWords {  // the question mark touches a word: words that it may become, in columns, without help
  std::vector<std::string> words;
};
struct HelpRows {  // it stands after a space: what may come next, numbers and placeholders first, then keywords sorted
  std::vector<HelpRow> rows;
};
struct HelpNothing {};  // "% Unrecognized command"
using HelpResult = std::variant<HelpRows, HelpWords, HelpNothing, Ambiguous>;

class CommandTree {
 public:
  void add(CommandId id, Spec spec, CommandOptions options = {});

  // `line` is everything after the prompt. Keywords are matched without regard to case; an exact word beats longer
  // ones.
  MatchResult match(std::string_view line, unsigned privilege = 15) const;
  // `line` is what stands before the question mark.
  HelpResult help(std::string_view line, unsigned privilege = 15) const;
  // The line with its last word completed and a space added; nullopt where it is not unique or nothing fits.
  std::optional<std::string> complete(std::string_view line, unsigned privilege = 15) const;

 private:
  TokenGraph graph_;
};

// The texts of IOS for a failed match; `prompt_width` is the width of the prompt before the line typed.
// One or more lines, each ended by "\n", the empty line that IOS puts after them included.
std::string error_text(const MatchResult& result, std::string_view line, std::size_t prompt_width);
// The page that `?` prints, lines ended by "\n"; for Ambiguous, error_text() can quote the line. `width` wraps long
// help and the columns of words; 0 = no wrapping.
std::string help_text(const HelpResult& result, std::size_t width = 80);

}  // namespace culvert::parser
