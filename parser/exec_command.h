// A command of the user and privileged modes: show, clear, ping, copy, ...
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "parser/command_tree.h"
#include "parser/terminal.h"

namespace culvert::parser {

struct ExecCommand {
  std::string spec;               // spec.h
  std::vector<std::string> help;  // one a token
  unsigned privilege = 1;
  bool hidden = false;
  // Runs on the control thread and must not block; ends by terminal->done(), now or later.
  std::function<void(const Arguments&, std::shared_ptr<Terminal>)> run;
};

// For commands that write at once and end: wraps a function that returns the text.
std::function<void(const Arguments&, std::shared_ptr<Terminal>)> text_command(
    std::function<std::string(const Arguments&)> text);

// Every exec command of the router; rooms add theirs at start.
class ExecCommands {
 public:
  void add(ExecCommand command);
  // From now on `hook` runs before each command added so far.
  void before_each(const std::function<void()>& hook);
  const CommandTree& tree() const { return tree_; }
  const ExecCommand& operator[](CommandId id) const { return commands_[id]; }
  std::size_t size() const { return commands_.size(); }

 private:
  std::vector<ExecCommand> commands_;
  CommandTree tree_;
};

}  // namespace culvert::parser
