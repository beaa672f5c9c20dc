// `debug crypto ikev2`, `debug eigrp`, their `no` and `undebug`, `undebug all`, `show debugging`.
#pragma once

#include <functional>

#include "parser/exec_command.h"
#include "router/eigrp_debug.h"
#include "router/ike_debug.h"

namespace culvert::router {

// `changed` is called when a flag has become another. Everything outlives the commands.
void add_debug_commands(parser::ExecCommands& commands, IkeDebug& ike, EigrpDebug& eigrp,
                        const std::function<void()>& changed);

}  // namespace culvert::router
