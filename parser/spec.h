// A command specification: its text compiled by Boost.Spirit X3 into a small tree.
//
//   crypto ikev2 profile <name:word>
//   authentication side:(local|remote) pre-share
//   pre-shared-key [direction:(local|remote)] <key:line>
//   encryption <algorithm:...>            a choice of keywords with a label captures the keyword typed:
//   encryption algorithm:(3des|aes-cbc-128|aes-cbc-192)...       "..." = one or more, order kept
//   ip address <address:ipv4> <mask:mask> [secondary:(secondary)]
//
//   word            a keyword
//   <name:type>     a value; type is one of value_type.h
//   (a|b c|d)       one of several sequences
//   [a]  [a|b]      the same, or nothing
//   name:( | )      a choice of single keywords whose canonical keyword is captured under `name`
//   x...            one or more of the item before it
//
// Help texts belong to tokens in the order in which the tokens stand in the text (keywords and values alike).
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/value_type.h"

namespace culvert::parser {

// What a matched line captured, in the order typed. A repeated item gives several arguments of one name.
struct Argument {
  std::string name;
  std::string text;  // canonical
  bool operator==(const Argument&) const = default;
};
class Arguments {
 public:
  void add(std::string name, std::string text) { all_.push_back({std::move(name), std::move(text)}); }
  // The first argument of that name, or nullptr.
  const std::string* find(std::string_view name) const;
  // The same where the specification guarantees that it is there.
  const std::string& operator[](std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::vector<std::string> every(std::string_view name) const;
  const std::vector<Argument>& all() const { return all_; }
  bool operator==(const Arguments&) const = default;

 private:
  std::vector<Argument> all_;
};

struct Token {  // a keyword or a value, one node of the specification
  bool is_keyword = false;
  std::string keyword;  // where is_keyword
  std::string name;     // the label that captures it; empty = not captured
  ValueType type;       // where !is_keyword
  std::string help;
};

struct SpecNode {
  enum class Kind { token, sequence, choice, optional } kind = Kind::sequence;
  Token token;                     // Kind::token
  std::vector<SpecNode> children;  // sequence: in order; choice: the alternatives; optional: one child
  bool repeated = false;           // "..."
};

struct Automaton;

class Spec {
 public:
  // Compiles `text`. `help` holds one entry a token; it may be shorter, and the rest of the tokens then show no help.
  // The error says what is wrong and at which column: specifications are ours, so callers assert.
  static std::expected<Spec, std::string> compile(std::string_view text, std::vector<std::string> help = {});

  const std::string& text() const { return text_; }
  const SpecNode& root() const { return *root_; }
  // Every token in the order of the text.
  std::vector<const Token*> tokens() const;

  // The canonical line for these arguments, single spaces between words: the inverse of matching.
  // Optional parts and alternatives are taken when their captured arguments are present; arguments that the
  // specification does not name are left aside. Where arguments are missing, the line ends before them, as a partial
  // `no` does. Empty where no line has these arguments.
  std::string render(const Arguments& arguments) const;

  // The same as the positions of a walk (automaton.h).
  const Automaton& automaton() const { return *automaton_; }

 private:
  std::string text_;
  std::shared_ptr<const SpecNode> root_;
  std::shared_ptr<const Automaton> automaton_;
};

}  // namespace culvert::parser
