// What a running command sees of its session: the Terminal that all rooms know, and what only the commands of cli/ use.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "cli/frame.h"
#include "parser/terminal.h"

namespace culvert::cli {

class Session;

// Every call is harmless after done() and after the end of the session.
class CommandTerminal : public parser::Terminal {
 public:
  explicit CommandTerminal(Session& session);

  void write(std::string_view text) override;
  void ask(std::string prompt, bool echo, std::function<void(std::string)> answer) override;
  void done() override;
  void on_interrupt(std::function<void()> handler) override;
  bool interrupted() const override { return interrupted_; }
  void fail() override;
  unsigned privilege() const override { return privilege_; }
  std::size_t width() const override { return width_; }
  std::string user() const override { return user_; }
  std::string line_name() const override { return line_name_; }

  LineKind line_kind() const { return kind_; }
  bool is_of(const Session* session) const { return session == session_; }
  // A question that a console alone is asked: it waits for RETURN.
  void greet(std::string text, std::function<void(std::string)> answer);
  void set_user(const std::string& name);
  void set_privilege(unsigned level);
  void set_length(std::uint16_t lines);
  void set_width(std::uint16_t columns);
  void set_monitor(bool on);  // whether this terminal shows the system log
  void configure();
  void logout();
  std::deque<std::string> history() const;

  // For the session: the user interrupts; and: nobody listens any more.
  void interrupt();
  void detach() { session_ = nullptr; }

 private:
  Session* session_;
  unsigned privilege_;
  std::size_t width_;
  std::string user_, line_name_;
  LineKind kind_;
  bool interrupted_ = false;
  std::function<void()> on_interrupt_;
};

// The terminal of a command that a session runs. Requires: it is one.
CommandTerminal& session_terminal(const std::shared_ptr<parser::Terminal>& terminal);

}  // namespace culvert::cli
