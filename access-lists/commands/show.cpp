#include "access-lists/commands/show.h"

#include <fmt/format.h>

#include "access-lists/commands/definitions.h"
#include "access-lists/commands/line.h"

namespace culvert::access_lists {
namespace {

using parser::Arguments;

std::string counted(std::uint64_t hits) {
  if (hits == 0) return {};
  return fmt::format(" ({} match{})", hits, hits == 1 ? "" : "es");
}

std::string show(const ShowSources& sources, const AccessList& list) {
  auto text = fmt::format("{} IP access list {}\n", list.kind == Kind::standard ? "Standard" : "Extended", list.name);
  for (const auto& entry : list.entries)
    text +=
        fmt::format("    {} {}{}\n", entry.sequence, shown(list.kind, entry), counted(sources.hits(list.name, entry)));
  return text;
}

void add_show(parser::ExecCommands& commands, const ShowSources& sources, const std::string& spec,
              std::vector<std::string> help) {
  help.emplace_back("List IP access lists");
  help.emplace_back("Access-list name or number");
  commands.add({.spec = spec + " [<name:word>]",
                .help = std::move(help),
                .run = parser::text_command(
                    [sources](const Arguments& a) { return show_access_lists(sources, a.find("name")); })});
}

void add_clear(parser::ExecCommands& commands, const ShowSources& sources, const std::string& spec,
               std::vector<std::string> help) {
  help.insert(help.end(), {"Clear access list statistical information", "Clear access list counters",
                           "Access-list name or number"});
  commands.add({.spec = spec + " access-list counters [<name:word>]",
                .help = std::move(help),
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments& a) {
                  sources.clear_hits(a.find("name"));
                  return std::string();
                })});
}

}  // namespace

std::string show_access_lists(const ShowSources& sources, const std::string* only) {
  std::string text;
  if (only == nullptr)
    for (const auto& list : access_lists(sources.configuration)) text += show(sources, list);
  else if (const auto list = find_access_list(sources.configuration, *only))
    text = show(sources, *list);
  return text;
}

void add_commands(parser::ExecCommands& commands, const ShowSources& sources) {
  const std::string show = "Show running system information", clear = "Reset functions";
  add_show(commands, sources, "show access-lists", {show});
  add_show(commands, sources, "show ip access-lists", {show, "IP information"});
  add_clear(commands, sources, "clear", {clear});
  add_clear(commands, sources, "clear ip", {clear, "IP"});
}

}  // namespace culvert::access_lists
