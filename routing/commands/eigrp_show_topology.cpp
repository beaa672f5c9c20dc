// show ip eigrp topology, and show ip eigrp why.
#include <algorithm>

#include <fmt/format.h>

#include "routing/commands/eigrp_show.h"
#include "routing/commands/route_text.h"
#include "routing/interfaces/interface_table.h"

namespace culvert::routing {

namespace {

using eigrp::Distance;
using eigrp::PathSource;
using eigrp::PathView;
using eigrp::TopologyView;
using eigrp::wire::ExternalProtocol;

std::string distance_text(Distance distance, const char* infinite = "Infinity") {
  return distance == eigrp::unreachable ? infinite : std::to_string(distance);
}

std::string origin_text(const PathView& path) {
  const auto redistributed = [&] {
    if (!path.external) return "Redistributed";
    if (path.external->protocol == ExternalProtocol::static_route) return "Rstatic";
    return path.external->protocol == ExternalProtocol::connected ? "Rconnected" : "Redistributed";
  };
  switch (path.source) {
    case PathSource::connected: return "Connected";
    case PathSource::redistributed: return redistributed();
    case PathSource::summary: return "Summary";
    case PathSource::neighbor: break;
  }
  return path.from.to_string();
}

// "10.1.0.2 (130816/128256), GigabitEthernet0/0", "Connected, GigabitEthernet0/1".
std::string via_text(const PathView& path) {
  auto text = origin_text(path);
  if (path.source != PathSource::connected)
    text += fmt::format(" ({}/{})", distance_text(path.distance), distance_text(path.reported_distance));
  if (path.reply_awaited) text += ", r";
  if (!path.interface.empty() && path.source != PathSource::redistributed) text += ", " + path.interface;
  return text;
}

std::string state_lines(const TopologyView& entry) {
  return fmt::format("    {} replies, active {}, query-origin: {}{}\n", entry.replies_awaited,
                     elapsed_text(entry.active_for),
                     entry.query_origin == 1 || entry.query_origin == 0 ? "Local origin" : "Successor Origin",
                     entry.query_origin == 2 ? ", multiple" : "");
}

// IOS shows none of a route that is not in the routing table.
std::string feasible_text(const TopologyView& entry) {
  return distance_text(entry.beaten ? eigrp::unreachable : entry.feasible_distance, "Inaccessible");
}

std::string entry_lines(const TopologyView& entry, bool all_links) {
  auto text = fmt::format("{} {}, {} successors, FD is {}", entry.active ? "A" : "P", entry.prefix, entry.successors,
                          feasible_text(entry));
  if (const auto& paths = entry.paths; !paths.empty() && paths.front().tag != 0)
    text += fmt::format(", tag is {}", paths.front().tag);
  if (all_links) text += fmt::format(", serno {}", entry.serial);
  text += "\n";
  if (entry.active) text += state_lines(entry);
  for (const auto& path : entry.paths)
    if (all_links || path.successor || path.feasible) text += fmt::format("        via {}\n", via_text(path));
  return text;
}

// -- One entry in full --

std::uint64_t bandwidth_kbps(const PathView& path, bool wide) {
  constexpr std::uint64_t scaled = 2'560'000'000;
  if (wide || path.metric.bandwidth == 0) return path.metric.bandwidth;
  return scaled / path.metric.bandwidth;
}

std::string delay_text(const PathView& path, bool wide) {
  if (wide) return fmt::format("{} picoseconds", path.metric.delay);
  constexpr std::uint64_t scale = 256, microseconds = 10;
  return fmt::format("{} microseconds", path.metric.delay * microseconds / scale);
}

std::string external_lines(const eigrp::wire::External& external) {
  const auto protocol = [&]() -> std::string {
    switch (external.protocol) {
      case ExternalProtocol::static_route: return "Static";
      case ExternalProtocol::connected: return "Connected";
      case ExternalProtocol::eigrp: return "EIGRP";
      case ExternalProtocol::rip: return "RIP";
      case ExternalProtocol::ospf: return "OSPF";
      case ExternalProtocol::bgp: return "BGP";
      default: return fmt::format("{}", static_cast<unsigned>(external.protocol));
    }
  }();
  return fmt::format(
      "      External data:\n"
      "        AS number of route is {}\n"
      "        External protocol is {}, external metric is {}\n"
      "        Administrator tag is {} (0x{:08X})\n",
      external.autonomous_system, protocol, external.metric, external.tag, external.tag);
}

// "10.1.0.2 (GigabitEthernet0/0), from 10.1.0.2"; what is redistributed leads nowhere of EIGRP's own.
std::string from_text(const PathView& path) {
  switch (path.source) {
    case PathSource::neighbor: return fmt::format("{} ({}), from {}", path.next_hop, path.interface, path.from);
    case PathSource::connected: return fmt::format("0.0.0.0 ({}), from Connected", path.interface);
    case PathSource::summary: return fmt::format("0.0.0.0 ({}), from 0.0.0.0", path.interface);
    case PathSource::redistributed: break;
  }
  return "0.0.0.0, from " + origin_text(path);
}

// Neighbors of the classic format say it of external routes alone.
std::string originator_line(const eigrp::Engine& engine, const PathView& path) {
  const bool own = path.source != PathSource::neighbor;
  if (!own && !path.external) return "";
  return fmt::format("        Originating router is {}\n",
                     id_address(own ? engine.router_id() : path.external->router_id));
}

std::string block(const eigrp::Engine& engine, const PathView& path) {
  const bool wide = engine.configuration().style == eigrp::MetricStyle::wide;
  auto text = fmt::format("  {}, Send flag is 0x0\n", from_text(path));
  text += fmt::format("      Composite metric is ({}/{}), route is {}\n", distance_text(path.distance),
                      distance_text(path.reported_distance), path.external ? "External" : "Internal");
  text += fmt::format(
      "      Vector metric:\n"
      "        Minimum bandwidth is {} Kbit\n"
      "        Total delay is {}\n"
      "        Reliability is {}/255\n"
      "        Load is {}/255\n"
      "        Minimum MTU is {}\n"
      "        Hop count is {}\n",
      bandwidth_kbps(path, wide), delay_text(path, wide), path.metric.reliability, path.metric.load, path.metric.mtu,
      path.metric.hop_count);
  text += originator_line(engine, path);
  return path.external ? text + external_lines(*path.external) : text;
}

// -- Why --

// "no: 130816 is not below the FD", and the like.
std::string verdict(const TopologyView& entry, const PathView& path) {
  if (entry.beaten && path.feasible) return "feasible: would be used if the routing table had nothing better";
  if (path.successor) return "successor, in use";
  if (path.reported_distance == eigrp::unreachable) return "tells of no way";
  if (!path.feasible)
    return fmt::format("not feasible: its {} is not below the FD {}, so its way may lead through us",
                       distance_text(path.reported_distance), distance_text(entry.feasible_distance, "Inaccessible"));
  return "feasible successor: would be used at once";
}

}  // namespace

std::string topology_header(const eigrp::Engine& engine, const char* what) {
  return fmt::format("EIGRP-IPv4 Topology {} for AS({})/ID({})", what, engine.configuration().autonomous_system,
                     id_address(engine.router_id()));
}

std::string show_eigrp_topology(const eigrp::Engine& engine, net::Time now, const std::string& which) {
  auto text = topology_header(engine, "Table") +
              "\nCodes: P - Passive, A - Active, U - Update, Q - Query, R - Reply,\n"
              "       r - reply Status, s - sia Status \n\n";
  for (const auto& entry : engine.topology(now)) {
    const bool left_out = (which == "active" && !entry.active) || (which == "zero-successors" && entry.successors != 0);
    if (!left_out) text += entry_lines(entry, which == "all-links");
  }
  return text;
}

std::string show_eigrp_topology_summary(const eigrp::Engine& engine, net::Time now) {
  std::uint64_t last = 0;
  std::size_t routes = 0, awaited = 0, peers = 0, neighborly = 0;
  for (const auto& entry : engine.topology(now)) {
    ++routes;
    awaited += entry.replies_awaited;
    last = std::max(last, entry.serial);
  }
  std::vector<std::string> quiescent;
  const auto interfaces = engine.interfaces(now);
  for (const auto& interface : interfaces) {
    peers += interface.peers;
    neighborly += interface.peers > 0;
    if (interface.pending_routes == 0) quiescent.push_back(short_name(interface.name));
  }
  return topology_header(engine, "Table") +
         fmt::format(
             "\nHead serial 1, next serial {}\n{} routes, {} pending replies, 0 dummies\n"
             "EIGRP-IPv4({}) enabled on {} interfaces, {} neighbors present on {} interfaces\n"
             "Quiescent interfaces:  {}\n",
             last + 1, routes, awaited, engine.configuration().autonomous_system, interfaces.size(), peers, neighborly,
             fmt::join(quiescent, " "));
}

std::string show_eigrp_entry(const eigrp::Engine& engine, net::Time now, const net::Prefix& prefix) {
  const auto entry = engine.topology(now, prefix);
  if (!entry) return "";
  auto text = fmt::format("{} for {}\n", topology_header(engine, "Entry"), prefix);
  text += fmt::format("  State is {}, Query origin flag is {}, {} Successor(s), FD is {}\n",
                      entry->active ? "Active" : "Passive", entry->query_origin == 0 ? 1 : entry->query_origin,
                      entry->successors, feasible_text(*entry));
  if (entry->active)
    text += fmt::format("  Active for {}, {} replies awaited, {} SIA-queries sent\n", elapsed_text(entry->active_for),
                        entry->replies_awaited, entry->sia_queries);
  text += "  Descriptor Blocks:\n";
  for (const auto& path : entry->paths) text += block(engine, path);
  return text;
}

std::string show_eigrp_why(const eigrp::Engine& engine, net::Time now, const net::Prefix& prefix) {
  const auto why = engine.why(now, prefix);
  if (!why) return "";
  const auto& entry = why->topology;
  auto text = fmt::format("{} for {}\n", topology_header(engine, "Entry"), prefix);
  text += fmt::format(
      "  State is {}{}\n", entry.active ? "Active" : "Passive",
      entry.active ? fmt::format(", o={}, {} replies awaited", entry.query_origin, entry.replies_awaited) : "");
  if (entry.beaten) text += "  Another source has a better route: this one is not in use, and told to nobody\n";
  text += fmt::format("  FD is {}, the least distance since this prefix was last Passive\n",
                      distance_text(entry.feasible_distance, "Inaccessible"));
  text += fmt::format("  RD told to neighbors is {}\n  Feasible is who reports less than the FD:\n",
                      distance_text(entry.advertised));
  for (const auto& path : entry.paths) {
    text += fmt::format("    {}{}: RD {}, distance {}\n", origin_text(path),
                        path.interface.empty() ? "" : " by " + path.interface, distance_text(path.reported_distance),
                        distance_text(path.distance));
    text += fmt::format("      {}\n", verdict(entry, path));
  }
  text += "  History, newest last:\n";
  for (const auto& event : why->history)
    text += fmt::format("    {} ago: {}\n", elapsed_text(now - event.when), event.what);
  return text;
}

}  // namespace culvert::routing
