#include "config-store/spec_shape.h"

#include <algorithm>

namespace culvert::config {
namespace {

using parser::SpecNode;

void collect(const SpecNode& node, bool repeated, std::vector<Capture>& all) {
  repeated = repeated || node.repeated;
  for (const auto& child : node.children) collect(child, repeated, all);
  if (node.kind != SpecNode::Kind::token || node.token.name.empty()) return;
  auto found = std::ranges::find(all, node.token.name, &Capture::name);
  if (found == all.end()) found = all.insert(all.end(), Capture{.name = node.token.name});
  found->integer = found->integer && !node.token.is_keyword && node.token.type.name == "u32";
  found->repeated = found->repeated || repeated;
}

bool silent(const SpecNode& node) {
  switch (node.kind) {
    case SpecNode::Kind::token: return node.token.name.empty();
    case SpecNode::Kind::sequence: return std::ranges::all_of(node.children, silent);
    case SpecNode::Kind::choice: return std::ranges::any_of(node.children, silent);
    case SpecNode::Kind::optional: return true;
  }
  return true;
}

bool is_plain_keyword(const SpecNode& node) {
  return node.kind == SpecNode::Kind::token && node.token.is_keyword && node.token.name.empty() && !node.repeated;
}

}  // namespace

std::vector<Capture> captures(const parser::Spec& spec) {
  std::vector<Capture> all;
  collect(spec.root(), false, all);
  for (auto& capture : all) capture.integer = capture.integer && !capture.repeated;
  return all;
}

bool may_capture_nothing(const parser::Spec& spec) { return silent(spec.root()); }

std::vector<std::string> leading_keywords(const parser::Spec& spec) {
  const auto& root = spec.root();
  if (root.kind == SpecNode::Kind::token)
    return is_plain_keyword(root) ? std::vector{root.token.keyword} : std::vector<std::string>{};
  std::vector<std::string> words;
  if (root.kind != SpecNode::Kind::sequence) return words;
  for (const auto& child : root.children) {
    if (!is_plain_keyword(child)) break;
    words.push_back(child.token.keyword);
  }
  return words;
}

}  // namespace culvert::config
