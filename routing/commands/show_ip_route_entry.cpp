// `show ip route A.B.C.D`: one route in full; and how CEF sends an address.
#include <set>
#include <utility>

#include <fmt/format.h>

#include "routing/commands/route_text.h"

namespace culvert::routing {

namespace {

std::string known_via_line(const InstalledRoute& route) {
  const auto& path = route.path();
  auto text =
      fmt::format("  Known via \"{}\", distance {}, metric {}", known_via(path.origin), path.distance, path.metric);
  const bool learned = path.origin.source == Source::eigrp;
  if (route.prefix == net::Prefix{}) text += ", candidate default path";
  if (learned && path.tag != 0) text += fmt::format("\n  Tag {}", path.tag);
  if (learned) text += path.type == RouteType::external ? ", type external" : ", type internal";
  if (path.origin.source == Source::connected) text += " (connected, via interface)";
  if (path.origin.source == Source::static_route && !path.next_hops.front().gateway) text += " (connected)";
  if (!learned && path.tag != 0) text += fmt::format("\n  Tag {}", path.tag);
  return text + "\n";
}

// What protocols do with it, and of EIGRP's own who told it last.
std::string update_lines(const ShowSources& sources, const InstalledRoute& route) {
  const auto& path = route.path();
  auto text = sources.redistributing ? sources.redistributing(route) : "";
  if (path.origin.source != Source::eigrp || !path.next_hops.front().gateway) return text;
  const auto& hop = path.next_hops.front();
  return text +
         fmt::format("  Last update from {} on {}, {} ago\n", *hop.gateway, hop.interface, age_of(sources, route));
}

std::string way_of(const ShowSources& sources, const InstalledRoute& route, const Path& path, const NextHop& hop) {
  if (!hop.gateway) return "directly connected, via " + hop.interface;
  if (path.origin.source == Source::eigrp)
    return fmt::format("{0}, from {0}, {1} ago, via {2}", *hop.gateway, age_of(sources, route), hop.interface);
  return hop.interface.empty() ? hop.gateway->to_string() : fmt::format("{}, via {}", *hop.gateway, hop.interface);
}

std::string descriptor_lines(const ShowSources& sources, const InstalledRoute& route) {
  std::string text = "  Routing Descriptor Blocks:\n";
  const auto* mark = "*";
  for (const auto* path : route.paths)
    for (const auto& hop : path->next_hops) {
      text += fmt::format("  {} {}\n      Route metric is {}, traffic share count is {}\n", std::exchange(mark, " "),
                          way_of(sources, route, *path, hop), hop.metric != 0 ? hop.metric : path->metric, hop.weight);
      if (sources.descriptor) text += sources.descriptor(route, hop);
      if (path->tag != 0) text += fmt::format("      Route tag {}\n", path->tag);
    }
  return text;
}

std::string entry_text(const ShowSources& sources, const InstalledRoute& route) {
  const bool supernet = route.prefix.length < classful(route.prefix).length;
  return fmt::format("Routing entry for {}{}\n", route.prefix, supernet ? ", supernet" : "") + known_via_line(route) +
         update_lines(sources, route) + descriptor_lines(sources, route);
}

struct Subnets {
  std::size_t count = 0, attached = 0;
  std::set<std::uint8_t> masks;
  std::string lines;
};

Subnets subnets_of(const ShowSources& sources, const net::Prefix& network) {
  Subnets all;
  sources.rib.each(network, [&](const InstalledRoute& route) {
    ++all.count;
    all.attached += route.path().origin.source <= Source::local;
    all.masks.insert(route.prefix.length);
    all.lines += route_lines(sources, route, 9);
  });
  return all;
}

std::string network_text(const net::Prefix& network, const Subnets& subnets) {
  auto text = fmt::format("Routing entry for {}, {} known subnets\n", network, subnets.count);
  if (subnets.attached > 0) text += fmt::format("  Attached ({} connections)\n", subnets.attached);
  if (subnets.masks.size() > 1) text += fmt::format("  Variably subnetted with {} masks\n", subnets.masks.size());
  return text + subnets.lines;
}

}  // namespace

std::string show_ip_route_entry(const ShowSources& sources, net::Address destination,
                                std::optional<net::Address> mask) {
  const auto network = classful(net::Prefix::host(destination));
  const auto subnets = subnets_of(sources, network);
  const auto* const missing = subnets.count > 0 ? "% Subnet not in table\n" : "% Network not in table\n";
  if (mask) {
    const auto exact = sources.rib.find(net::Prefix::from_mask(destination, *mask).value().network());
    return exact ? entry_text(sources, *exact) : missing;
  }
  if (destination == net::Address{}) {
    const auto standard = sources.rib.find(net::Prefix{});
    return standard ? entry_text(sources, *standard) : missing;
  }
  if (destination == network.address && subnets.count > 0 && !sources.rib.find(network))
    return network_text(network, subnets);
  const auto found = sources.rib.lookup(destination);
  return found && found->prefix != net::Prefix{} ? entry_text(sources, *found) : missing;
}

std::string show_ip_cef_entry(const ShowSources& sources, net::Address destination) {
  const auto found = sources.rib.lookup(destination);
  if (!found) return "0.0.0.0/0\n  no route\n";
  auto text = fmt::format("{}\n", found->prefix);
  const bool receives = found->path().origin.source == Source::local;
  for (const auto& hop : *found->resolved) {
    if (receives)
      text += fmt::format("  receive for {}\n", hop.interface);
    else if (hop.gateway)
      text += fmt::format("  nexthop {} {}\n", *hop.gateway, hop.interface);
    else
      text += fmt::format("  attached to {}\n", hop.interface);
  }
  return text;
}

}  // namespace culvert::routing
