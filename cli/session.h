// A session: one person or program at the router, from its greeting to its end.
//
// It is an engine without socket and clock. Frames of the terminal come in by receive(), frames for it go out by the
// function given; each Line is answered by exactly one Prompt of kind command, or by Close. Lines that come while a
// command runs wait for their turn. The session knows the mode it is in, what its user may do, the output filter and
// the pager; what commands do is theirs.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/authentication.h"
#include "cli/commands/line_mode.h"
#include "cli/frame.h"
#include "cli/lines.h"
#include "cli/output_filter.h"
#include "cli/pager.h"
#include "config-store/long_command.h"
#include "config-store/store.h"
#include "parser/exec_command.h"

namespace culvert::cli {

// What all sessions of a router share. Outlives them.
struct SessionHost {
  const parser::ExecCommands& exec;
  config::Store& store;
  std::function<std::string()> hostname;
  std::function<void(std::string)> log;  // "%SYS-5-CONFIG_I: ...", without time and line end
  Verify verify;
  Lines& lines;
};

// Which terminals a line of the log is for.
struct Audience {
  bool console = true, monitor = true;
};

class CommandTerminal;

class Session {
 public:
  using Emit = std::function<void(ServerFrame)>;

  // `host` must outlive the session. `emit` must not destroy it. A visitor who has logged in came by SSH, whatever
  // `hello` says, and needs a free line; one is taken.
  Session(SessionHost& host, const Hello& hello, Emit emit, Visitor visitor = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The way in, then the first prompt.
  void start();
  void receive(ClientFrame frame);
  // Lines of the system log, "\n" line ends: shown to who reads along on the console, unless he said `terminal no
  // monitor`, and to who said `terminal monitor` elsewhere.
  void announce(std::string_view text, Audience audience = {});
  // Ends the session.
  void hang_up() { close(Close::Reason::logout); }
  // The same where its user has done nothing for longer than `exec-timeout` allows.
  void leave_if_idle(net::Time now);

  std::optional<unsigned> vty() const { return vty_; }
  std::string line_name() const;  // "con0", "vty1"
  LineRow line_row(net::Time now) const;

  // The terminal is gone: what runs is interrupted, and nothing is emitted any more.
  void lost();

  static constexpr std::size_t waiting_line_count_max = 10'000;
  static constexpr std::size_t line_size_max = 16 * 1024;
  static constexpr std::size_t history_size = 20;

 private:
  friend class CommandTerminal;
  struct Question {
    Prompt prompt;
    std::function<void(std::string)> answer;
    bool shown = false;
  };

  // session.cpp: turns
  void take(Line line);
  void take(Answer answer);
  void take_interrupt();
  void advance();
  void end_line();
  void show_question();
  void write(std::string_view text);
  void write_page(const std::string& text);
  void show(const std::string& text, bool error = false);
  void close(Close::Reason reason);
  void leave_configuration();
  std::string prompt() const;
  std::string user() const;
  LineSettings line_settings() const;
  std::string whereabouts() const;
  std::size_t page_lines() const;

  // session_lines.cpp: what a line means
  void execute(const Line& line);
  void execute_exec(std::string_view line, std::size_t column);
  void execute_configuration(std::string_view line);
  void configure(std::string_view line);
  void collect(config::LongCommand command, const std::shared_ptr<CommandTerminal>& terminal);
  bool is_exec_in_configuration(std::string_view line) const;
  // Does something of a command; where the configuration cannot be read the command ends, and the router goes on.
  void guarded(const std::function<void()>& act);
  void run(const parser::Matched& matched, std::optional<OutputFilter> filter);
  void refuse(std::string_view text);
  void refuse_exec(const parser::MatchResult& result, std::string_view line, std::size_t column);
  bool can_be_filtered(const parser::MatchResult& result) const;

  // session_help.cpp
  std::string help(std::string_view line) const;
  std::string help_exec(std::string_view line) const;
  std::optional<std::string> complete(std::string_view line) const;
  std::optional<std::string> complete_exec(std::string_view line) const;

  SessionHost& host_;
  Emit emit_;
  LineKind kind_;
  Visitor visitor_;
  std::optional<unsigned> vty_;
  net::Time last_input_;
  bool interactive_;
  bool monitor_;  // `terminal monitor`; as on the console where nobody said so
  unsigned privilege_;
  std::uint16_t width_, screen_height_;
  std::optional<std::uint16_t> length_;           // `terminal length`; else the height of the screen
  std::optional<config::Context> configuration_;  // where the session stands while it configures
  std::deque<std::string> history_;

  std::deque<Line> waiting_;
  std::shared_ptr<CommandTerminal> command_;  // the one that runs
  bool command_done_ = false, failed_ = false, control_z_ = false;
  bool secret_ = false;  // the line held one
  bool prompted_ = false, advancing_ = false, closed_ = false;
  std::optional<OutputFilter> filter_;
  Pager pager_;
  bool more_shown_ = false;
  std::optional<Question> question_;
};

// `do` and white space at the start of a configuration line; the length of both, or nullopt.
std::optional<std::size_t> exec_prefix(std::string_view line);

}  // namespace culvert::cli
