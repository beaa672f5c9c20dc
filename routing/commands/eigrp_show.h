// show and clear commands of EIGRP, in the layouts of IOS 17.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/time.h"
#include "parser/exec_command.h"
#include "routing/eigrp/engine.h"
#include "routing/rib/route.h"

namespace culvert::routing {

// What the commands look at; all of it outlives them.
struct EigrpSources {
  std::function<std::vector<eigrp::Engine*>()> engines;  // running, by their numbers
  std::function<net::Time()> now;
  std::function<net::WallTime()> wall;
  // Packets that belong to no process.
  std::function<std::uint64_t()> strays;
  // `clear ip eigrp neighbors`: returns how many adjacencies were reset.
  std::function<std::size_t(std::optional<std::uint16_t> process, const std::optional<net::Address>& neighbor,
                            const std::optional<std::string>& interface)>
      clear;
};

void add_eigrp_commands(parser::ExecCommands& commands, const EigrpSources& sources);

// The texts, one process each.
// "EIGRP-IPv4 Topology Entry for AS(100)/ID(10.1.1.1)", of a "Table" or an "Entry".
std::string topology_header(const eigrp::Engine& engine, const char* what);
std::string show_eigrp_neighbors(const eigrp::Engine& engine, net::Time now, bool detail, const std::string* interface);
std::string show_eigrp_interfaces(const eigrp::Engine& engine, net::Time now, bool detail, const std::string* only);
// `which` is "active", "all-links", "zero-successors", or "" for what is usual.
std::string show_eigrp_topology(const eigrp::Engine& engine, net::Time now, const std::string& which);
std::string show_eigrp_topology_summary(const eigrp::Engine& engine, net::Time now);
// "" where the process knows nothing of the prefix.
std::string show_eigrp_entry(const eigrp::Engine& engine, net::Time now, const net::Prefix& prefix);
// Why the routes of a prefix are what they are.
std::string show_eigrp_why(const eigrp::Engine& engine, net::Time now, const net::Prefix& prefix);
std::string show_eigrp_traffic(const eigrp::Engine& engine);
std::string show_eigrp_events(const eigrp::Engine& engine, net::Time now, net::WallTime wall);
// The process's part of `show ip protocols`.
std::string show_eigrp_protocol(const eigrp::Engine& engine, net::Time now);

// What the shows of routes say of EIGRP's: the vector behind a next hop, what processes do with a route, and all of
// `show ip protocols`.
std::string eigrp_descriptor(const EigrpSources& sources, const InstalledRoute& route, const NextHop& hop);
std::string eigrp_redistributing(const EigrpSources& sources, const InstalledRoute& route);
std::string show_eigrp_protocols(const EigrpSources& sources);

// 10.1.1.1 of a router's number.
net::Address id_address(std::uint32_t router_id);

}  // namespace culvert::routing
