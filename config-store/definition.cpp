#include "config-store/definition.h"

#include <cstdlib>

#include <fmt/format.h>

#include "config-store/spec_shape.h"

namespace culvert::config {
namespace detail {

parser::Spec compiled(const std::string& text, const std::vector<std::string>& help) {
  auto spec = parser::Spec::compile(text, help);
  if (!spec) {
    fmt::print(stderr, "the specification \"{}\" is wrong: {}\n", text, spec.error());
    std::abort();
  }
  return *std::move(spec);
}

std::string only_capture(const parser::Spec& spec) {
  const auto all = captures(spec);
  return all.size() == 1 ? all.front().name : "";
}

std::vector<std::string> capture_names(const parser::Spec& spec) {
  std::vector<std::string> names;
  for (auto& capture : captures(spec)) names.push_back(std::move(capture.name));
  return names;
}

std::string mode_name(const std::string& parent, const parser::Spec& enter) {
  const auto own = fmt::format("{}", fmt::join(leading_keywords(enter), " "));
  return parent == "global" ? own : parent + " " + own;
}

std::string table_name(const std::string& mode) {
  auto name = mode;
  for (auto& c : name)
    if (c == ' ' || c == '-') c = '_';
  return name;
}

}  // namespace detail

LeafDefinition refuse(const std::string& spec, RefuseOptions options) {
  LeafDefinition leaf;
  leaf.kind = LeafKind::refused;
  leaf.spec = detail::compiled(spec, options.help);
  leaf.refusal = std::move(options.text);
  leaf.privilege = options.privilege;
  leaf.hidden = options.hidden;
  return leaf;
}

LeafDefinition macro(const std::string& spec, MacroOptions options) {
  LeafDefinition leaf;
  leaf.kind = LeafKind::macro;
  leaf.spec = detail::compiled(spec, options.help);
  leaf.expand = std::move(options.expand);
  leaf.synopsis = std::move(options.synopsis);
  leaf.privilege = options.privilege;
  return leaf;
}

}  // namespace culvert::config
