// One row a command; modes in the order of their definition.
#include "tests/router/command_reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "access-lists/commands/show.h"
#include "ike/commands/show.h"
#include "ipsec-dataplane/commands/monitor_capture.h"
#include "ipsec-dataplane/commands/show.h"
#include "router/debug_commands.h"
#include "router/ping_command.h"
#include "router/router.h"
#include "router/ssh_commands.h"
#include "router/system_commands.h"
#include "routing/commands/show.h"

namespace culvert::router::testing {

namespace {

// The help of the last keyword or value before anything optional: what the command is about.
std::string about(const parser::Spec& spec) {
  std::string help;
  for (const auto& part :
       spec.root().kind == parser::SpecNode::Kind::sequence ? spec.root().children : std::vector{spec.root()})
    if (part.kind == parser::SpecNode::Kind::token && part.token.is_keyword) help = part.token.help;
  return help;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string row(const std::string& command, const std::string& text) {
  return fmt::format("| `{}` | {} |\n", escaped(command), escaped(text));
}

std::string mode_section(const config::Registry& registry, const config::Mode& mode) {
  std::string rows;
  for (const auto section : mode.sections)
    for (const auto& leaf : registry.section(section).leaves) {
      if (!leaf.spec || leaf.hidden || leaf.kind == config::LeafKind::entry) continue;
      rows += row(leaf.synopsis.empty() ? leaf.spec->text() : leaf.synopsis,
                  leaf.kind == config::LeafKind::refused ? "refused: " + leaf.refusal : about(*leaf.spec));
    }
  for (const auto child : mode.children)
    rows += row(registry.mode(child).definition.enter->text(),
                fmt::format("enters `({})`", registry.mode(child).definition.prompt));
  const auto heading = mode.definition.enter
                           ? fmt::format("## {} — `({})`", mode.definition.name, mode.definition.prompt)
                           : std::string("## Global configuration — `(config)`");
  return fmt::format("{}\n\n| command | |\n|---|---|\n{}\n", heading, rows);
}

std::string exec_rows(const parser::ExecCommands& commands) {
  std::vector<std::string> rows;
  for (std::size_t id = 0; id < commands.size(); ++id)
    if (!commands[id].hidden)
      rows.push_back(row(commands[id].spec, about(*parser::Spec::compile(commands[id].spec, commands[id].help))));
  std::ranges::sort(rows);
  return fmt::format("{}", fmt::join(rows, ""));
}

std::string exec_section() {
  std::string rows;
  see_exec_commands([&rows](const parser::ExecCommands& commands) { rows = exec_rows(commands); });
  return fmt::format("## Exec commands\n\n| command | |\n|---|---|\n{}\n", rows);
}

}  // namespace

void see_exec_commands(const std::function<void(const parser::ExecCommands&)>& see) {
  config::Registry registry;
  define_configuration(registry, {"GigabitEthernet0/0"});
  const auto store = config::Store::in_memory(registry);
  const config::StartupConfig startup("/nonexistent");
  const routing::InterfaceTable interfaces;
  const routing::Rib rib;
  Syslog log;
  cli::Lines lines({});
  const cli::CommandHost shell{
      .store = *store, .startup = startup, .log = {}, .reload = {}, .verify = {}, .lines = lines};
  PingCommand ping({});
  parser::ExecCommands commands;
  cli::add_commands(commands, shell);
  routing::add_interface_shows(commands, {interfaces, rib, {}, {}});
  routing::add_route_shows(commands, {interfaces, rib, {}, {}});
  routing::add_eigrp_commands(commands, {});
  routing::add_key_chain_commands(commands, {.configuration = *store, .wall = {}});
  access_lists::add_commands(commands, {*store, {}, {}});
  ike::add_crypto_commands(commands, {*store, {}, {}, {}, {}, {}});
  dataplane::add_commands(commands, {}, {});
  add_system_commands(commands, {}, log);
  dataplane::Captures captures({});
  dataplane::add_capture_commands(commands, captures, {});
  IkeDebug ike_debug(log, {});
  EigrpDebug eigrp_debug(log, {});
  add_debug_commands(commands, ike_debug, eigrp_debug, {});
  add_ssh_commands(commands, {.configuration = {}, .service = {}, .lines = lines, .now = {}});
  ping.add_to(commands);
  see(commands);
}

std::string command_reference() {
  config::Registry registry;
  define_configuration(registry, {"GigabitEthernet0/0"});
  std::string text =
      "# Command reference\n\nMade from the definitions of the commands; `./test router` tells when it is not true any "
      "more and how to renew it.\n\n`<name:type>` is a value, `(a|b)` a choice, `[a]` optional, `...` one or more. "
      "Every "
      "configuration command takes `no` and\n`default` before it; `?` and Tab explain and complete each word at the "
      "prompt; any unique abbreviation will do.\n\n";
  text += exec_section();
  for (const auto& mode : registry.modes()) text += mode_section(registry, mode);
  text.pop_back();
  return text;
}

}  // namespace culvert::router::testing
