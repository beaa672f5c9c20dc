// What a line means in the mode that the session is in.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/command_terminal.h"
#include "cli/session.h"
#include "config-store/database_error.h"

namespace culvert::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_one_word(std::string_view line) { return trimmed(line).find_first_of(" \t") == std::string_view::npos; }

// The command whose subcommands a bare word such as `show` or `cle` asks for.
std::optional<std::string> bare_group(const parser::CommandTree& tree, std::string_view line, unsigned privilege) {
  static constexpr std::array groups{"show", "clear", "debug", "undebug", "crypto"};
  if (!is_one_word(line)) return std::nullopt;
  auto word = tree.complete(trimmed(line), privilege).value_or(std::string(trimmed(line)));
  word = trimmed(word);
  if (std::ranges::find(groups, word) == groups.end()) return std::nullopt;
  return word;
}

}  // namespace

std::optional<std::size_t> exec_prefix(std::string_view line) {
  const auto word = line.find_first_not_of(" \t");
  if (word == std::string_view::npos || word + 2 >= line.size()) return std::nullopt;
  const bool is_do = (line[word] | 0x20) == 'd' && (line[word + 1] | 0x20) == 'o';
  if (!is_do || (line[word + 2] != ' ' && line[word + 2] != '\t')) return std::nullopt;
  const auto rest = line.find_first_not_of(" \t", word + 2);
  return rest == std::string_view::npos ? line.size() : rest;
}

void Session::execute(const Line& line) {
  secret_ = configuration_ && host_.store.holds_secret(*configuration_, line.text);
  if (!trimmed(line.text).empty() && !secret_) {
    history_.emplace_back(trimmed(line.text));
    if (history_.size() > history_size) history_.pop_front();
  }
  if (!configuration_) return execute_exec(line.text, 0);
  if (const auto prefix = exec_prefix(line.text)) {
    return execute_exec(std::string_view(line.text).substr(*prefix), *prefix);
  }
  execute_configuration(line.text);
}

// `crypto key ...` does something and configures nothing; IOS takes it in configuration mode all the same.
bool Session::is_exec_in_configuration(std::string_view line) const {
  if (configuration_->mode() != config::Registry::global) return false;
  const auto first = line.find_first_not_of(" \t");
  const auto word = line.substr(std::min(first, line.size()));
  const auto end = word.find(' ');
  if (end == std::string_view::npos || !std::string_view("crypto").starts_with(word.substr(0, end))) return false;
  const auto second = word.substr(std::min(word.find_first_not_of(' ', end), word.size()));
  return second.starts_with("key") && (second.size() == 3 || second[3] == ' ');
}

// `column` is where `line` begins in what was typed.
void Session::execute_exec(std::string_view line, std::size_t column) {
  const auto piped = split_pipe(line);
  if (piped) {
    const auto result = host_.exec.tree().match(piped->command, privilege_);
    if (can_be_filtered(result)) {
      auto filter = OutputFilter::parse(piped->filters);
      if (filter) return run(std::get<parser::Matched>(result), std::move(*filter));
      const auto& refusal = filter.error();
      if (const auto* text = std::get_if<std::string>(&refusal.why)) return refuse(*text);
      return refuse_exec(std::get<parser::MatchResult>(refusal.why), line, column + piped->column + refusal.column);
    }
  }
  const auto result = host_.exec.tree().match(line, privilege_);
  if (const auto* matched = std::get_if<parser::Matched>(&result)) return run(*matched, std::nullopt);
  if (!std::holds_alternative<parser::Empty>(result)) refuse_exec(result, line, column);
}

bool Session::can_be_filtered(const parser::MatchResult& result) const {
  const auto* matched = std::get_if<parser::Matched>(&result);
  if (matched == nullptr) return false;
  const std::string_view spec = host_.exec[matched->command].spec;
  return spec.starts_with("show ") || spec.starts_with("more ");
}

void Session::run(const parser::Matched& matched, std::optional<OutputFilter> filter) {
  filter_ = std::move(filter);
  pager_.start(page_lines());
  more_shown_ = false;
  command_ = std::make_shared<CommandTerminal>(*this);
  const auto command = command_;  // it may end the session
  guarded([&] { host_.exec[matched.command].run(matched.arguments, command); });
}

void Session::guarded(const std::function<void()>& act) {
  const auto command = command_;
  try {
    act();
  } catch (const config::DatabaseError& error) {
    const auto text = fmt::format("% The running configuration cannot be read: {}", error.what());
    host_.log("%SYS-2-RUNNING_DB: " + text.substr(2));
    if (!command) return;
    command->write(text + "\n");
    command->fail();
    command->done();
  }
}

void Session::execute_configuration(std::string_view line) {
  if (is_exec_in_configuration(line)) return execute_exec(line, 0);
  const auto begun = config::LongCommand::begin(line);
  if (!begun) return configure(line);
  if (begun->done()) return configure(begun->line());
  show(fmt::format("Enter TEXT message.  End with the character '{}'.\n", begun->typed_delimiter()));
  pager_.start(0);
  command_ = std::make_shared<CommandTerminal>(*this);
  collect(*begun, command_);
}

// The lines of a long command, asked for without a prompt.
void Session::collect(config::LongCommand command, const std::shared_ptr<CommandTerminal>& terminal) {
  terminal->ask({}, true, [this, command = std::move(command), terminal](const std::string& line) mutable {
    if (terminal->interrupted()) return terminal->done();
    command.add(line);
    if (!command.done()) return collect(std::move(command), terminal);
    configure(command.line());
    terminal->done();
  });
}

void Session::configure(std::string_view line) {
  const auto prompt_width = prompt().size();
  const auto outcome = host_.store.execute(*configuration_, line, privilege_);
  for (const auto& notice : outcome.notices) show(notice + "\n");
  using Kind = config::Outcome::Kind;
  if (outcome.kind == Kind::mistaken) refuse(parser::error_text(outcome.mistake, line, prompt_width));
  if (outcome.kind == Kind::refused) refuse(outcome.refusal.text + "\n");
  if (outcome.kind == Kind::ended) leave_configuration();
}

void Session::refuse(std::string_view text) {
  failed_ = true;
  show(std::string(text), true);
}

void Session::refuse_exec(const parser::MatchResult& result, std::string_view line, std::size_t column) {
  if (std::holds_alternative<parser::Incomplete>(result)) {
    if (const auto group = bare_group(host_.exec.tree(), line, privilege_)) {
      return refuse(fmt::format("% Type \"{} ?\" for a list of subcommands\n", *group));
    }
  }
  if (std::holds_alternative<parser::Invalid>(result) && is_one_word(line)) {
    return refuse(
        "% Bad IP address or host name% Unknown command or computer name, or unable to find computer "
        "address\n");
  }
  refuse(parser::error_text(result, line, prompt().size() + column));
}

}  // namespace culvert::cli
