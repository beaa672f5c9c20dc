// The turns of a session: what comes in, in which order it is dealt with, and what is shown of it.
#include "cli/session.h"

#include <fmt/core.h>
#include <string.h>

#include <utility>

#include "cli/command_terminal.h"
#include "cli/entrance.h"
#include "config-store/database_error.h"
#include "net/overloaded.h"

namespace culvert::cli {
namespace {

constexpr std::size_t hostname_size_in_configuration_max = 20;
constexpr std::uint16_t usual_length = 24;

}  // namespace

Session::Session(SessionHost& host, const Hello& hello, Emit emit, Visitor visitor)
    : host_(host),
      emit_(std::move(emit)),
      kind_(visitor.user.empty() ? hello.kind : LineKind::ssh),
      visitor_(std::move(visitor)),
      last_input_(host.lines.now()),
      interactive_(hello.interactive),
      monitor_(kind_ == LineKind::console),
      privilege_(kind_ == LineKind::command ? 15 : 1),
      width_(hello.width),
      screen_height_(hello.height) {
  if (kind_ == LineKind::ssh) vty_ = host_.lines.free_vty(host_.store);
  host_.lines.add(*this);
}

Session::~Session() {
  lost();
  host_.lines.remove(*this);
}

// The way in is the first command.
void Session::start() {
  if (kind_ == LineKind::command) return advance();
  if (kind_ == LineKind::ssh && !vty_) {
    closed_ = true;
    return emit_(Close{Close::Reason::refused, 1, "no line is free"});
  }
  pager_.start(0);
  command_ = std::make_shared<CommandTerminal>(*this);
  guarded([this, command = command_] {
    come_in(host_,
            {.greets = kind_ == LineKind::console && interactive_,
             .logged_in = !visitor_.user.empty(),
             .shows_banner = interactive_,
             .line = line_settings()},
            command);
  });
  advance();
}

void Session::receive(ClientFrame frame) {
  if (closed_) return;
  last_input_ = host_.lines.now();
  std::visit(
      net::overloaded{[](const Hello&) {}, [](const Login&) {}, [&](Line& line) { take(std::move(line)); },
                      [&](const Help& asked) {
                        if (!command_) show(help(asked.line));
                        emit_(Helped{});
                      },
                      [&](const Complete& asked) {
                        emit_(Completed{command_ ? std::string() : complete(asked.line).value_or("")});
                      },
                      [&](Answer& answer) { take(std::move(answer)); }, [&](const Interrupt&) { take_interrupt(); },
                      [&](const Resize& size) {
                        width_ = size.width;
                        screen_height_ = size.height;
                        emit_(Width{width_});
                      }},
      frame);
}

void Session::take(Line line) {
  if (waiting_.size() == waiting_line_count_max || line.text.size() > line_size_max) {
    lost();
    return emit_(Close{Close::Reason::refused, 1, "more was typed than the router can hold"});
  }
  waiting_.push_back(std::move(line));
  advance();
}

void Session::take(Answer answer) {
  if (pager_.waiting()) {
    more_shown_ = false;
    write_page(pager_.key(answer.text));
  } else if (question_) {
    const auto question = std::exchange(question_, std::nullopt);
    guarded([&] { question->answer(answer.text); });
  }
  explicit_bzero(answer.text.data(), answer.text.size());  // it may be a password
  advance();
}

void Session::take_interrupt() {
  if (!command_) return;
  const auto command = command_;
  if (pager_.waiting()) pager_.quit();
  more_shown_ = false;
  command->interrupt();
  if (const auto question = std::exchange(question_, std::nullopt)) question->answer({});
  advance();
}

void Session::advance() {
  if (std::exchange(advancing_, true)) return;
  while (!closed_) {
    if (command_ && command_done_ && filter_) write_page(pager_.feed(std::exchange(filter_, std::nullopt)->finish()));
    if (command_ && (!command_done_ || pager_.waiting())) break;
    if (command_) end_line();
    if (!std::exchange(prompted_, true)) emit_(Prompt{Prompt::Kind::command, prompt(), true, failed_, secret_});
    if (waiting_.empty()) break;
    auto line = std::move(waiting_.front());
    waiting_.pop_front();
    prompted_ = false;
    failed_ = false;
    secret_ = false;
    control_z_ = line.control_z;
    execute(line);
    explicit_bzero(line.text.data(), line.text.size());  // there may be a key in it
    if (!command_) end_line();
  }
  advancing_ = false;
}

// After a line's command, if it had one, has ended.
void Session::end_line() {
  command_.reset();
  command_done_ = false;
  if (std::exchange(control_z_, false)) leave_configuration();
}

void Session::show_question() {
  if (!question_ || question_->shown || pager_.waiting()) return;
  question_->shown = true;
  emit_(question_->prompt);
}

void Session::write(std::string_view text) {
  if (closed_) return;
  write_page(pager_.feed(filter_ ? filter_->feed(text) : std::string(text)));
}

void Session::write_page(const std::string& text) {
  show(text);
  if (pager_.waiting() && !std::exchange(more_shown_, true)) {
    emit_(Prompt{Prompt::Kind::more, std::string(Pager::prompt), true, false});
  }
  show_question();
}

void Session::show(const std::string& text, bool error) {
  constexpr std::size_t output_size_max = 64 * 1024;
  if (closed_) return;
  for (std::size_t at = 0; at < text.size(); at += output_size_max) {
    emit_(Output{text.substr(at, output_size_max), error});
  }
}

void Session::announce(std::string_view text, Audience audience) {
  const bool meant = kind_ == LineKind::console ? audience.console : audience.monitor;
  if (interactive_ && monitor_ && meant) show(std::string(text));
}

void Session::close(Close::Reason reason) {
  if (closed_) return;
  leave_configuration();
  closed_ = true;
  emit_(Close{reason, 0, {}});
}

void Session::lost() {
  leave_configuration();
  closed_ = true;
  waiting_.clear();
  if (const auto command = std::exchange(command_, nullptr)) {
    command->detach();
    command->interrupt();
  }
  if (const auto question = std::exchange(question_, std::nullopt)) question->answer({});
}

void Session::leave_configuration() {
  if (!configuration_) return;
  configuration_.reset();
  host_.log(fmt::format("%SYS-5-CONFIG_I: Configured from console by {}", whereabouts()));
}

std::string Session::prompt() const {
  const auto name = host_.hostname();
  if (!configuration_) return name + (privilege_ > 1 ? "#" : ">");
  return fmt::format("{}({})#", name.substr(0, hostname_size_in_configuration_max),
                     host_.store.prompt(*configuration_));
}

std::string Session::user() const { return visitor_.user.empty() ? "console" : visitor_.user; }

std::string Session::line_name() const { return vty_ ? fmt::format("vty{}", *vty_) : "con0"; }

// "admin on vty0 (192.0.2.9)".
std::string Session::whereabouts() const {
  if (visitor_.user.empty()) return user();
  if (!vty_) return user() + " on console";
  return fmt::format("{} on {} ({})", user(), line_name(), visitor_.address);
}

LineSettings Session::line_settings() const {
  if (!vty_) return console_settings(host_.store);
  return vty_settings(host_.store, *vty_).value_or(VtyLines{});
}

LineRow Session::line_row(net::Time now) const {
  return {.number = vty_ ? Lines::first_vty + *vty_ : 0,
          .name = vty_ ? fmt::format("vty {}", *vty_) : "con 0",
          .user = visitor_.user,
          .address = visitor_.address,
          .cipher = visitor_.cipher,
          .mac = visitor_.mac,
          .busy = command_ && !question_,
          .idle = now - last_input_,
          .session = this};
}

// A command that runs keeps the session; one that asks does not. A console that waits for RETURN may wait for ever.
void Session::leave_if_idle(net::Time now) {
  if (kind_ == LineKind::command || closed_ || (command_ && !question_ && !pager_.waiting())) return;
  if (question_ && question_->prompt.kind == Prompt::Kind::greeting) return;
  if (now - last_input_ < std::chrono::seconds(1)) return;
  try {
    if (const auto limit = idle_limit(line_settings()); limit && now - last_input_ >= *limit) hang_up();
  } catch (const config::DatabaseError&) {
    return;  // what is the matter is told where somebody asks for the configuration
  }
}

std::size_t Session::page_lines() const {
  if (!interactive_) return 0;
  return length_.value_or(screen_height_ == 0 ? usual_length : screen_height_);
}

}  // namespace culvert::cli
