#include "parser/token_graph.h"

#include <algorithm>
#include <cassert>

#include "parser/automaton.h"
#include "parser/characters.h"

namespace culvert::parser {
namespace {

using Kind = TokenGraph::Kind;

Kind kind_of(const Token& token) {
  if (token.is_keyword) return Kind::keyword;
  if (token.type.name == "u32") return Kind::number;
  if (token.type.name == "interface") return Kind::interface;
  if (token.type.name == "word") return Kind::word;
  if (token.type.name == "line") return Kind::line;
  return Kind::value;
}

// The first token behind which `no` may stop.
std::size_t first_end_of_no(const Automaton& automaton, const std::string& capture) {
  if (capture.empty()) return 0;
  const auto found = std::ranges::find_if(automaton.tokens, [&](const Token* t) { return t->name == capture; });
  assert(found != automaton.tokens.end());
  return static_cast<std::size_t>(found - automaton.tokens.begin());
}

TokenGraph::Node negation(Kind kind, std::string keyword, std::string help) {
  TokenGraph::Node node;
  node.kind = kind;
  node.initial = keyword.front();
  node.token.is_keyword = true;
  node.token.keyword = std::move(keyword);
  node.token.help = std::move(help);
  return node;
}

}  // namespace

TokenGraph::TokenGraph()
    : nodes_{Node{}, negation(Kind::full_keyword, "no", "Negate a command or set its defaults"),
             negation(Kind::keyword, "default", "Set a command to its defaults")} {}

void TokenGraph::add(CommandId id, const Spec& spec, const CommandOptions& options) {
  const auto& automaton = spec.automaton();
  const auto base = static_cast<Index>(nodes_.size());
  const auto no_end = first_end_of_no(automaton, options.no_until);
  for (std::size_t i = 0; i < automaton.tokens.size(); ++i) {
    const auto& token = *automaton.tokens[i];
    Node node{.kind = kind_of(token),
              .initial = token.is_keyword ? lower(token.keyword.front()) : '\0',
              .hidden = options.hidden,
              .last = automaton.last[i],
              .before_capture = automaton.before_capture(i),
              .no_too_short = i < no_end,
              .privilege = options.privilege,
              .command = id,
              .next = {},
              .token = token};
    for (const auto follower : automaton.follow[i]) node.next.push_back(base + static_cast<Index>(follower));
    nodes_.push_back(std::move(node));
  }
  if (options.negatable) offer_negation(options);
  for (const auto first : automaton.first) begin_lines_with(base + static_cast<Index>(first), options);
}

// `no` and `default` stay last: a command that itself begins with such a word comes first.
void TokenGraph::begin_lines_with(Index node, const CommandOptions& options) {
  auto& firsts = nodes_[start].next;
  const bool negations = !firsts.empty() && firsts.back() == default_;
  firsts.insert(firsts.end() - (negations ? 2 : 0), node);
  if (!options.negatable) return;
  nodes_[no].next.push_back(node);
  nodes_[default_].next.push_back(node);
}

// The two are there for whoever may use at least one command under them.
void TokenGraph::offer_negation(const CommandOptions& options) {
  if (nodes_[no].next.empty()) nodes_[start].next.insert(nodes_[start].next.end(), {no, default_});
  for (const auto word : {no, default_}) {
    nodes_[word].hidden = nodes_[word].hidden && options.hidden;
    nodes_[word].privilege = std::min(nodes_[word].privilege, options.privilege);
  }
}

}  // namespace culvert::parser
