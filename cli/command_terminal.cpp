#include "cli/command_terminal.h"

#include <cassert>
#include <utility>

#include "cli/session.h"

namespace culvert::cli {

CommandTerminal::CommandTerminal(Session& session)
    : session_(&session),
      privilege_(session.privilege_),
      width_(session.width_),
      user_(session.user()),
      line_name_(session.line_name()),
      kind_(session.kind_) {}

void CommandTerminal::write(std::string_view text) {
  if (session_ != nullptr) session_->write(text);
}

void CommandTerminal::ask(std::string prompt, bool echo, std::function<void(std::string)> answer) {
  if (session_ == nullptr || interrupted_) return answer({});
  const auto kind = prompt.ends_with("[confirm]") ? Prompt::Kind::confirm : Prompt::Kind::question;
  session_->question_ = Session::Question{{kind, std::move(prompt), echo, false}, std::move(answer), false};
  session_->show_question();
}

void CommandTerminal::greet(std::string text, std::function<void(std::string)> answer) {
  if (session_ == nullptr || interrupted_) return answer({});
  session_->question_ =
      Session::Question{{Prompt::Kind::greeting, std::move(text), true, false}, std::move(answer), false};
  session_->show_question();
}

void CommandTerminal::done() {
  if (session_ == nullptr) return;
  auto& session = *std::exchange(session_, nullptr);
  session.command_done_ = true;
  session.advance();
}

void CommandTerminal::on_interrupt(std::function<void()> handler) { on_interrupt_ = std::move(handler); }

void CommandTerminal::fail() {
  if (session_ != nullptr) session_->failed_ = true;
}

void CommandTerminal::set_user(const std::string& name) {
  user_ = name;
  if (session_ != nullptr) session_->visitor_.user = name;
}

void CommandTerminal::set_privilege(unsigned level) {
  if (session_ != nullptr) session_->privilege_ = level;
}

void CommandTerminal::set_length(std::uint16_t lines) {
  if (session_ != nullptr) session_->length_ = lines;
}

void CommandTerminal::set_width(std::uint16_t columns) {
  if (session_ == nullptr) return;
  session_->width_ = columns;
  session_->emit_(Width{columns});
}

void CommandTerminal::set_monitor(bool on) {
  if (session_ != nullptr) session_->monitor_ = on;
}

void CommandTerminal::configure() {
  if (session_ != nullptr) session_->configuration_.emplace();
}

void CommandTerminal::logout() {
  if (session_ != nullptr) session_->close(Close::Reason::logout);
}

std::deque<std::string> CommandTerminal::history() const {
  return session_ == nullptr ? std::deque<std::string>{} : session_->history_;
}

void CommandTerminal::interrupt() {
  interrupted_ = true;
  if (const auto handler = std::exchange(on_interrupt_, nullptr)) handler();
}

CommandTerminal& session_terminal(const std::shared_ptr<parser::Terminal>& terminal) {
  auto* ours = dynamic_cast<CommandTerminal*>(terminal.get());
  assert(ours != nullptr);
  return *ours;
}

}  // namespace culvert::cli
