// The turns of a session: what comes in, in which order it is dealt with, and what is shown of it.
#include "cli/session.h"

#include <fmt/core.h>
#include <string.h>

#include <utility>

#include "cli/command_terminal.h"
#include "net/overloaded.h"

namespace culvert::cli {
namespace {

constexpr std::size_t hostname_size_in_configuration_max = 20;
constexpr std::uint16_t usual_length = 24;

}  // namespace

Session::Session(SessionHost& host, const Hello& hello, Emit emit)
    : host_(host),
      emit_(std::move(emit)),
      kind_(hello.kind),
      interactive_(hello.interactive),
      monitor_(hello.kind == LineKind::console),
      privilege_(hello.kind == LineKind::command ? 15 : 1),
      width_(hello.width),
      screen_height_(hello.height) {}

Session::~Session() { lost(); }

void Session::start() { advance(); }

void Session::receive(ClientFrame frame) {
  if (closed_) return;
  std::visit(net::overloaded{[](const Hello&) {}, [&](Line& line) { take(std::move(line)); },
                             [&](const Help& asked) {
                               if (!command_) show(help(asked.line));
                               emit_(Helped{});
                             },
                             [&](const Complete& asked) {
                               emit_(Completed{command_ ? std::string() : complete(asked.line).value_or("")});
                             },
                             [&](const Answer& answer) { take(answer); }, [&](const Interrupt&) { take_interrupt(); },
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

void Session::take(const Answer& answer) {
  if (pager_.waiting()) {
    more_shown_ = false;
    write_page(pager_.key(answer.text));
  } else if (question_) {
    const auto question = std::exchange(question_, std::nullopt);
    guarded([&] { question->answer(answer.text); });
  }
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
  host_.log(fmt::format("%SYS-5-CONFIG_I: Configured from console by {}", user()));
}

std::string Session::prompt() const {
  const auto name = host_.hostname();
  if (!configuration_) return name + (privilege_ > 1 ? "#" : ">");
  return fmt::format("{}({})#", name.substr(0, hostname_size_in_configuration_max),
                     host_.store.prompt(*configuration_));
}

std::string Session::user() const { return "console"; }

std::size_t Session::page_lines() const {
  if (!interactive_) return 0;
  return length_.value_or(screen_height_ == 0 ? usual_length : screen_height_);
}

}  // namespace culvert::cli
