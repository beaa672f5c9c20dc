// What a line means: the walk over all specifications, and its verdict.
#include <algorithm>

#include "parser/characters.h"
#include "parser/command_tree.h"
#include "parser/verdict.h"
#include "parser/walk.h"

namespace culvert::parser {
namespace {

template <class Predicate>
std::optional<std::uint32_t> first_step(const Branch& branch, Predicate predicate) {
  const auto found = std::ranges::find_if(branch.steps, predicate);
  return found == branch.steps.end() ? std::nullopt : std::optional(*found);
}

// `no tunnel mode`: a keyword must follow, yet only one command begins like this.
std::optional<std::uint32_t> only_command(const Walk& walk, const Branch& branch) {
  std::optional<std::uint32_t> only;
  for (const auto index : branch.steps) {
    const auto& step = walk.step(index);
    if (step.half || step.form == Form::plain || walk.node(index).hidden) continue;
    if (step.node == TokenGraph::no || step.node == TokenGraph::default_) continue;
    if (only && walk.node(*only).command != walk.node(index).command) return std::nullopt;
    if (!only) only = index;
  }
  return only && walk.node(*only).no_too_short ? std::nullopt : only;
}

}  // namespace

std::optional<std::uint32_t> find_end(const Walk& walk, const Branch& branch) {
  const auto complete = first_step(branch, [&](auto i) { return walk.node(i).last && !walk.step(i).half; });
  if (complete) return complete;
  const auto negated = first_step(branch, [&](auto i) {
    const auto& node = walk.node(i);
    return walk.step(i).form != Form::plain && node.before_capture && !node.no_too_short && !walk.step(i).half;
  });
  if (negated) return negated;
  return only_command(walk, branch);
}

MatchResult CommandTree::match(std::string_view line, unsigned privilege) const {
  const auto first = next_word(line, 0);
  if (!first || first->text.front() == '!') return Empty{};

  const Walk walk(graph_, privilege, line);
  if (walk.overflowed() || walk.branches().size() > 1) return Ambiguous{};
  if (walk.branches().empty()) return Invalid{walk.invalid_column()};
  const auto end = find_end(walk, walk.branches().front());
  if (!end) return Incomplete{};
  return Matched{walk.node(*end).command, walk.step(*end).form, walk.arguments(*end)};
}

}  // namespace culvert::parser
