#include "ipsec-dataplane/commands/show.h"

#include <fmt/format.h>

namespace culvert::dataplane {

using parser::Arguments;

std::string show_arp(const std::vector<NeighborRow>& neighbors) {
  std::string text = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n";
  for (const auto& row : neighbors) {
    const auto age = row.age_minutes ? std::to_string(*row.age_minutes) : "-";
    if (row.mac)
      text += fmt::format("Internet  {:<16} {:>8}   {}  ARPA   {}\n", row.address, age, row.mac->to_string(),
                          row.interface);
    else
      text += fmt::format("Internet  {:<16} {:>8}   Incomplete      ARPA   \n", row.address, 0);
  }
  return text;
}

std::string show_packet_path(const std::vector<StageStatistics>& stages, const std::vector<DropCount>& drops) {
  std::string text = fmt::format("{:<40} {:>16} {:>16}\n", "Stage", "Packets", "Cycles/packet");
  for (const auto& stage : stages) {
    const auto each = stage.packets > 0 && stage.cycles > 0 ? std::to_string(stage.cycles / stage.packets) : "-";
    text += fmt::format("{:<40} {:>16} {:>16}\n", stage.stage, stage.packets, each);
  }
  text += fmt::format("\n{:<40} {:>16}\n", "Not forwarded", "Packets");
  for (const auto& drop : drops) text += fmt::format("{:<40} {:>16}\n", text_of(drop.reason).shown, drop.packets);
  return text;
}

void add_commands(parser::ExecCommands& commands, std::function<Dataplane&()> plane, std::function<net::Time()> now) {
  const auto arp = [plane, now](const Arguments&) { return show_arp(plane().neighbors(now())); };
  const std::string show = "Show running system information";
  commands.add({.spec = "show arp", .help = {show, "ARP table"}, .run = parser::text_command(arp)});
  commands.add(
      {.spec = "show ip arp", .help = {show, "IP information", "IP ARP table"}, .run = parser::text_command(arp)});
  commands.add({.spec = "show platform packet-path",
                .help = {show, "Show platform information", "Stages of the packet path, and drops by reason"},
                .run = parser::text_command(
                    [plane](const Arguments&) { return show_packet_path(plane().stages(), plane().drops()); })});
  for (const auto* spec : {"clear arp-cache", "clear ip arp"})
    commands.add({.spec = spec,
                  .help = std::string_view(spec) == "clear arp-cache"
                              ? std::vector<std::string>{"Reset functions", "Clear the entire ARP cache"}
                              : std::vector<std::string>{"Reset functions", "IP", "Clear the entire ARP cache"},
                  .privilege = 15,
                  .run = parser::text_command([plane, now](const Arguments&) {
                    plane().clear_neighbors(now());
                    return std::string();
                  })});
}

}  // namespace culvert::dataplane
