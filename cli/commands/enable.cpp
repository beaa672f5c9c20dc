// `enable` and `disable`: between the privilege levels.
#include "cli/command_terminal.h"
#include "cli/commands/commands.h"
#include "cli/commands/users.h"

namespace culvert::cli {
namespace {

using parser::Arguments;
using TerminalPtr = std::shared_ptr<parser::Terminal>;

constexpr unsigned try_count_max = 3;

unsigned level_of(const Arguments& arguments, unsigned otherwise) {
  const auto* level = arguments.find("level");
  return level == nullptr ? otherwise : static_cast<unsigned>(std::stoul(*level));
}

void rise(const TerminalPtr& terminal, unsigned level) {
  session_terminal(terminal).set_privilege(level);
  terminal->done();
}

void give_up(const TerminalPtr& terminal, std::string_view why) {
  terminal->write(why);
  terminal->fail();
  terminal->done();
}

struct Challenge {
  StoredPassword stored;
  unsigned level;
  bool is_secret;
  unsigned try_count = 0;
};

void ask(const CommandHost& host, const TerminalPtr& terminal, Challenge challenge) {
  terminal->ask("Password: ", false, [&host, terminal, challenge](const std::string& typed) mutable {
    if (terminal->interrupted()) return give_up(terminal, "");
    host.verify(challenge.stored, as_secret(typed), [&host, terminal, challenge](bool right) mutable {
      if (right) return rise(terminal, challenge.level);
      if (++challenge.try_count < try_count_max) return ask(host, terminal, challenge);
      give_up(terminal, challenge.is_secret ? "% Bad secrets\n\n" : "% Bad passwords\n\n");
    });
  });
}

bool is_remote(LineKind kind) { return kind == LineKind::ssh || kind == LineKind::telnet; }

void enable(const CommandHost& host, const Arguments& arguments, const TerminalPtr& terminal) {
  const auto level = level_of(arguments, 15);
  if (level <= terminal->privilege()) return rise(terminal, level);
  const auto passwords = host.store.global<EnablePasswords>();
  if (const auto& stored = password_of(passwords))
    return ask(host, terminal, {*stored, level, passwords.secret.has_value()});
  if (is_remote(session_terminal(terminal).line_kind())) return give_up(terminal, "% No password set\n");
  rise(terminal, level);
}

void disable(const Arguments& arguments, const TerminalPtr& terminal) {
  const auto level = level_of(arguments, 1);
  if (level > terminal->privilege())
    return give_up(terminal, "New privilege level must be less than current privilege level\n");
  rise(terminal, level);
}

}  // namespace

void add_enable_commands(parser::ExecCommands& commands, const CommandHost& host) {
  commands.add(
      {.spec = "enable [<level:u32(0-15)>]",
       .help = {"Turn on privileged commands", "Enable level"},
       .run = [&host](const Arguments& arguments, const TerminalPtr& terminal) { enable(host, arguments, terminal); }});
  commands.add({.spec = "disable [<level:u32(0-15)>]",
                .help = {"Turn off privileged commands", "Privilege level to go to"},
                .run = disable});
}

}  // namespace culvert::cli
