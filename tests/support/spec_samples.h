// Lines that a specification accepts: every alternative once, every value type with several values.
//
// Not every combination: a sequence takes its parts side by side, the shorter lists of samples repeating.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "parser/spec.h"

namespace culvert::testing {

struct SampleWord {
  const parser::Token* token;
  std::string text;  // a value of type `line` may hold spaces
};
using SampleLine = std::vector<SampleWord>;

inline std::string line_text(const SampleLine& line, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + line[i].text;
  return text;
}
inline std::string line_text(const SampleLine& line) { return line_text(line, line.size()); }

inline std::vector<std::string> number_samples(const std::string& range) {
  const auto dash = range.find('-');
  if (dash == std::string::npos) return {"0", "1", "4294967295"};
  const auto low = std::stoull(range.substr(0, dash)), high = std::stoull(range.substr(dash + 1));
  return {std::to_string(low), std::to_string((low + high) / 2), std::to_string(high)};
}

inline std::vector<std::string> value_samples(const parser::ValueType& type) {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> samples{
      {"word", {"alpha", "Beta-2", "x.y/z"}},
      {"line", {"some text", "one", "two  spaces!"}},
      {"ipv4", {"10.1.2.3", "192.0.2.77", "198.51.100.1"}},
      {"mask", {"255.255.255.0", "255.255.255.255", "255.0.0.0"}},
      {"wildcard", {"0.0.0.255", "0.0.255.255", "255.255.255.255"}},
      {"prefix", {"10.1.0.0/16", "192.0.2.0/24", "0.0.0.0/0"}},
      {"interface", {"Loopback7", "Tunnel3", "GigabitEthernet0/0"}},
      {"hex", {"0a1b", "ff", "00"}},
      {"time", {"01:02:03", "23:59:59", "00:00:00"}}};
  if (type.name == "u32") return number_samples(type.argument);
  const auto found = std::ranges::find(samples, type.name, [](const auto& sample) { return sample.first; });
  return found == samples.end() ? std::vector<std::string>{} : found->second;
}

inline std::vector<SampleLine> samples(const parser::SpecNode& node);

inline void append(SampleLine& line, const SampleLine& more) { line.insert(line.end(), more.begin(), more.end()); }

inline std::vector<SampleLine> side_by_side(const std::vector<parser::SpecNode>& parts) {
  std::vector<std::vector<SampleLine>> each;
  std::size_t count = 0;
  for (const auto& part : parts) count = std::max(count, each.emplace_back(samples(part)).size());
  std::vector<SampleLine> lines(count);
  for (std::size_t i = 0; i < count; ++i)
    for (const auto& part : each) append(lines[i], part[i % part.size()]);
  return lines;
}

inline std::vector<SampleLine> token_samples(const parser::Token& token) {
  if (token.is_keyword) return {{{&token, token.keyword}}};
  std::vector<SampleLine> lines;
  for (auto& text : value_samples(token.type)) lines.push_back({{&token, std::move(text)}});
  return lines;
}

// One of each, then two in either order.
inline void repeat(std::vector<SampleLine>& lines) {
  if (lines.size() < 2) return;
  const auto first = lines.front(), last = lines.back();
  append(lines.emplace_back(first), last);
  append(lines.emplace_back(last), first);
}

inline std::vector<SampleLine> samples(const parser::SpecNode& node) {
  using Kind = parser::SpecNode::Kind;
  std::vector<SampleLine> lines;
  switch (node.kind) {
    case Kind::token: lines = token_samples(node.token); break;
    case Kind::sequence: lines = side_by_side(node.children); break;
    case Kind::optional:
      lines = samples(node.children.front());
      lines.emplace_back();
      break;
    case Kind::choice:
      for (const auto& child : node.children)
        for (auto& line : samples(child)) lines.push_back(std::move(line));
      break;
  }
  if (node.repeated) repeat(lines);
  return lines;
}
inline std::vector<SampleLine> samples(const parser::Spec& spec) { return samples(spec.root()); }

}  // namespace culvert::testing
