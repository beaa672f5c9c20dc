// A walk over the tokens of a tree, a word at a time, on all positions at once.
//
// A word is taken by the best reading that any position has for it: a keyword typed in full, else an abbreviated
// keyword, else a value, else a free word, else the rest of the line. A word that abbreviates several keywords splits
// the walk: each keyword goes on as a branch of its own, and the line is ambiguous while more than one is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/spec.h"
#include "parser/token_graph.h"

namespace culvert::parser {

struct Word {
  std::string_view text;
  std::size_t column;
};
// The first word at or after `from`.
std::optional<Word> next_word(std::string_view line, std::size_t from);

// One token taken. Steps form paths: every step knows the one before it.
struct Step {
  TokenGraph::Index node;
  std::uint32_t before;
  std::size_t column, size;  // the text taken
  Form form;
  bool half;  // only the kind of an interface so far; its number is the next word
};

struct Branch {
  std::vector<std::uint32_t> steps;  // in order of preference
  bool finished = false;             // a value has taken the rest of the line
};

class Walk {
 public:
  // Takes all of `line`, which must outlive the walk. Tokens above `privilege` are not there.
  Walk(const TokenGraph& graph, unsigned privilege, std::string_view line);

  // The branches that took every word: none, one, or more where the line is ambiguous.
  const std::vector<Branch>& branches() const { return branches_; }
  // There were more branches than are followed.
  bool overflowed() const { return overflowed_; }
  // Where there is no branch: the first character that nothing can continue.
  std::size_t invalid_column() const { return invalid_column_; }

  const TokenGraph& graph() const { return graph_; }
  const Step& step(std::uint32_t index) const { return steps_[index]; }
  const TokenGraph::Node& node(std::uint32_t index) const { return graph_[steps_[index].node]; }
  bool visible(const TokenGraph::Node& node) const { return !node.hidden && node.privilege <= privilege_; }
  std::string_view text(std::uint32_t index) const { return line_.substr(steps_[index].column, steps_[index].size); }
  // What the path that ends in this step captured.
  Arguments arguments(std::uint32_t last) const;

 private:
  enum class Fit : std::uint8_t { full_keyword, keyword, value, word, line, none };
  struct Candidate {
    Step step;
    Fit fit;
  };
  struct Reading {
    Fit fit = Fit::none;
    bool half = false;
  };

  void take(Word word);
  void extend(const Branch& branch, Word word, std::vector<Branch>& out);
  void collect(const Branch& branch, Word word);
  void consider(std::uint32_t before, TokenGraph::Index node, Word word);
  void settle();
  void split(std::vector<Branch>& out);
  Branch branch_of(std::string_view keyword);
  Reading read(const TokenGraph::Node& node, Word word, bool after_half);
  Reading read_keyword(const TokenGraph::Node& node, std::string_view word);
  Reading read_interface(const TokenGraph::Node& node, std::string_view word, bool after_half);
  Reading read_value(const TokenGraph::Node& node, Word word);
  bool abbreviated_hidden(const Candidate& candidate) const;
  void capture(std::uint32_t index, Arguments& arguments) const;

  const TokenGraph& graph_;
  const unsigned privilege_;
  const std::string_view line_;
  std::vector<Step> steps_;
  std::vector<Branch> branches_;
  std::vector<Candidate> candidates_;      // readings of the word at hand, of one branch
  std::vector<std::uint32_t> considered_;  // by node: the last round in which it became a candidate
  std::uint32_t round_ = 0;
  std::size_t reach_ = 0;  // most characters of the word at hand that anything accepted
  std::size_t invalid_column_ = 0;
  bool overflowed_ = false;
};

}  // namespace culvert::parser
