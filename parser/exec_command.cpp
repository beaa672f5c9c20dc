#include "parser/exec_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace culvert::parser {

std::function<void(const Arguments&, std::shared_ptr<Terminal>)> text_command(
    std::function<std::string(const Arguments&)> text) {
  return [text = std::move(text)](const Arguments& arguments, std::shared_ptr<Terminal> terminal) {
    terminal->write(text(arguments));
    terminal->done();
  };
}

// A specification that does not compile is our own mistake, found at the first start.
void ExecCommands::add(ExecCommand command) {
  auto spec = Spec::compile(command.spec, command.help);
  if (!spec) {
    fmt::print(stderr, "exec command {}\n", spec.error());
    std::abort();
  }
  tree_.add(commands_.size(), std::move(*spec), {.privilege = command.privilege, .hidden = command.hidden});
  commands_.push_back(std::move(command));
}

void ExecCommands::before_each(const std::function<void()>& hook) {
  for (auto& command : commands_)
    command.run = [hook, run = std::move(command.run)](const Arguments& arguments, std::shared_ptr<Terminal> terminal) {
      hook();
      run(arguments, std::move(terminal));
    };
}

}  // namespace culvert::parser
