// `show users` and `clear line`: who is on which line.
#include <fmt/format.h>

#include "cli/command_terminal.h"
#include "cli/commands/commands.h"
#include "cli/commands/line_mode.h"

namespace culvert::cli {
namespace {

using parser::Arguments;
using TerminalPtr = std::shared_ptr<parser::Terminal>;

std::string idle_text(net::Duration idle) {
  const auto seconds = net::whole_seconds(idle);
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string users_text(const std::vector<LineRow>& rows, const CommandTerminal& asking) {
  std::string text = "    Line       User       Host(s)              Idle       Location\n";
  for (const auto& row : rows) {
    auto line = fmt::format("{}{:>3} {:<9} {:<10} {:<20} {}   {}", asking.is_of(row.session) ? '*' : ' ', row.number,
                            row.name, row.user, "idle", idle_text(row.idle), row.address);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text + "\n  Interface    User               Mode         Idle     Peer Address\n\n";
}

void clear_line(const CommandHost& host, unsigned number, const TerminalPtr& terminal) {
  terminal->ask("[confirm]", true, [&host, number, terminal](const std::string& key) {
    if (terminal->interrupted() || !(key.empty() || key == "y" || key == "Y")) return terminal->done();
    terminal->write(" [OK]\n");
    terminal->done();
    host.lines.clear(number);
  });
}

unsigned number(const Arguments& arguments) { return static_cast<unsigned>(std::stoul(arguments["number"])); }

}  // namespace

void add_line_commands(parser::ExecCommands& commands, const CommandHost& host) {
  const std::string clear = "Reset functions", clear_help = "Reset a terminal line";
  commands.add({.spec = "show users",
                .help = {"Show running system information", "Display information about terminal lines"},
                .run = [&host](const Arguments&, const TerminalPtr& terminal) {
                  terminal->write(users_text(host.lines.rows(), session_terminal(terminal)));
                  terminal->done();
                }});
  commands.add({.spec = "clear line <number:u32(0-17)>",
                .help = {clear, clear_help, "Line number, as show users tells it"},
                .privilege = 15,
                .run = [&host](const Arguments& arguments, const TerminalPtr& terminal) {
                  clear_line(host, number(arguments), terminal);
                }});
  commands.add({.spec = "clear line console <number:u32(0-0)>",
                .help = {clear, clear_help, "Primary terminal line", "Line number"},
                .privilege = 15,
                .run = [&host](const Arguments&, const TerminalPtr& terminal) { clear_line(host, 0, terminal); }});
  commands.add({.spec = "clear line vty <number:u32(0-15)>",
                .help = {clear, clear_help, "Virtual terminal", "Line number"},
                .privilege = 15,
                .run = [&host](const Arguments& arguments, const TerminalPtr& terminal) {
                  clear_line(host, Lines::first_vty + number(arguments), terminal);
                }});
}

}  // namespace culvert::cli
