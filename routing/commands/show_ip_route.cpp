// `show ip route`: the table grouped by classful network, its parts by source, and the summary.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "routing/commands/route_text.h"

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

std::string gateway_of_last_resort(const Rib& rib) {
  const auto found = rib.find(net::Prefix{});
  if (!found) return "Gateway of last resort is not set\n\n";
  const auto& hop = found->path().next_hops.front();
  const auto via = hop.gateway ? *hop.gateway : net::Address{};
  return fmt::format("Gateway of last resort is {} to network 0.0.0.0\n\n", via);
}

bool shown(const InstalledRoute& route, const RouteFilter& only) {
  const auto& origin = route.path().origin;
  if (only.source && origin.source != *only.source) return false;
  return !only.process || origin.process == *only.process;
}

// The routes of one classful network, or one route above classes.
class Group {
 public:
  void add(const InstalledRoute& route) {
    subnetted_ = subnetted_ || is_subnet(route.prefix);
    masks_.insert(route.prefix.length);
    routes_.push_back(route);
  }
  // A network that has subnets is listed under a header, its own classful route among them.
  std::string text(const ShowSources& sources, const net::Prefix& network) const {
    std::string text = subnetted_ ? header(network) : "";
    for (const auto& route : routes_) text += route_lines(sources, route, subnetted_ ? 9 : 6);
    return text;
  }

 private:
  std::string header(const net::Prefix& network) const {
    const auto count = routes_.size();
    if (masks_.size() == 1)
      return fmt::format("      {}/{} is subnetted, {} subnets\n", network.address, *masks_.begin(), count);
    return fmt::format("      {} is variably subnetted, {} subnets, {} masks\n", network, count, masks_.size());
  }

  std::vector<InstalledRoute> routes_;
  std::set<std::uint8_t> masks_;
  bool subnetted_ = false;
};

// How many of a source there are, by the columns of the summary.
struct Counted {
  std::size_t networks = 0, subnets = 0, held = 0;
};

std::string summary_row(const std::string& name, const Counted& c) {
  const auto footprint = Rib::footprint();
  return fmt::format("{:<16}{:<12}{:<12}{:<12}{:<12}{}\n", name, c.networks, c.subnets, 0,
                     c.held * footprint.path_octets, (c.networks + c.subnets) * footprint.prefix_octets);
}

void add_table_command(parser::ExecCommands& commands, const ShowSources& sources, const std::string& spec,
                       std::vector<std::string> more_help, const RouteFilter& only = {}) {
  std::vector<std::string> help{"Show running system information", "IP information", "IP routing table"};
  help.insert(help.end(), more_help.begin(), more_help.end());
  commands.add({.spec = spec, .help = help, .run = parser::text_command([sources, only](const Arguments& a) {
                                              auto wanted = only;
                                              if (a.has("number"))
                                                wanted.process = static_cast<std::uint32_t>(std::stoul(a["number"]));
                                              return show_ip_route(sources, wanted);
                                            })});
}

// `mask` may be missing where `longer-prefixes` follows: the class of the address gives it.
std::string longer_prefixes(const ShowSources& sources, const Arguments& a) {
  const auto address = *net::Address::parse(a["address"]);
  const auto within = a.has("mask") ? net::Prefix::from_mask(address, *net::Address::parse(a["mask"])).value()
                                    : classful(net::Prefix::host(address));
  return show_ip_route(sources, {.within = within.network()});
}

void add_entry_commands(parser::ExecCommands& commands, const ShowSources& sources) {
  const std::vector<std::string> help{"Show running system information", "IP information", "IP routing table",
                                      "Network to display information about", "Network mask"};
  commands.add({.spec = "show ip route <address:ipv4> [<mask:mask>]",
                .help = help,
                .run = parser::text_command([sources](const Arguments& a) {
                  return show_ip_route_entry(sources, *net::Address::parse(a["address"]),
                                             a.has("mask") ? net::Address::parse(a["mask"]) : std::nullopt);
                })});
  auto longer = help;
  longer.push_back("Show route matching the specified Network/Mask pair only");
  commands.add({.spec = "show ip route <address:ipv4> [<mask:mask>] longer-prefixes",
                .help = longer,
                .run = parser::text_command([sources](const Arguments& a) { return longer_prefixes(sources, a); })});
}

}  // namespace

