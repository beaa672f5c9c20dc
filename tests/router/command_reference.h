// docs/command-reference.md, as the definitions of the commands tell it.
#pragma once

#include <functional>
#include <string>

#include "parser/exec_command.h"

namespace culvert::router::testing {

std::string command_reference();

// Shows every exec command, without a router behind it: none of them may be run.
void see_exec_commands(const std::function<void(const parser::ExecCommands&)>& see);

}  // namespace culvert::router::testing
