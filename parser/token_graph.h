// The tokens of every command of a tree as one graph, in which a walk moves from token to token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "parser/spec.h"

namespace culvert::parser {

using CommandId = std::size_t;  // whatever the owner of the tree numbers its commands by

enum class Form { plain, no, default_ };  // "x", "no x", "default x"

struct CommandOptions {
  unsigned privilege = 1;  // shown to and matched for sessions of this level and above
  bool negatable = false;  // also under `no` and `default`; there the line may stop early, see command_tree.h
  bool hidden = false;     // matches in full, but is not offered by ? and Tab, and does not make others ambiguous
  // Under `no` and `default` the line may not stop before this capture, which stands outside brackets; empty =
  // anywhere.
  std::string no_until = {};
};

class TokenGraph {
 public:
  using Index = std::uint32_t;
  // Where every walk begins, and the two keywords that turn a command round. Commands' tokens come after them.
  static constexpr Index start = 0, no = 1, default_ = 2;

  enum class Kind : std::uint8_t { keyword, full_keyword, number, value, interface, word, line };

  struct Node {
    Kind kind = Kind::keyword;
    char initial = 0;  // of a keyword, in lower case: what most words fail by, beside the rest of what is asked first
    bool hidden = true;
    bool last = false;            // a line may end here
    bool before_capture = false;  // a captured token may come next
    bool no_too_short = false;    // `no` may not stop here, CommandOptions::no_until
    unsigned privilege = 15;
    CommandId command = 0;
    std::vector<Index> next;  // in order of preference
    Token token;
  };

  TokenGraph();
  void add(CommandId id, const Spec& spec, const CommandOptions& options);

  const Node& operator[](Index node) const { return nodes_[node]; }
  std::size_t size() const { return nodes_.size(); }

 private:
  void begin_lines_with(Index node, const CommandOptions& options);
  void offer_negation(const CommandOptions& options);
  std::vector<Node> nodes_;
};

}  // namespace culvert::parser
