// A command whose text goes on over lines until its delimiter comes again: `banner motd #`.
//
// Whatever the delimiter was, the command becomes one text with line ends in it and IOS's delimiter, a caret and a C,
// which is how it is executed and shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace culvert::config {

class LongCommand {
 public:
  // nullopt: `line` is no such command.
  static std::optional<LongCommand> begin(std::string_view line);
  // Takes the next line. Requires: !done().
  void add(std::string_view line);
  bool done() const { return done_; }
  // The command as it is executed. Requires: done().
  std::string line() const { return head_ + std::string(delimiter) + text_ + std::string(delimiter); }
  // What was typed to begin the text, for the word to the user.
  const std::string& typed_delimiter() const { return typed_; }

  static constexpr std::string_view delimiter = "^C";
  // What is longer is cut there, and its check refuses it.
  static constexpr std::size_t text_size_max = 8192;

 private:
  void take(std::string_view text);
  std::string head_, typed_, text_;
  bool done_ = false;
};

}  // namespace culvert::config
