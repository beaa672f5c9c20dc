#include "cli/console.h"

#include <fmt/core.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "net/overloaded.h"

namespace culvert::cli {
namespace {

constexpr unsigned char control_c = 0x03, control_shift_6 = 0x1e;
constexpr std::size_t typed_ahead_size_max = 1 << 20;
constexpr std::size_t history_size_max = 20;
constexpr int reload_wait_s = 120;

// What can be sent of a line; the session refuses what is that long.
std::string sendable(std::wstring_view line) { return to_utf8(line).substr(0, typed_size_max); }

bool is_interrupt(unsigned octet) { return octet == control_c || octet == control_shift_6; }

}  // namespace

Console::Console(RouterConnection router, ConsoleOptions options, int tty)
    : router_(std::move(router)), options_(std::move(options)), tty_descriptor_(tty), tty_(tty), editor_(tty, [this] {
        return next_character();
      }) {
  tty_.make_raw();
}

int Console::run() {
  while (true) {
    hello();
    while (!close_ && !hung_up_) {
      if (prompt_)
        serve_prompt();
      else
        pump();
    }
    if (const auto status = ended()) return *status;
  }
}

void Console::hello() {
  const auto size = tty_.size();
  display_.set_width(size.columns);
  router_.send(Hello{protocol_version, LineKind::console, size.columns, size.lines, true});
}

// Waits for RETURN, as a console does that nobody has used yet.
void Console::greet() {
  if (options_.banner) {
    write_text(prompt_->text);
    while (const auto character = next_character()) {
      if (*character == L'\r' || *character == L'\n') break;
    }
    write_text("\n");
  }
  prompt_.reset();
  router_.send(Answer{});
}

void Console::serve_prompt() {
  if (prompt_->kind == Prompt::Kind::greeting)
    greet();
  else if (prompt_->kind == Prompt::Kind::confirm || prompt_->kind == Prompt::Kind::more)
    serve_key();
  else
    serve_line();
}

void Console::serve_line() {
  editor_.set({});
  history_at_ = history_.size();
  write(display_.begin(prompt_->text));
  prompt_shown_ = true;
  while (prompt_ && !close_ && !hung_up_) act(editor_.read());
  prompt_shown_ = false;
}

void Console::serve_key() {
  write(prompt_->text);
  const auto key = next_character();
  if (!key || !prompt_) return;
  const bool more = prompt_->kind == Prompt::Kind::more;
  const auto width = prompt_->text.size();
  prompt_.reset();
  if (more) {
    write(std::string(width, '\b') + std::string(width, ' ') + std::string(width, '\b'));
  } else {
    write_text(*key > L' ' ? to_utf8({&*key, 1}) + "\n" : "\n");
  }
  if (is_interrupt(static_cast<unsigned>(*key)))
    router_.send(Interrupt{});
  else
    router_.send(Answer{*key == L'\r' || *key == L'\n' ? std::string() : to_utf8({&*key, 1})});
}

void Console::act(LineEditor::Key key) {
  using Key = LineEditor::Key;
  switch (key) {
    case Key::edited: return show_line();
    case Key::refused: write("\a"); return show_line();
    case Key::enter: return enter(false);
    case Key::control_z: return is_command() ? enter(true) : abort_line();
    case Key::interrupt: return abort_line();
    case Key::help: return help();
    case Key::complete: return complete();
    case Key::redraw: return write("\r\n" + display_.again());
    case Key::previous: return walk_history(-1);
    case Key::next: return walk_history(1);
    case Key::no_input: return;
  }
}

void Console::show_line() {
  if (prompt_ && prompt_->echo) write(display_.show(editor_.line(), editor_.cursor()));
}

void Console::enter(bool control_z) {
  const auto line = editor_.line();
  write(display_.to_end() + (control_z ? "^Z\r\n" : "\r\n"));
  const bool command = is_command();
  prompt_.reset();
  if (!command) {
    router_.send(Answer{sendable(line)});
    return;
  }
  if (!line.empty() && (history_.empty() || history_.back() != line)) history_.push_back(line);
  if (history_.size() > history_size_max) history_.erase(history_.begin());
  router_.send(Line{sendable(line), control_z});
}

// A line is thrown away; a question is answered by the interrupt.
void Console::abort_line() {
  write(display_.to_end() + "\r\n");
  if (is_command()) {
    editor_.set({});
    history_at_ = history_.size();
    return write(display_.begin(prompt_->text));
  }
  prompt_.reset();
  router_.send(Interrupt{});
}

void Console::help() {
  if (!is_command()) {
    editor_.insert(L'?');
    return show_line();
  }
  write(display_.to_end() + "?\r\n");
  router_.send(Help{sendable(editor_.line().substr(0, editor_.cursor()))});
  asked_ = true;
  while (asked_ && !close_ && !hung_up_) pump();
  write(display_.again() + display_.show(editor_.line(), editor_.cursor()));
}

void Console::complete() {
  const auto line = sendable(editor_.line());
  if (!is_command() || editor_.cursor() != editor_.line().size()) return write("\a");
  router_.send(Complete{line});
  asked_ = true;
  completed_.reset();
  while (asked_ && !close_ && !hung_up_) pump();
  if (!completed_ || completed_->empty() || *completed_ == line) return write("\a");
  editor_.set(to_wide(*completed_));
  write("\r\n" + display_.begin(prompt_->text));
  show_line();
}

void Console::walk_history(int step) {
  if (!is_command() || (step < 0 && history_at_ == 0) || (step > 0 && history_at_ == history_.size())) {
    return write("\a");
  }
  if (history_at_ == history_.size()) typed_line_ = editor_.line();
  history_at_ += static_cast<std::size_t>(step);
  editor_.set(history_at_ == history_.size() ? typed_line_ : history_[history_at_]);
  show_line();
}

std::optional<int> Console::ended() {
  if (hung_up_) return 1;
  const auto close = *std::exchange(close_, std::nullopt);
  prompt_.reset();
  switch (close.reason) {
    case Close::Reason::logout: return close.status;
    case Close::Reason::refused: write_text("culvert: " + close.text + "\n"); return 1;
    case Close::Reason::shutdown: write_text("\nculvert: " + options_.name + " has ended\n"); return 1;
    case Close::Reason::reload: break;
  }
  write_text("\n" + options_.name + " is reloading\n");
  typed_.clear();
  if (options_.socket.empty()) return 0;
  if (come_back()) return std::nullopt;
  if (!hung_up_) {
    write_text(
        fmt::format("culvert: {} did not come back within {} seconds; see why in its log, and start it again "
                    "with culvertd\n",
                    options_.name, reload_wait_s));
  }
  return 1;
}

bool Console::come_back() {
  constexpr int pause_ms = 100;
  for (int tries = 0; tries < reload_wait_s * 1000 / pause_ms && !hung_up_; ++tries) {
    if (auto router = RouterConnection::open(options_.socket)) {
      router_ = std::move(*router);
      return true;
    }
    pollfd user{tty_descriptor_, POLLIN, 0};
    if (::poll(&user, 1, pause_ms) <= 0) continue;
    read_tty();
    hung_up_ = hung_up_ || std::ranges::any_of(typed_, is_interrupt);
    typed_.clear();
  }
  return false;
}

void Console::pump(int timeout_ms) {
  std::array<pollfd, 3> waits{{{router_.descriptor(), POLLIN, 0},
                               {typed_.size() < typed_ahead_size_max ? tty_descriptor_ : -1, POLLIN, 0},
                               {options_.signals, POLLIN, 0}}};
  if (::poll(waits.data(), waits.size(), timeout_ms) <= 0) return;
  if (waits[1].revents != 0) read_tty();
  if (waits[2].revents != 0) read_signal();
  if (waits[0].revents != 0) read_router();
}

// Of "\r\n" the second octet is no Enter of its own. It comes with the first; where it has come so once, also later.
bool Console::is_end_of_return(unsigned octet, bool with_the_last) {
  const bool follows = std::exchange(after_return_, octet == '\r') && octet == '\n';
  returns_are_two_ = returns_are_two_ || (follows && with_the_last);
  return follows && returns_are_two_;
}

// While a command runs, interrupts overtake what was typed before them.
void Console::read_tty() {
  std::array<unsigned char, 4096> octets;
  const auto size = ::read(tty_descriptor_, octets.data(), octets.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size <= 0) hung_up_ = true;
  for (ssize_t i = 0; i < size; ++i) {
    const auto octet = octets[static_cast<std::size_t>(i)];
    if (octet == 0 || is_end_of_return(octet, i > 0)) continue;
    if (!prompt_ && !close_ && is_interrupt(octet))
      router_.send(Interrupt{});
    else
      typed_.push_back(octet);
  }
}

void Console::read_signal() {
  signalfd_siginfo signal{};
  if (::read(options_.signals, &signal, sizeof(signal)) != sizeof(signal)) return;
  if (signal.ssi_signo != SIGWINCH) {
    hung_up_ = true;
    return;
  }
  const auto size = tty_.size();
  router_.send(Resize{size.columns, size.lines});
}

void Console::read_router() {
  const bool alive = router_.receive();
  while (!close_) {
    auto frame = router_.next();
    if (!frame) break;
    take(std::move(*frame));
  }
  if (!alive && !close_) close_ = Close{Close::Reason::shutdown, 1, {}};
}

void Console::take(ServerFrame frame) {
  std::visit(net::overloaded{[&](const Output& output) { take_output(output.text); },
                             [&](Prompt& prompt) { take_prompt(std::move(prompt)); },
                             [&](Completed& completed) {
                               completed_ = std::move(completed.line);
                               asked_ = false;
                             },
                             [&](const Helped&) { asked_ = false; },
                             [&](const Width& width) { display_.set_width(width.columns); },
                             [&](Close& close) { close_ = std::move(close); }, [](const Verdict&) {}},
             frame);
}

void Console::take_prompt(Prompt prompt) {
  if (prompt.secret && !history_.empty()) history_.pop_back();
  prompt_ = std::move(prompt);
}

// A text that comes while a line is being typed pushes that line down.
void Console::take_output(const std::string& text) {
  if (!prompt_shown_ || !prompt_ || asked_) return write_text(text);
  write(display_.to_end() + "\r\n");
  write_text(text);
  write(display_.again());
  show_line();
}

std::optional<wchar_t> Console::next_character() {
  std::string octets;
  while (!close_ && !hung_up_) {
    if (typed_.empty()) {
      pump();
      continue;
    }
    octets += static_cast<char>(typed_.front());
    typed_.pop_front();
    const auto first = static_cast<unsigned char>(octets.front());
    const std::size_t size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (octets.size() < size) continue;
    const auto wide = to_wide(std::exchange(octets, {}));
    if (!wide.empty()) return wide.front();
  }
  return std::nullopt;
}

void Console::write_text(std::string_view text) {
  std::string octets;
  for (const auto c : text) {
    if (c == '\n') octets += '\r';
    octets += c;
  }
  write(octets);
}

void Console::write(std::string_view octets) {
  while (!octets.empty() && !hung_up_) {
    const auto written = ::write(tty_descriptor_, octets.data(), octets.size());
    if (written < 0 && errno == EAGAIN) {
      pollfd ready{tty_descriptor_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (written < 0 && errno != EINTR) {
      hung_up_ = true;
    } else if (written > 0) {
      octets.remove_prefix(static_cast<std::size_t>(written));
    }
  }
}

}  // namespace culvert::cli
