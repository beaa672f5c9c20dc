// What a command sees of the person or program that typed it.
//
// A command writes, may ask, and says when it is done; it may take its time, since nothing else waits for it but that
// one session. All calls are made on the control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace culvert::parser {

class Terminal {
 public:
  virtual ~Terminal() = default;
  // Text with "\n" line ends. Output to a terminal that is gone is dropped.
  virtual void write(std::string_view text) = 0;
  // Asks a question and hands the answer on, without its line end. `echo` is false for passwords.
  // An interrupt or the loss of the terminal answers nullopt-like: `answer` is called with an empty string and
  // interrupted() is true.
  virtual void ask(std::string prompt, bool echo, std::function<void(std::string)> answer) = 0;
  // The command has ended; the session prompts again. Exactly once.
  virtual void done() = 0;
  // Called (at most once) when the user interrupts (Ctrl-C, Ctrl-Shift-6) or the terminal is lost; the command then
  // ends itself with done().
  virtual void on_interrupt(std::function<void()> handler) = 0;
  // The user has interrupted, or the terminal is lost.
  virtual bool interrupted() const { return false; }
  // The command failed: it has written why. `culvert -c` and scripts turn it into their exit status.
  virtual void fail() = 0;

  virtual unsigned privilege() const = 0;     // 0 to 15
  virtual std::size_t width() const = 0;      // columns, 0 = unlimited
  virtual std::string user() const = 0;       // "console" where nobody logged in
  virtual std::string line_name() const = 0;  // "con0", "vty1"
};

}  // namespace culvert::parser
