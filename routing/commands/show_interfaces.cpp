// `show interfaces`, `show ip interface [brief]` and `show interfaces description`.
#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "routing/commands/show.h"

namespace culvert::routing {

namespace {

using parser::Arguments;
using Rows = std::vector<const Interface*>;

// In the order of `show`, or the one named.
Rows rows(const InterfaceTable& table, const std::string* only) {
  Rows all;
  for (const auto& [name, interface] : table.all())
    if (only == nullptr || name == *only) all.push_back(&interface);
  std::ranges::sort(all,
                    [](const auto* a, const auto* b) { return listed_before(a->settings.name, b->settings.name); });
  return all;
}

std::string status(const Interface& interface) {
  if (interface.admin_down()) return "administratively down";
  return interface.line_up ? "up" : "down";
}

std::string protocol(const Interface& interface) { return interface.protocol_up ? "up" : "down"; }

std::string first_line(const Interface& interface) {
  return fmt::format("{} is {}, line protocol is {}\n", interface.settings.name, status(interface),
                     protocol(interface));
}

std::string method(const ShowSources& sources, const Interface& interface) {
  if (!interface.settings.address) return "unset";
  return sources.from_startup(interface) ? "NVRAM" : "manual";
}

std::string hardware(const Interface& interface) {
  switch (interface.kind) {
    case InterfaceKind::loopback: return "  Hardware is Loopback\n";
    case InterfaceKind::tunnel: return "  Hardware is Tunnel\n";
    case InterfaceKind::null: return "  Hardware is Unknown\n";
    case InterfaceKind::port: break;
  }
  if (!interface.port) return "  Hardware is Ethernet, no device\n";
  return fmt::format("  Hardware is Ethernet, address is {0} (bia {0})\n", interface.port->mac);
}

std::string tunnel_lines(const InterfaceTable& table, const Interface& interface) {
  const auto& s = interface.settings;
  const auto source = table.tunnel_source_address(interface);
  std::string text = "  Encapsulation TUNNEL, loopback not set\n";
  auto from = source ? source->to_string() : std::string("UNKNOWN");
  if (!s.tunnel_source.empty() && s.tunnel_source != from) from += fmt::format(" ({})", s.tunnel_source);
  text += fmt::format("  Tunnel source {}, destination {}\n", from,
                      s.tunnel_destination ? s.tunnel_destination->to_string() : "UNKNOWN");
  if (s.tunnel_is_ipsec) text += "   Tunnel protocol/transport IPSEC/IP\n";
  text += fmt::format("  Tunnel transport MTU {} bytes\n", interface.mtu());
  if (!s.protection_profile.empty())
    text += fmt::format("  Tunnel protection via IPSec (profile \"{}\")\n", s.protection_profile);
  return text;
}

std::string counter_lines(const InterfaceCounters& c) {
  return fmt::format(
      "  Total input drops: {}; Total output drops: {}\n"
      "     {} packets input, {} bytes\n"
      "     {} packets output, {} bytes\n",
      c.in_drops, c.out_drops, c.in_packets, c.in_octets, c.out_packets, c.out_octets);
}

// What routing protocols reckon with, as IOS has it behind the MTU.
std::string cost_text(const ShowSources& sources, const Interface& interface) {
  constexpr std::uint64_t picoseconds_per_microsecond = 1'000'000;
  if (!sources.cost) return "";
  const auto cost = sources.cost(interface);
  return fmt::format(", BW {} Kbit/sec, DLY {} usec,\n     reliability {}/255, txload {}/255, rxload {}/255",
                     cost.bandwidth_kbps, cost.delay_ps / picoseconds_per_microsecond, cost.reliability, cost.load,
                     cost.load);
}

std::string one_interface(const ShowSources& sources, const Interface& interface) {
  const auto& s = interface.settings;
  auto text = first_line(interface) + hardware(interface);
  if (!s.description.empty()) text += fmt::format("  Description: {}\n", s.description);
  if (s.address) text += fmt::format("  Internet address is {}\n", *s.address);
  text += fmt::format("  MTU {} bytes{}\n", interface.mtu(), cost_text(sources, interface));
  if (interface.kind == InterfaceKind::tunnel) text += tunnel_lines(sources.interfaces, interface);
  if (interface.kind == InterfaceKind::port)
    text += "  Encapsulation ARPA, loopback not set\n  ARP type: ARPA, ARP Timeout 04:00:00\n";
  if (interface.kind == InterfaceKind::loopback) text += "  Encapsulation LOOPBACK, loopback not set\n";
  return text + counter_lines(sources.counters(s.name));
}

// Adds the command with and without the name of one interface, which must exist.
void add(parser::ExecCommands& commands, const ShowSources& sources, const std::string& spec,
         std::vector<std::string> help, std::string (*text)(const ShowSources&, const std::string*)) {
  help.push_back("Interface name and number");
  commands.add({.spec = spec + " [<interface:interface>]",
                .help = std::move(help),
                .run = [sources, text](const Arguments& arguments, std::shared_ptr<parser::Terminal> terminal) {
                  const auto* only = arguments.find("interface");
                  if (only != nullptr && sources.interfaces.find(*only) == nullptr) {
                    terminal->write(fmt::format("% {} does not exist on this router\n", *only));
                    terminal->fail();
                  } else {
                    terminal->write(text(sources, only));
                  }
                  terminal->done();
                }});
}

}  // namespace

std::string show_ip_interface_brief(const ShowSources& sources, const std::string* only) {
  const auto shown = rows(sources.interfaces, only);
  std::size_t width = 22;
  for (const auto* interface : shown) width = std::max(width, interface->settings.name.size());
  auto text = fmt::format("{:<{}} {:<15} OK? {:<6} {:<21} {}\n", "Interface", width, "IP-Address", "Method", "Status",
                          "Protocol");
  for (const auto* interface : shown) {
    const auto address = interface->settings.address ? interface->settings.address->address.to_string() : "unassigned";
    text += fmt::format("{:<{}} {:<15} YES {:<6} {:<21} {:<8}\n", interface->settings.name, width, address,
                        method(sources, *interface), status(*interface), protocol(*interface));
  }
  return text;
}

std::string show_interfaces(const ShowSources& sources, const std::string* only) {
  std::string text;
  for (const auto* interface : rows(sources.interfaces, only)) text += one_interface(sources, *interface);
  return text;
}

std::string show_interfaces_description(const ShowSources& sources, const std::string* only) {
  std::string text = fmt::format("{:<30} {:<14} {:<8} {}\n", "Interface", "Status", "Protocol", "Description");
  for (const auto* interface : rows(sources.interfaces, only))
    text += fmt::format("{:<30} {:<14} {:<8} {}\n", short_name(interface->settings.name),
                        interface->admin_down() ? "admin down" : status(*interface), protocol(*interface),
                        interface->settings.description);
  return text;
}

std::string show_ip_interface(const ShowSources& sources, const std::string* only) {
  std::string text;
  for (const auto* interface : rows(sources.interfaces, only)) {
    text += first_line(*interface);
    const auto& address = interface->settings.address;
    if (!address) {
      text += "  Internet protocol processing disabled\n";
      continue;
    }
    text += fmt::format("  Internet address is {}\n  Broadcast address is 255.255.255.255\n", *address);
    text += method(sources, *interface) == "NVRAM" ? "  Address determined by non-volatile memory\n"
                                                   : "  Address determined by setup command\n";
    text += fmt::format("  MTU is {} bytes\n", interface->mtu());
    const auto list = [&](bool in) {
      const auto name = sources.access_list ? sources.access_list(interface->settings.name, in) : std::nullopt;
      return name ? "is " + *name : "is not set";
    };
    text += fmt::format("  Outgoing access list {}\n  Inbound  access list {}\n", list(false), list(true));
  }
  return text;
}

void add_interface_shows(parser::ExecCommands& commands, const ShowSources& sources) {
  const std::string show = "Show running system information", ip = "IP information";
  add(commands, sources, "show ip interface brief",
      {show, ip, "IP interface status and configuration", "Brief summary of IP status and configuration"},
      show_ip_interface_brief);
  add(commands, sources, "show ip interface", {show, ip, "IP interface status and configuration"}, show_ip_interface);
  add(commands, sources, "show interfaces", {show, "Interface status and configuration"}, show_interfaces);
  add(commands, sources, "show interfaces description",
      {show, "Interface status and configuration", "Show interface description"}, show_interfaces_description);
}

}  // namespace culvert::routing
