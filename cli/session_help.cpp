// `?` and Tab in every mode, behind `do` and behind a bar.
#include <algorithm>

#include "cli/session.h"

namespace culvert::cli {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

// A page and the empty line after it; a complaint stands alone.
std::string page(const parser::HelpResult& result, std::size_t width) {
  auto text = parser::help_text(result, width);
  const bool help =
      std::holds_alternative<parser::HelpRows>(result) || std::holds_alternative<parser::HelpWords>(result);
  return help && !text.ends_with("\n\n") ? text + "\n" : text;
}

void add_row(parser::HelpResult& result, parser::HelpRow row) {
  if (!std::holds_alternative<parser::HelpRows>(result)) return;
  auto& rows = std::get<parser::HelpRows>(result).rows;
  const auto is_keyword = [](const parser::HelpRow& r) { return !r.word.empty() && (r.word.front() | 0x20) >= 'a'; };
  const auto comes_after = [&](const parser::HelpRow& r) {
    return r.word == "<cr>" || (row.word != "|" && is_keyword(r) && r.word > row.word);
  };
  rows.insert(std::ranges::find_if(rows, comes_after), std::move(row));
}

bool offers_end(const parser::HelpResult& result) {
  const auto* rows = std::get_if<parser::HelpRows>(&result);
  return rows != nullptr && std::ranges::any_of(rows->rows, [](const auto& row) { return row.word == "<cr>"; });
}

}  // namespace

std::string Session::help(std::string_view line) const {
  if (!configuration_) return help_exec(line);
  if (const auto prefix = exec_prefix(line)) return help_exec(line.substr(*prefix));
  if (is_exec_in_configuration(line)) return help_exec(line);
  const auto& mode = host_.store.registry().mode(configuration_->mode());
  auto result = mode.tree.help(line, privilege_);
  if (!is_blank(line)) return page(result, width_);
  add_row(result, {"do", "To run exec commands in config mode"});
  const bool global = configuration_->mode() == config::Registry::global;
  return (global ? "Configure commands:" : mode.definition.title) + "\n" + page(result, width_);
}

std::string Session::help_exec(std::string_view line) const {
  const auto& tree = host_.exec.tree();
  if (const auto piped = split_pipe(line)) {
    if (can_be_filtered(tree.match(piped->command, privilege_)))
      return page(filter_tree().help(piped->filters), width_);
  }
  auto result = tree.help(line, privilege_);
  if (is_blank(line)) return "Exec commands:\n" + page(result, width_);
  if (offers_end(result) && can_be_filtered(tree.match(line, privilege_))) add_row(result, {"|", "Output modifiers"});
  return page(result, width_);
}

std::optional<std::string> Session::complete(std::string_view line) const {
  if (!configuration_) return complete_exec(line);
  if (is_exec_in_configuration(line)) return complete_exec(line);
  const auto prefix = exec_prefix(line);
  if (!prefix) return host_.store.registry().tree(configuration_->mode()).complete(line, privilege_);
  auto completed = complete_exec(line.substr(*prefix));
  if (completed) completed->insert(0, line.substr(0, *prefix));
  return completed;
}

std::optional<std::string> Session::complete_exec(std::string_view line) const {
  const auto& tree = host_.exec.tree();
  const auto piped = split_pipe(line);
  if (!piped || !can_be_filtered(tree.match(piped->command, privilege_))) return tree.complete(line, privilege_);
  auto completed = filter_tree().complete(piped->filters);
  if (completed) completed->insert(0, line.substr(0, piped->column));
  return completed;
}

}  // namespace culvert::cli
