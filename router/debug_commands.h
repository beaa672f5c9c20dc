// `debug crypto ikev2`, its `no` and `undebug`, `undebug all`, `show debugging`.
#pragma once

#include <functional>

#include "parser/exec_command.h"
#include "router/ike_debug.h"

namespace culvert::router {

// `changed` is called when a flag has become another. Everything outlives the commands.
void add_debug_commands(parser::ExecCommands& commands, IkeDebug& ike, const std::function<void()>& changed);

}  // namespace culvert::router
