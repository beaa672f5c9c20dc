// Commands about the session that types them: privilege, modes, the terminal, history.
#include <fmt/core.h>

#include "cli/command_terminal.h"
#include "cli/commands/commands.h"

namespace culvert::cli {
namespace {

using parser::Arguments;
using TerminalPtr = std::shared_ptr<parser::Terminal>;

unsigned number(const std::string* text, unsigned otherwise) {
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(*text));
}

// Wraps what is over at once.
auto at_once(std::function<void(const Arguments&, CommandTerminal&)> act) {
  return [act = std::move(act)](const Arguments& arguments, const TerminalPtr& terminal) {
    act(arguments, session_terminal(terminal));
    terminal->done();
  };
}

void enter_configuration(CommandTerminal& terminal) {
  terminal.write("Enter configuration commands, one per line.  End with CNTL/Z.\n");
  terminal.configure();
}

void configure(const Arguments& arguments, const TerminalPtr& terminal) {
  if (arguments.has("from")) {
    enter_configuration(session_terminal(terminal));
    return terminal->done();
  }
  terminal->ask("Configuring from terminal, memory, or network [terminal]? ", true,
                [terminal](const std::string& from) {
                  if (terminal->interrupted()) return terminal->done();
                  if (from.empty() || std::string_view("terminal").starts_with(from)) {
                    enter_configuration(session_terminal(terminal));
                  } else {
                    terminal->write("% Culvert is configured from the terminal only\n");
                    terminal->fail();
                  }
                  terminal->done();
                });
}

void show_history(const Arguments&, CommandTerminal& terminal) {
  for (const auto& line : terminal.history()) terminal.write("  " + line + "\n");
}

void add_terminal_commands(parser::ExecCommands& commands) {
  commands.add({.spec = "terminal length <lines:u32(0-512)>",
                .help = {"Set terminal line parameters", "Set number of lines on a screen",
                         "Number of lines on screen (0 for no pausing)"},
                .run = at_once([](const Arguments& arguments, CommandTerminal& terminal) {
                  terminal.set_length(static_cast<std::uint16_t>(number(arguments.find("lines"), 0)));
                })});
  commands.add({.spec = "terminal width <columns:u32(0-512)>",
                .help = {"Set terminal line parameters", "Set width of the display terminal",
                         "Number of characters on a screen line (0 for no limit)"},
                .run = at_once([](const Arguments& arguments, CommandTerminal& terminal) {
                  terminal.set_width(static_cast<std::uint16_t>(number(arguments.find("columns"), 0)));
                })});
  commands.add({.spec = "terminal monitor",
                .help = {"Set terminal line parameters", "Copy debug output to the current terminal line"},
                .run = at_once([](const Arguments&, CommandTerminal& terminal) { terminal.set_monitor(true); })});
  commands.add({.spec = "terminal no monitor",
                .help = {"Set terminal line parameters", "Negate a command or set its defaults",
                         "Copy debug output to the current terminal line"},
                .run = at_once([](const Arguments&, CommandTerminal& terminal) { terminal.set_monitor(false); })});
}

}  // namespace

void add_session_commands(parser::ExecCommands& commands) {
  for (const auto* word : {"exit", "quit", "logout"}) {
    commands.add({.spec = word,
                  .help = {"Exit from the EXEC"},
                  .run = at_once([](const Arguments&, CommandTerminal& terminal) { terminal.logout(); })});
  }
  commands.add({.spec = "configure [from:(terminal)]",
                .help = {"Enter configuration mode", "Configure from the terminal"},
                .privilege = 15,
                .run = configure});
  commands.add({.spec = "show history",
                .help = {"Show running system information", "Display the session command history"},
                .run = at_once(show_history)});
  commands.add({.spec = "show privilege",
                .help = {"Show running system information", "Show current privilege level"},
                .run = at_once([](const Arguments&, CommandTerminal& terminal) {
                  terminal.write(fmt::format("Current privilege level is {}\n", terminal.privilege()));
                })});
  add_terminal_commands(commands);
}

}  // namespace culvert::cli
