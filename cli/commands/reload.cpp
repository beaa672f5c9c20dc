// `reload`: asks whether to save what would be lost, then whether it is meant.
#include "cli/commands/commands.h"

namespace culvert::cli {
namespace {

using TerminalPtr = std::shared_ptr<parser::Terminal>;

void give_up(const TerminalPtr& terminal) {
  terminal->fail();
  terminal->done();
}

// The command does not end: the router closes its terminal.
void confirm(const CommandHost& host, const TerminalPtr& terminal) {
  terminal->ask("Proceed with reload? [confirm]", true, [&host, terminal](const std::string& key) {
    if (terminal->interrupted() || !(key.empty() || key == "y" || key == "Y")) return give_up(terminal);
    host.log("%SYS-5-RELOAD: Reload requested by " + terminal->user() + ". Reload Reason: Reload Command.");
    host.reload();
  });
}

bool begins(std::string_view word, std::string_view typed) { return !typed.empty() && word.starts_with(typed); }

void ask_to_save(const CommandHost& host, const TerminalPtr& terminal) {
  terminal->ask("System configuration has been modified. Save? [yes/no]: ", true,
                [&host, terminal](const std::string& answer) {
                  if (terminal->interrupted()) return give_up(terminal);
                  if (begins("no", answer)) return confirm(host, terminal);
                  if (!begins("yes", answer)) {
                    terminal->write("% Please answer 'yes' or 'no'.\n");
                    return ask_to_save(host, terminal);
                  }
                  terminal->write("Building configuration...\n");
                  if (const auto saved = save_running(host); !saved) {
                    terminal->write("%Error " + saved.error() + "\n");
                    return give_up(terminal);
                  }
                  terminal->write("[OK]\n");
                  confirm(host, terminal);
                });
}

}  // namespace

void add_reload_command(parser::ExecCommands& commands, const CommandHost& host) {
  commands.add({.spec = "reload",
                .help = {"Halt and perform a cold restart"},
                .privilege = 15,
                .run = [&host](const parser::Arguments&, const TerminalPtr& terminal) {
                  if (is_modified(host))
                    ask_to_save(host, terminal);
                  else
                    confirm(host, terminal);
                }});
}

}  // namespace culvert::cli
