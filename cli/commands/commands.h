// The exec commands and settings that belong to the shell itself: modes and privilege, the terminal, saving and showing
// the configuration, reload, and the router's name.
#pragma once

#include <functional>
#include <string>

#include "cli/authentication.h"
#include "cli/lines.h"
#include "config-store/nvram.h"
#include "config-store/store.h"
#include "net/time.h"
#include "parser/exec_command.h"

namespace culvert::cli {

// What the commands work on. Everything outlives the commands; `wall_clock` may be empty where there is no clock.
struct CommandHost {
  config::Store& store;
  const config::StartupConfig& startup;
  std::function<void(std::string)> log;  // "%SYS-5-RELOAD: ...", without time and line end
  std::function<void()> reload;          // the user has confirmed it
  Verify verify;
  Lines& lines;
  std::function<net::WallTime()> wall_clock = {};
};

void add_commands(parser::ExecCommands& commands, const CommandHost& host);

// By group; add_commands() adds them all.
void add_session_commands(parser::ExecCommands& commands);
void add_enable_commands(parser::ExecCommands& commands, const CommandHost& host);
void add_line_commands(parser::ExecCommands& commands, const CommandHost& host);
void add_configuration_commands(parser::ExecCommands& commands, const CommandHost& host);
void add_reload_command(parser::ExecCommands& commands, const CommandHost& host);

// Saves the running-config. The error ends the line "%Error ".
std::expected<void, std::string> save_running(const CommandHost& host);
// Whether running-config and startup-config differ.
bool is_modified(const CommandHost& host);

}  // namespace culvert::cli
