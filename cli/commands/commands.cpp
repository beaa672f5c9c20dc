#include "cli/commands/commands.h"

namespace culvert::cli {

void add_commands(parser::ExecCommands& commands, const CommandHost& host) {
  add_session_commands(commands);
  add_enable_commands(commands, host);
  add_line_commands(commands, host);
  add_configuration_commands(commands, host);
  add_reload_command(commands, host);
}

}  // namespace culvert::cli
