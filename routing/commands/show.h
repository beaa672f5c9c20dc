// The show commands of routing: interfaces and routes, in IOS layouts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "parser/exec_command.h"
#include "routing/interfaces/interface_table.h"
#include "routing/rib/rib.h"

namespace culvert::routing {

struct InterfaceCounters {
  std::uint64_t in_packets = 0, in_octets = 0, in_drops = 0, out_packets = 0, out_octets = 0, out_drops = 0;
};

// What the shows look at; all of it outlives the commands.
struct ShowSources {
  const InterfaceTable& interfaces;
  const Rib& rib;
  std::function<InterfaceCounters(const std::string& interface)> counters;
  // The address of this interface stood in the startup-config.
  std::function<bool(const Interface&)> from_startup;
  // The access list that the interface applies to what comes in (or goes out); may be empty.
  std::function<std::optional<std::string>(const std::string& interface, bool in)> access_list = {};
};

void add_interface_shows(parser::ExecCommands& commands, const ShowSources& sources);
void add_route_shows(parser::ExecCommands& commands, const ShowSources& sources);

// The texts themselves.
std::string show_ip_interface_brief(const ShowSources& sources, const std::string* only);
std::string show_interfaces(const ShowSources& sources, const std::string* only);
std::string show_interfaces_description(const ShowSources& sources, const std::string* only);
std::string show_ip_interface(const ShowSources& sources, const std::string* only);
// `only` keeps routes of one source.
std::string show_ip_route(const Rib& rib, const Source* only = nullptr);
std::string show_ip_route_entry(const Rib& rib, net::Address destination);
std::string show_ip_route_summary(const Rib& rib);

}  // namespace culvert::routing
