// The interactive terminal: a person, or a program that plays one, at the console of a router.
#pragma once

#include <poll.h>

#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/connection.h"
#include "cli/line_display.h"
#include "cli/line_editor.h"
#include "cli/tty.h"

namespace culvert::cli {

struct ConsoleOptions {
  std::string name;              // of the router, as the user knows it
  std::filesystem::path socket;  // to come back to after a reload; empty: the session is over then
  bool banner = true;            // wait for RETURN before the first prompt
  int signals = -1;              // a signalfd for SIGWINCH, SIGTERM, SIGHUP and SIGINT
};

class Console {
 public:
  // `tty` is a terminal open for reading and writing.
  Console(RouterConnection router, ConsoleOptions options, int tty);
  // Until the session ends; the exit status.
  int run();

 private:
  // Input and output.
  void pump(int timeout_ms = -1);  // waits for something and deals with it
  void read_tty();
  void read_router();
  void read_signal();
  void take(ServerFrame frame);
  void take_prompt(Prompt prompt);
  void take_output(const std::string& text);
  bool is_end_of_return(unsigned octet, bool with_the_last);
  std::optional<wchar_t> next_character();
  void write(std::string_view octets);
  void write_text(std::string_view text);  // "\n" line ends

  // A session.
  void hello();
  void greet();
  void serve_prompt();
  void serve_line();
  void serve_key();
  void act(LineEditor::Key key);
  void enter(bool control_z);
  void abort_line();
  void help();
  void complete();
  void walk_history(int step);
  void show_line();
  bool is_command() const { return prompt_->kind == Prompt::Kind::command; }
  std::optional<int> ended();  // the exit status, or nullopt where it goes on after a reload
  bool come_back();

  RouterConnection router_;
  ConsoleOptions options_;
  int tty_descriptor_;
  Tty tty_;
  LineEditor editor_;
  LineDisplay display_;

  std::deque<unsigned char> typed_;  // not dealt with yet
  bool after_return_ = false;        // a carriage return came last
  bool returns_are_two_ = false;     // this user's Enter is a carriage return and a line feed
  std::optional<Prompt> prompt_;     // the session waits for us
  bool prompt_shown_ = false;
  bool asked_ = false;  // we wait for Helped or Completed
  std::optional<std::string> completed_;
  std::optional<Close> close_;
  bool hung_up_ = false;  // the user's side is gone
  std::vector<std::wstring> history_;
  std::size_t history_at_ = 0;  // the line shown; history_.size() = the one being typed
  std::wstring typed_line_;
};

}  // namespace culvert::cli
