#include "parser/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "parser/automaton.h"
#include "parser/spec_grammar.h"

namespace culvert::parser {
namespace {

void collect_tokens(SpecNode& node, std::vector<Token*>& tokens) {
  if (node.kind == SpecNode::Kind::token) tokens.push_back(&node.token);
  for (auto& child : node.children) collect_tokens(child, tokens);
}

// What is wrong with the specification beyond its grammar; empty if nothing.
std::string fault(const Automaton& automaton) {
  if (automaton.nullable) return "the whole specification is optional";
  if (automaton.empty_alternative) return "an alternative may be empty: make the choice optional instead";
  for (std::size_t i = 0; i < automaton.tokens.size(); ++i) {
    const auto& token = *automaton.tokens[i];
    if (token.is_keyword) continue;
    if (!valid(token.type)) return fmt::format("<{}:{}> has no such type or range", token.name, token.type.name);
    if (token.type.name == "line" && !automaton.follow[i].empty()) return "something follows a line value";
  }
  return {};
}

}  // namespace

const std::string* Arguments::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Argument::name);
  return found == all_.end() ? nullptr : &found->text;
}

const std::string& Arguments::operator[](std::string_view name) const {
  const auto* found = find(name);
  assert(found);
  return *found;
}

std::vector<std::string> Arguments::every(std::string_view name) const {
  std::vector<std::string> texts;
  for (const auto& argument : all_)
    if (argument.name == name) texts.push_back(argument.text);
  return texts;
}

std::expected<Spec, std::string> Spec::compile(std::string_view text, std::vector<std::string> help) {
  const auto refused = [&](std::string_view why) { return std::unexpected(fmt::format("\"{}\": {}", text, why)); };
  auto root = parse_spec(text);
  if (!root) return refused(root.error());

  std::vector<Token*> tokens;
  collect_tokens(*root, tokens);
  if (help.size() > tokens.size()) return refused("more help texts than tokens");
  for (std::size_t i = 0; i < help.size(); ++i) tokens[i]->help = std::move(help[i]);

  Spec spec;
  spec.text_ = text;
  spec.root_ = std::make_shared<const SpecNode>(std::move(*root));
  spec.automaton_ = std::make_shared<const Automaton>(make_automaton(*spec.root_));
  if (const auto why = fault(*spec.automaton_); !why.empty()) return refused(why);
  return spec;
}

std::vector<const Token*> Spec::tokens() const { return automaton_->tokens; }

}  // namespace culvert::parser
