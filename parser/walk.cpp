#include "parser/walk.h"

#include <algorithm>
#include <ranges>

#include "parser/characters.h"
#include "parser/interface_name.h"

namespace culvert::parser {
namespace {

// Bounds on the work that one line can ask for. A person's line has no more words than this, and a line with more
// readings is ambiguous whatever follows.
constexpr std::size_t words_max = 1000, branches_max = 32;

}  // namespace

std::optional<Word> next_word(std::string_view line, std::size_t from) {
  while (from < line.size() && blank(line[from])) ++from;
  if (from == line.size()) return std::nullopt;
  auto end = from;
  while (end < line.size() && !blank(line[end])) ++end;
  return Word{line.substr(from, end - from), from};
}

Walk::Walk(const TokenGraph& graph, unsigned privilege, std::string_view line)
    : graph_(graph),
      privilege_(privilege),
      line_(without_trailing_blanks(line)),
      steps_{Step{.node = TokenGraph::start, .before = 0, .column = 0, .size = 0, .form = Form::plain, .half = false}},
      branches_{Branch{.steps = {0}}},
      considered_(graph.size()) {
  const auto unfinished = [](const Branch& branch) { return !branch.finished; };
  std::size_t words = 0;
  for (auto word = next_word(line_, 0); word; word = next_word(line_, word->column + word->text.size())) {
    if (overflowed_ || std::ranges::none_of(branches_, unfinished)) return;
    if (++words > words_max) branches_.clear();  // and so this word is one too many
    take(*word);
  }
}

void Walk::take(Word word) {
  reach_ = 0;
  std::vector<Branch> next;
  for (auto& branch : branches_) {
    if (branch.finished)
      next.push_back(std::move(branch));
    else
      extend(branch, word, next);
  }
  if (next.empty()) invalid_column_ = word.column + reach_;
  overflowed_ = next.size() > branches_max;
  branches_ = std::move(next);
}

void Walk::extend(const Branch& branch, Word word, std::vector<Branch>& out) {
  collect(branch, word);
  settle();
  if (!candidates_.empty()) split(out);
}

void Walk::collect(const Branch& branch, Word word) {
  candidates_.clear();
  ++round_;
  for (const auto before : branch.steps) {
    if (steps_[before].half)
      consider(before, steps_[before].node, word);
    else
      for (const auto next : graph_[steps_[before].node].next) consider(before, next, word);
  }
}

// Paths that meet in one token go on as one: the preferred path, which comes first.
void Walk::consider(std::uint32_t before, TokenGraph::Index index, Word word) {
  const auto& node = graph_[index];
  if (node.privilege > privilege_ || considered_[index] == round_) return;
  const auto reading = read(node, word, steps_[before].half);
  if (reading.fit == Fit::none) return;
  considered_[index] = round_;
  const auto form = index == TokenGraph::no         ? Form::no
                    : index == TokenGraph::default_ ? Form::default_
                                                    : steps_[before].form;
  const auto size = reading.fit == Fit::line ? line_.size() - word.column : word.text.size();
  candidates_.push_back({{index, before, word.column, size, form, reading.half}, reading.fit});
}

Walk::Reading Walk::read(const TokenGraph::Node& node, Word word, bool after_half) {
  using Kind = TokenGraph::Kind;
  switch (node.kind) {
    case Kind::keyword:
    case Kind::full_keyword: return read_keyword(node, word.text);
    case Kind::interface: return read_interface(node, word.text, after_half);
    default: return read_value(node, word);
  }
}

Walk::Reading Walk::read_keyword(const TokenGraph::Node& node, std::string_view word) {
  if (lower(word.front()) != node.initial) return {};
  const auto shared = shared_prefix(word, node.token.keyword);
  if (!node.hidden) reach_ = std::max(reach_, shared);
  if (shared < word.size()) return {};
  if (shared == node.token.keyword.size()) return {.fit = Fit::full_keyword};
  if (node.kind == TokenGraph::Kind::full_keyword) return {};
  return {.fit = Fit::keyword};
}

Walk::Reading Walk::read_interface(const TokenGraph::Node&, std::string_view word, bool after_half) {
  const auto match = after_half ? match_interface_number(word) : match_interface(word);
  reach_ = std::max(reach_, match.accepted);
  if (match.canonical) return {.fit = Fit::value};
  if (!after_half && find_interface_kind(word)) return {.fit = Fit::value, .half = true};
  return {};
}

Walk::Reading Walk::read_value(const TokenGraph::Node& node, Word word) {
  using Kind = TokenGraph::Kind;
  const bool line = node.kind == Kind::line;
  const auto text = line ? line_.substr(word.column) : word.text;
  const auto match = match_value(node.token.type, text);
  // IOS marks a number that is out of range at its first digit.
  const bool out_of_range = node.kind == Kind::number && !match.canonical && std::ranges::all_of(word.text, digit);
  if (!out_of_range) reach_ = std::max(reach_, match.accepted);
  if (!match.canonical) return {};
  return {.fit = line ? Fit::line : node.kind == Kind::word ? Fit::word : Fit::value};
}

bool Walk::abbreviated_hidden(const Candidate& candidate) const {
  return candidate.fit == Fit::keyword && graph_[candidate.step.node].hidden;
}

// Keeps the candidates with the best reading. A hidden keyword may be abbreviated only where a visible command has the
// same keyword.
void Walk::settle() {
  auto best = Fit::none;
  for (const auto& candidate : candidates_)
    if (!abbreviated_hidden(candidate)) best = std::min(best, candidate.fit);
  std::erase_if(candidates_, [&](const auto& candidate) { return candidate.fit != best; });
}

void Walk::split(std::vector<Branch>& out) {
  if (candidates_.front().fit != Fit::keyword) {
    out.push_back(branch_of({}));
    return;
  }
  std::vector<std::string_view> keywords;
  for (const auto& candidate : candidates_) {
    const auto& node = graph_[candidate.step.node];
    if (!node.hidden && std::ranges::find(keywords, node.token.keyword) == keywords.end())
      keywords.push_back(node.token.keyword);
  }
  for (const auto keyword : keywords) out.push_back(branch_of(keyword));
}

// The candidates of one keyword, or all of them where none is named, become steps.
Branch Walk::branch_of(std::string_view keyword) {
  Branch branch;
  for (const auto& candidate : candidates_) {
    if (!keyword.empty() && graph_[candidate.step.node].token.keyword != keyword) continue;
    branch.steps.push_back(static_cast<std::uint32_t>(steps_.size()));
    branch.finished = candidate.fit == Fit::line;
    steps_.push_back(candidate.step);
  }
  return branch;
}

Arguments Walk::arguments(std::uint32_t last) const {
  std::vector<std::uint32_t> path;
  for (auto index = last; index != 0; index = steps_[index].before) path.push_back(index);
  Arguments arguments;
  for (const auto index : std::views::reverse(path)) capture(index, arguments);
  return arguments;
}

void Walk::capture(std::uint32_t index, Arguments& arguments) const {
  const auto& step = steps_[index];
  const auto& token = graph_[step.node].token;
  if (token.name.empty() || step.half) return;
  if (token.is_keyword) return arguments.add(token.name, token.keyword);
  auto typed = std::string(text(index));
  if (steps_[step.before].half) typed = std::string(text(step.before)) + " " + typed;
  arguments.add(token.name, *match_value(token.type, typed).canonical);
}

}  // namespace culvert::parser
