// `| include REGEX` and its relatives: what stands behind a bar after a show command, applied to its output by lines.
//
// Several may follow one another. A bar belongs to the expression unless a space, a modifier and another space follow
// it, as in `show running-config | include ^ip route|^hostname`.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/command_tree.h"

namespace culvert::cli {

// A line split at its first bar that has space before it; nullopt where there is none.
struct PipedLine {
  std::string_view command;  // before the bar, trailing white space taken off
  std::string_view filters;  // after the bar
  std::size_t column;        // of the first character of `filters`
};
std::optional<PipedLine> split_pipe(std::string_view line);

// The grammar of one modifier, for `?`, Tab and errors.
const parser::CommandTree& filter_tree();

class OutputFilter {
 public:
  struct Refusal {
    std::variant<parser::MatchResult, std::string> why;  // a string is a whole message
    std::size_t column = 0;                              // where the line given to the tree began in `filters`
    std::string_view line;                               // that line
  };
  // Compiles what stands after the bar.
  static std::expected<OutputFilter, Refusal> parse(std::string_view filters);

  // Takes text as the command writes it, gives what is to be shown now.
  std::string feed(std::string_view text);
  // The command has ended.
  std::string finish();

  class Stage;
  OutputFilter(OutputFilter&&) noexcept;
  OutputFilter& operator=(OutputFilter&&) noexcept;
  ~OutputFilter();

 private:
  OutputFilter();
  std::string through(std::string line, std::size_t stage);

  std::vector<std::unique_ptr<Stage>> stages_;
  std::string partial_;  // a line whose end has not come
};

}  // namespace culvert::cli
