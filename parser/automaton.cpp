#include "parser/automaton.h"

#include <algorithm>

namespace culvert::parser {
namespace {

using Positions = std::vector<std::size_t>;

struct Part {
  Positions first, last;
  bool nullable;
};

void append_new(Positions& to, const Positions& more) {
  for (const auto position : more)
    if (std::ranges::find(to, position) == to.end()) to.push_back(position);
}

class Builder {
 public:
  explicit Builder(Automaton& automaton) : automaton_(automaton) {}

  Part part(const SpecNode& node) {
    auto result = once(node);
    if (node.repeated) link(result.last, result.first);
    return result;
  }

 private:
  Part once(const SpecNode& node) {
    switch (node.kind) {
      case SpecNode::Kind::token: return token(node.token);
      case SpecNode::Kind::sequence: return sequence(node.children);
      case SpecNode::Kind::choice: return choice(node.children);
      case SpecNode::Kind::optional: break;
    }
    auto result = part(node.children.front());
    result.nullable = true;
    return result;
  }

  Part token(const Token& token) {
    const auto position = automaton_.tokens.size();
    automaton_.tokens.push_back(&token);
    automaton_.follow.emplace_back();
    return {{position}, {position}, false};
  }

  Part sequence(const std::vector<SpecNode>& children) {
    Part whole{{}, {}, true};
    for (const auto& child : children) {
      const auto next = part(child);
      link(whole.last, next.first);
      if (whole.nullable) append_new(whole.first, next.first);
      if (!next.nullable) whole.last.clear();
      append_new(whole.last, next.last);
      whole.nullable = whole.nullable && next.nullable;
    }
    return whole;
  }

  Part choice(const std::vector<SpecNode>& children) {
    Part whole{{}, {}, false};
    for (const auto& child : children) {
      const auto next = part(child);
      append_new(whole.first, next.first);
      append_new(whole.last, next.last);
      whole.nullable = whole.nullable || next.nullable;
      automaton_.empty_alternative = automaton_.empty_alternative || next.nullable;
    }
    return whole;
  }

  void link(const Positions& from, const Positions& to) {
    for (const auto position : from) append_new(automaton_.follow[position], to);
  }

  Automaton& automaton_;
};

}  // namespace

bool Automaton::before_capture(std::size_t token) const {
  return std::ranges::any_of(follow[token], [&](auto next) { return !tokens[next]->name.empty(); });
}

Automaton make_automaton(const SpecNode& root) {
  Automaton automaton;
  auto whole = Builder(automaton).part(root);
  automaton.first = std::move(whole.first);
  automaton.nullable = whole.nullable;
  automaton.last.assign(automaton.tokens.size(), false);
  for (const auto position : whole.last) automaton.last[position] = true;
  return automaton;
}

}  // namespace culvert::parser