std::string show_ip_route(const ShowSources& sources, const RouteFilter& only) {
  std::map<net::Prefix, Group> groups;
  const auto take = [&](const InstalledRoute& route) {
    const auto network = is_subnet(route.prefix) ? classful(route.prefix) : route.prefix;
    if (shown(route, only)) groups[network].add(route);
  };
  only.within ? sources.rib.each(*only.within, take) : sources.rib.each(take);
  auto text = std::string(legend) + gateway_of_last_resort(sources.rib);
  for (const auto& [network, group] : groups) text += group.text(sources, network);
  return text;
}

std::string show_ip_route_summary(const ShowSources& sources) {
  std::map<Origin, Counted> rows{{{Source::connected}, {}}, {{Source::static_route}, {}}};
  std::set<net::Prefix> majors;
  sources.rib.each([&](const InstalledRoute& route) {
    auto origin = route.path().origin;
    if (origin.source == Source::local) origin.source = Source::connected;
    if (origin.source == Source::static_route) origin.process = 0;
    auto& row = rows[origin];
    ++(is_subnet(route.prefix) ? row.subnets : row.networks);
    row.held += route.paths.size();
    if (is_subnet(route.prefix)) majors.insert(classful(route.prefix));
  });
  auto text = fmt::format(
      "IP routing table name is default (0x0)\nIP routing table maximum-paths is {}\n"
      "Route Source    Networks    Subnets     Replicates  Overhead    Memory (bytes)\n",
      Rib::paths_max);
  Counted total{.networks = majors.size()};
  for (const auto& [origin, row] : rows) {
    text += summary_row(known_via(origin), row);
    total = {total.networks + row.networks, total.subnets + row.subnets, total.held + row.held};
  }
  text += fmt::format("{:<16}{:<48}{}\n", "internal", majors.size(), 0);
  return text + summary_row("Total", total);
}

std::string show_ip_protocols(const ShowSources& sources) {
  return "*** IP Routing is NSF aware ***\n\n" + (sources.protocols ? sources.protocols() : "");
}

void add_route_shows(parser::ExecCommands& commands, const ShowSources& sources) {
  add_table_command(commands, sources, "show ip route", {});
  add_table_command(commands, sources, "show ip route connected", {"Connected"}, {.source = Source::connected});
  add_table_command(commands, sources, "show ip route local", {"Local"}, {.source = Source::local});
  add_table_command(commands, sources, "show ip route static", {"Static routes"}, {.source = Source::static_route});
  add_table_command(commands, sources, "show ip route eigrp [<number:u32(1-65535)>]",
                    {"Enhanced Interior Gateway Routing Protocol (EIGRP)", "Autonomous System"},
                    {.source = Source::eigrp});
  const std::string show = "Show running system information", ip = "IP information";
  commands.add({.spec = "show ip route summary",
                .help = {show, ip, "IP routing table", "Summary of all routes"},
                .run = parser::text_command([sources](const Arguments&) { return show_ip_route_summary(sources); })});
  commands.add({.spec = "show ip protocols",
                .help = {show, ip, "IP routing protocol process parameters and statistics"},
                .run = parser::text_command([sources](const Arguments&) { return show_ip_protocols(sources); })});
  commands.add({.spec = "show ip cef <address:ipv4>",
                .help = {show, ip, "Cisco Express Forwarding", "Address to look up"},
                .run = parser::text_command([sources](const Arguments& a) {
                  return show_ip_cef_entry(sources, *net::Address::parse(a["address"]));
                })});
  add_entry_commands(commands, sources);
}

}  // namespace culvert::routing
