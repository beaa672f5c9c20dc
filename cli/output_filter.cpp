#include "cli/output_filter.h"

#include <fmt/core.h>

#include <array>
#include <regex>
#include <utility>

namespace culvert::cli {
namespace {

constexpr std::size_t expression_size_max = 256;
constexpr std::size_t searched_size_max = 1024;  // of one line; what lies beyond is not searched
constexpr std::size_t stage_count_max = 4;

enum class Modifier : parser::CommandId { begin, count, exclude, include, section };

struct ModifierText {
  const char* spec;
  const char* help;
};
constexpr std::array modifiers{
    ModifierText{"begin <expression:line>", "Begin with the line that matches"},
    ModifierText{"count <expression:line>", "Count number of lines which match regexp"},
    ModifierText{"exclude <expression:line>", "Exclude lines that match"},
    ModifierText{"include <expression:line>", "Include lines that match"},
    ModifierText{"section <expression:line>", "Filter a section of output"},
};

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t indent(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// Where the next modifier's bar stands, or npos: " | WORD " with WORD the beginning of a modifier.
std::size_t next_bar(std::string_view filters) {
  for (auto at = filters.find(" | "); at != std::string_view::npos; at = filters.find(" | ", at + 1)) {
    if (std::holds_alternative<parser::Matched>(filter_tree().match(filters.substr(at + 3)))) return at + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<PipedLine> split_pipe(std::string_view line) {
  for (auto at = line.find('|'); at != std::string_view::npos; at = line.find('|', at + 1)) {
    if (at == 0 || !is_space(line[at - 1])) continue;
    auto command = line.substr(0, at);
    while (!command.empty() && is_space(command.back())) command.remove_suffix(1);
    return PipedLine{command, line.substr(at + 1), at + 1};
  }
  return std::nullopt;
}

const parser::CommandTree& filter_tree() {
  static const auto tree = [] {
    parser::CommandTree built;
    for (parser::CommandId id = 0; id < modifiers.size(); ++id) {
      built.add(id, *parser::Spec::compile(modifiers[id].spec, {modifiers[id].help, "Regular Expression"}));
    }
    return built;
  }();
  return tree;
}

// One modifier at work.
class OutputFilter::Stage {
 public:
  Stage(Modifier modifier, std::regex expression) : modifier_(modifier), expression_(std::move(expression)) {}

  // Whether this line goes on to the next stage.
  bool passes(std::string_view line) {
    if (modifier_ == Modifier::begin && begun_) return true;
    if (modifier_ == Modifier::section && begun_ && indent(line) > section_indent_ && !line.empty()) return true;
    const bool found = matches(line);
    matched_ += found ? 1 : 0;
    begun_ = found;
    section_indent_ = indent(line);
    return modifier_ != Modifier::count && found != (modifier_ == Modifier::exclude);
  }
  std::optional<std::string> last_line() const {
    if (modifier_ != Modifier::count) return std::nullopt;
    return fmt::format("Number of lines which match regexp = {}", matched_);
  }

 private:
  bool matches(std::string_view line) const {
    line = line.substr(0, searched_size_max);
    return std::regex_search(line.begin(), line.end(), expression_);
  }

  Modifier modifier_;
  std::regex expression_;
  std::size_t matched_ = 0;
  bool begun_ = false;
  std::size_t section_indent_ = 0;
};

OutputFilter::OutputFilter() = default;
OutputFilter::OutputFilter(OutputFilter&&) noexcept = default;
OutputFilter& OutputFilter::operator=(OutputFilter&&) noexcept = default;
OutputFilter::~OutputFilter() = default;

std::expected<OutputFilter, OutputFilter::Refusal> OutputFilter::parse(std::string_view filters) {
  OutputFilter filter;
  std::size_t column = 0;
  while (true) {
    const auto bar = next_bar(filters.substr(column));
    const auto line = filters.substr(column, bar == std::string_view::npos ? bar : bar - 1);
    const auto matched = filter_tree().match(line);
    const auto* found = std::get_if<parser::Matched>(&matched);
    if (found == nullptr) {
      const bool nothing = std::holds_alternative<parser::Empty>(matched);
      return std::unexpected(Refusal{nothing ? parser::MatchResult(parser::Incomplete{}) : matched, column, line});
    }
    const auto text = trimmed(found->arguments["expression"]);
    if (text.size() > expression_size_max || filter.stages_.size() == stage_count_max) {
      return std::unexpected(Refusal{std::string("% The expression is too long\n\n"), column, line});
    }
    try {
      // __polynomial: no backtracking, so no expression can hold up the router.
      filter.stages_.push_back(std::make_unique<Stage>(
          static_cast<Modifier>(found->command),
          std::regex(text.begin(), text.end(), std::regex::ECMAScript | std::regex_constants::__polynomial)));
    } catch (const std::regex_error&) {
      return std::unexpected(Refusal{std::string("% Failed to compile regular expression\n\n"), column, line});
    }
    if (bar == std::string_view::npos) return filter;
    column += bar + 1;
  }
}

std::string OutputFilter::through(std::string line, std::size_t stage) {
  for (; stage < stages_.size(); ++stage) {
    if (!stages_[stage]->passes(line)) return {};
  }
  return line + "\n";
}

std::string OutputFilter::feed(std::string_view text) {
  std::string shown;
  partial_ += text;
  std::size_t start = 0;
  for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n', start)) {
    shown += through(partial_.substr(start, end - start), 0);
    start = end + 1;
  }
  partial_.erase(0, start);
  return shown;
}

std::string OutputFilter::finish() {
  std::string shown;
  if (!partial_.empty()) shown = through(std::exchange(partial_, {}), 0);
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    if (auto line = stages_[stage]->last_line()) shown += through(*std::move(line), stage + 1);
  }
  return shown;
}

}  // namespace culvert::cli
