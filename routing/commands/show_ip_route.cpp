// `show ip route`: the table grouped by classful network, one entry in full, and the summary.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "routing/commands/show.h"

namespace culvert::routing {

namespace {

using parser::Arguments;

constexpr std::string_view legend =
    "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP\n"
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n"
    "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2\n"
    "       E1 - OSPF external type 1, E2 - OSPF external type 2, m - OMP\n"
    "       n - NAT, Ni - NAT inside, No - NAT outside, Nd - NAT DIA\n"
    "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2\n"
    "       ia - IS-IS inter area, * - candidate default, U - per-user static route\n"
    "       H - NHRP, G - NHRP registered, g - NHRP registration summary\n"
    "       o - ODR, P - periodic downloaded static route, l - LISP\n"
    "       a - application route\n"
    "       + - replicated route, % - next hop override, p - overrides from PfR\n"
    "       & - replicated local route overrides by connected\n\n";

struct SourceText {
  Source source;
  std::string_view code, name;
};
constexpr std::array source_texts{SourceText{Source::connected, "C", "connected"},
                                  SourceText{Source::local, "L", "local"},
                                  SourceText{Source::static_route, "S", "static"}};

const SourceText& text_of(Source source) { return *std::ranges::find(source_texts, source, &SourceText::source); }

// The network of the class that the address belonged to before CIDR: the header under which IOS groups subnets.
net::Prefix classful(const net::Prefix& prefix) {
  const auto first = prefix.address.v4_value() >> 24;
  const std::uint8_t length = first < 128 ? 8 : first < 192 ? 16 : 24;
  return net::Prefix{prefix.address, length}.network();
}

bool is_subnet(const net::Prefix& prefix) { return prefix.length > classful(prefix).length; }

std::string gateway_of_last_resort(const Rib& rib) {
  const auto found = rib.installed().find(net::Prefix{});
  if (found == rib.installed().end()) return "Gateway of last resort is not set\n\n";
  const auto& hop = found->second.route.next_hops.front();
  const auto via = hop.gateway ? *hop.gateway : net::Address{};
  return fmt::format("Gateway of last resort is {} to network 0.0.0.0\n\n", via);
}

// "[1/0] via 192.0.2.254", "is directly connected, GigabitEthernet2".
std::string leads(const Route& route, const NextHop& hop) {
  if (!hop.gateway) return fmt::format("is directly connected, {}", hop.interface);
  const auto text = fmt::format("[{}/{}] via {}", route.distance, route.metric, *hop.gateway);
  return hop.interface.empty() ? text : fmt::format("{}, {}", text, hop.interface);
}

std::string route_lines(const InstalledRoute& installed, bool as_subnet) {
  const auto& route = installed.route;
  const auto code = fmt::format("{}{}", text_of(route.source).code, route.prefix == net::Prefix{} ? "*" : "");
  const auto start = fmt::format("{:<{}}{} ", code, as_subnet ? 9 : 6, route.prefix);
  std::string text;
  for (const auto& hop : route.next_hops)
    text += fmt::format("{}{}\n", text.empty() ? start : std::string(start.size(), ' '), leads(route, hop));
  return text;
}

using Routes = std::vector<const InstalledRoute*>;

std::string header(const net::Prefix& network, const Routes& routes) {
  std::set<std::uint8_t> masks;
  for (const auto* route : routes) masks.insert(route->route.prefix.length);
  if (masks.size() == 1)
    return fmt::format("      {}/{} is subnetted, {} subnets\n", network.address, *masks.begin(), routes.size());
  return fmt::format("      {} is variably subnetted, {} subnets, {} masks\n", network, routes.size(), masks.size());
}

// A network that has subnets is listed under a header, its own classful route among them.
std::string group_lines(const net::Prefix& network, const Routes& routes) {
  const bool subnetted = std::ranges::any_of(routes, [](const auto* r) { return is_subnet(r->route.prefix); });
  std::string text = subnetted ? header(network, routes) : "";
  for (const auto* route : routes) text += route_lines(*route, subnetted);
  return text;
}

std::string descriptor_lines(const InstalledRoute& found) {
  std::string text = "  Routing Descriptor Blocks:\n";
  bool first = true;
  for (const auto& hop : found.route.next_hops) {
    const auto where = hop.gateway ? hop.gateway->to_string() + (hop.interface.empty() ? "" : ", via " + hop.interface)
                                   : "directly connected, via " + hop.interface;
    text += fmt::format("  {} {}\n      Route metric is {}, traffic share count is 1\n", first ? "*" : " ", where,
                        found.route.metric);
    first = false;
  }
  return text;
}

void add_entry_command(parser::ExecCommands& commands, const ShowSources& sources) {
  commands.add({.spec = "show ip route <address:ipv4> [<mask:mask>]",
                .help = {"Show running system information", "IP information", "IP routing table",
                         "Network to display information about", "Network mask"},
                .run = parser::text_command([sources](const Arguments& a) {
                  return show_ip_route_entry(sources.rib, *net::Address::parse(a["address"]));
                })});
}

}  // namespace

std::string show_ip_route(const Rib& rib, const Source* only) {
  auto text = std::string(legend) + gateway_of_last_resort(rib);
  std::map<net::Prefix, Routes> groups;
  for (const auto& [prefix, route] : rib.installed())
    if (only == nullptr || route.route.source == *only)
      groups[prefix.length < classful(prefix).length ? prefix : classful(prefix)].push_back(&route);
  for (const auto& [network, routes] : groups) text += group_lines(network, routes);
  return text;
}

std::string show_ip_route_entry(const Rib& rib, net::Address destination) {
  const auto* found = rib.lookup(destination);
  if (found == nullptr || found->route.prefix == net::Prefix{}) return "% Network not in table\n";
  const auto& route = found->route;
  auto text = fmt::format("Routing entry for {}\n  Known via \"{}\", distance {}, metric {}", route.prefix,
                          text_of(route.source).name, route.distance, route.metric);
  if (route.source == Source::connected) text += " (connected, via interface)";
  if (route.tag != 0) text += fmt::format("\n  Tag {}", route.tag);
  return text + "\n" + descriptor_lines(*found);
}

std::string show_ip_route_summary(const Rib& rib) {
  std::string text = "IP routing table name is default (0x0)\n";
  text += fmt::format("{:<16}{:<12}{}\n", "Route Source", "Networks", "Subnets");
  std::size_t networks_in_all = 0, subnets_in_all = 0;
  for (const auto& source : {Source::connected, Source::static_route}) {
    std::size_t networks = 0, subnets = 0;
    for (const auto& [prefix, route] : rib.installed()) {
      const bool same =
          route.route.source == source || (source == Source::connected && route.route.source == Source::local);
      if (same) ++(is_subnet(prefix) ? subnets : networks);
    }
    text += fmt::format("{:<16}{:<12}{}\n", text_of(source).name, networks, subnets);
    networks_in_all += networks;
    subnets_in_all += subnets;
  }
  return text + fmt::format("{:<16}{:<12}{}\n", "Total", networks_in_all, subnets_in_all);
}

void add_route_shows(parser::ExecCommands& commands, const ShowSources& sources) {
  const std::vector<std::string> help{"Show running system information", "IP information", "IP routing table"};
  commands.add({.spec = "show ip route", .help = help, .run = parser::text_command([sources](const Arguments&) {
                                                         return show_ip_route(sources.rib);
                                                       })});
  for (const auto& one : source_texts) {
    auto words = help;
    words.push_back(fmt::format("{}{} routes", static_cast<char>(std::toupper(one.name[0])), one.name.substr(1)));
    commands.add({.spec = fmt::format("show ip route {}", one.name),
                  .help = words,
                  .run = parser::text_command([sources, source = one.source](const Arguments&) {
                    return show_ip_route(sources.rib, &source);
                  })});
  }
  auto words = help;
  words.push_back("Summary of all routes");
  commands.add(
      {.spec = "show ip route summary", .help = words, .run = parser::text_command([sources](const Arguments&) {
                                                         return show_ip_route_summary(sources.rib);
                                                       })});
  add_entry_command(commands, sources);
}

}  // namespace culvert::routing
