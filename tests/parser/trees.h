// Command trees as the tests write them: one specification a line.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "parser/command_tree.h"

namespace culvert::parser {

inline Spec compiled(std::string_view text, std::vector<std::string> help = {}) {
  auto spec = Spec::compile(text, std::move(help));
  if (!spec) ADD_FAILURE() << spec.error();
  return spec.value();
}

inline CommandTree tree_of(std::initializer_list<const char*> specs, const CommandOptions& options = {}) {
  CommandTree tree;
  CommandId id = 0;
  for (const auto* spec : specs) tree.add(id++, compiled(spec), options);
  return tree;
}

inline std::string shown(const Arguments& arguments) {
  std::string text;
  for (const auto& [name, value] : arguments.all()) text += " " + name + "=" + value;
  return text;
}

// "2 no name=x", "incomplete", "ambiguous", "invalid 7", "empty".
inline std::string shown(const MatchResult& result) {
  if (const auto* invalid = std::get_if<Invalid>(&result)) return "invalid " + std::to_string(invalid->column);
  if (std::holds_alternative<Incomplete>(result)) return "incomplete";
  if (std::holds_alternative<Ambiguous>(result)) return "ambiguous";
  if (std::holds_alternative<Empty>(result)) return "empty";
  const auto& matched = std::get<Matched>(result);
  const auto* form = matched.form == Form::plain ? "" : matched.form == Form::no ? " no" : " default";
  return std::to_string(matched.command) + form + shown(matched.arguments);
}

}  // namespace culvert::parser
