// The show commands of routing: interfaces and routes, in IOS layouts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "parser/exec_command.h"
#include "routing/eigrp/metric.h"
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
  // What routing counts the interface as worth; may be empty.
  std::function<eigrp::LinkMetric(const Interface&)> cost = {};
  // For the ages of routes; may be empty, then they are not shown.
  std::function<net::Time()> now = {};
  // What a protocol adds to one next hop of `show ip route A.B.C.D`: whole lines, indented by six; may be empty.
  std::function<std::string(const InstalledRoute&, const NextHop&)> descriptor = {};
  // What routing protocols do with a route of the table: whole lines, indented by two; may be empty.
  std::function<std::string(const InstalledRoute&)> redistributing = {};
  // Their sections of `show ip protocols`, each ended by an empty line; may be empty.
  std::function<std::string()> protocols = {};
};

void add_interface_shows(parser::ExecCommands& commands, const ShowSources& sources);
void add_route_shows(parser::ExecCommands& commands, const ShowSources& sources);

// The texts themselves.
std::string show_ip_interface_brief(const ShowSources& sources, const std::string* only);
std::string show_interfaces(const ShowSources& sources, const std::string* only);
std::string show_interfaces_description(const ShowSources& sources, const std::string* only);
std::string show_ip_interface(const ShowSources& sources, const std::string* only);

// Which routes a table shows.
struct RouteFilter {
  std::optional<Source> source;
  std::optional<std::uint32_t> process;
  std::optional<net::Prefix> within;  // longer-prefixes
};
std::string show_ip_route(const ShowSources& sources, const RouteFilter& only = {});
// The route of this very prefix or, without a mask, the one that the address is sent by; a network of a class that has
// subnets is shown as such.
std::string show_ip_route_entry(const ShowSources& sources, net::Address destination,
                                std::optional<net::Address> mask = {});
std::string show_ip_route_summary(const ShowSources& sources);
std::string show_ip_protocols(const ShowSources& sources);
std::string show_ip_cef_entry(const ShowSources& sources, net::Address destination);

}  // namespace culvert::routing
