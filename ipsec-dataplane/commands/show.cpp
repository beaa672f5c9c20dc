#include "ipsec-dataplane/commands/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

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

namespace {

std::uint64_t dropped(const std::vector<DropCount>& drops, std::initializer_list<Drop> reasons) {
  std::uint64_t sum = 0;
  for (const auto& drop : drops)
    if (std::ranges::find(reasons, drop.reason) != reasons.end()) sum += drop.packets;
  return sum;
}

}  // namespace

std::string show_ip_traffic(const Dataplane& plane) {
  const auto drops = plane.drops();
  const auto f = plane.fragments();
  const auto stages = plane.stages();
  const auto count_of = [&](std::string_view name) {
    const auto found = std::ranges::find(stages, name, &StageStatistics::stage);
    return found == stages.end() ? 0 : found->packets;
  };
  auto text = fmt::format("IP statistics:\n  Rcvd:  {} total\n", count_of("received"));
  text += fmt::format(
      "         {} format errors, {} checksum errors, {} bad hop count\n",
      dropped(drops, {Drop::frame_too_short, Drop::bad_ip_version, Drop::bad_ip_header_length, Drop::bad_ip_length}),
      dropped(drops, {Drop::bad_ip_checksum}), dropped(drops, {Drop::ttl_expired}));
  text += fmt::format("  Frags: {} reassembled, {} timeouts, {} couldn't reassemble\n", f.reassembled, f.timed_out,
                      f.failed);
  text += fmt::format("         {} fragmented, {} fragments, {} couldn't fragment\n", f.cut, f.fragments_made,
                      f.could_not_cut);
  text += fmt::format("         {} fragments received, {} overlapping, {} malformed, {} given up for room\n",
                      f.fragments, dropped(drops, {Drop::fragment_overlap}),
                      dropped(drops, {Drop::fragment_malformed, Drop::fragment_too_long}),
                      dropped(drops, {Drop::fragments_full}));
  text += fmt::format("  Sent:  {} total, {} generated\n", count_of("sent"), count_of("injected"));
  return text + fmt::format("  Drop:  {} unresolved, {} no adjacency, {} no route\n",
                            dropped(drops, {Drop::no_neighbor}), dropped(drops, {Drop::egress_down, Drop::tunnel_down}),
                            dropped(drops, {Drop::no_route}));
}

void add_commands(parser::ExecCommands& commands, std::function<Dataplane&()> plane, std::function<net::Time()> now) {
  const auto arp = [plane, now](const Arguments&) { return show_arp(plane().neighbors(now())); };
  const std::string show = "Show running system information";
  commands.add({.spec = "show arp", .help = {show, "ARP table"}, .run = parser::text_command(arp)});
  commands.add(
      {.spec = "show ip arp", .help = {show, "IP information", "IP ARP table"}, .run = parser::text_command(arp)});
  commands.add({.spec = "show ip traffic",
                .help = {show, "IP information", "IP protocol statistics"},
                .run = parser::text_command([plane](const Arguments&) { return show_ip_traffic(plane()); })});
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
