#include "routing/commands/static_route.h"

#include <fmt/format.h>

#include "config-store/definition.h"
#include "routing/commands/interface_mode.h"

template <>
struct culvert::config::Codec<culvert::routing::StaticRoute> {
  using Value = culvert::routing::StaticRoute;
  static Value decode(const parser::Arguments& a) {
    const auto number = [&](const char* name) {
      return a.has(name) ? std::optional(TextCodec<std::uint32_t>::decode(a[name])) : std::nullopt;
    };
    const auto text = [&](const char* name) { return a.has(name) ? std::optional(a[name]) : std::nullopt; };
    return {.prefix = *net::Address::parse(a["prefix"]),
            .mask = *net::Address::parse(a["mask"]),
            .interface = text("interface"),
            .gateway = a.has("gateway") ? net::Address::parse(a["gateway"]) : std::nullopt,
            .distance = number("distance"),
            .tag = number("tag"),
            .name = text("name"),
            .permanent = a.has("permanent")};
  }
  static parser::Arguments encode(const Value& route) {
    parser::Arguments a;
    a.add("prefix", route.prefix.to_string());
    a.add("mask", route.mask.to_string());
    if (route.interface) a.add("interface", *route.interface);
    if (route.gateway) a.add("gateway", route.gateway->to_string());
    if (route.distance) a.add("distance", std::to_string(*route.distance));
    if (route.tag) a.add("tag", std::to_string(*route.tag));
    if (route.permanent) a.add("permanent", "permanent");
    if (route.name) a.add("name", *route.name);
    return a;
  }
};

namespace culvert::routing {

namespace {

config::Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

bool may_be_gateway(net::Address address) {
  constexpr std::uint32_t reserved = 240u << 24;  // and the broadcast among them
  constexpr std::uint32_t loopback = 127;
  return !address.is_unspecified() && !address.is_multicast() && address.v4_value() < reserved &&
         address.v4_value() >> 24 != loopback;
}

config::Accepted check(const config::LeafChange<StaticRoute>& change, const config::View& view) {
  if (!change.after) return {};
  const auto& route = *change.after;
  const auto prefix = net::Prefix::from_mask(route.prefix, route.mask);
  if (!prefix || prefix->network() != *prefix) return refused("%Inconsistent address and mask");
  if (route.prefix.is_multicast()) return refused("%Invalid destination prefix");
  if (route.gateway && !may_be_gateway(*route.gateway)) return refused("%Invalid next hop address");
  if (route.gateway && is_own_address(*route.gateway, view))
    return refused("%Invalid next hop address (it's this router)");
  return {};
}

// Every destination would be asked for by ARP.
std::string notice(const config::LeafChange<StaticRoute>& change, const config::View&) {
  if (!change.after || change.after->gateway || !change.after->mask.is_unspecified()) return {};
  if (!change.after->interface->starts_with("GigabitEthernet")) return {};
  return "%Default route without gateway, if not a point-to-point interface, may impact performance";
}

// A distance of 1 is what a line without one means, and how IOS shows it.
StaticRoute normalised(StaticRoute route) {
  if (route.distance == distance::static_route) route.distance.reset();
  return route;
}

// Words of the specification with their help.
struct Words {
  std::string spec;
  std::vector<std::string> help;
  void add(const Words& more) {
    spec += more.spec;
    help.insert(help.end(), more.help.begin(), more.help.end());
  }
};

// None or any of the options, in any order; as they stand here where a route is shown.
Words in_any_order(const std::vector<Words>& options) {
  Words all{"[", {}};
  for (std::size_t first = 0; first < options.size(); ++first) {
    auto others = options;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(first));
    all.add({first == 0 ? "" : "|", {}});
    all.add(options[first]);
    if (!others.empty()) all.add({" ", {}});
    if (!others.empty()) all.add(in_any_order(others));
  }
  all.spec += "]";
  return all;
}

Words route_words() {
  Words all{"ip route <prefix:ipv4> <mask:mask> (<interface:interface> [<gateway:ipv4>]|<gateway:ipv4>) ",
            {"Global IP configuration subcommands", "Establish static routes", "Destination prefix",
             "Destination prefix mask", "Interface to send through", "Forwarding router's address",
             "Forwarding router's address"}};
  all.add(in_any_order({{"<distance:u32(1-255)>", {"Distance metric for this route"}},
                        {"tag <tag:u32(1-4294967295)>", {"Set tag for this route", "Tag value"}},
                        {"permanent:(permanent)", {"Permanent route"}},
                        {"name <name:word>", {"Specify name of the next hop", "Name of the next hop"}}}));
  return all;
}

}  // namespace

void define_static_routes(config::Registry& registry) {
  const auto words = route_words();
  registry.add(config::global<StaticRoutes>(
      {.table = "ip",
       .leaves = {config::leaf(
           words.spec, &StaticRoutes::routes,
           {.help = words.help,
            .normalise = normalised,
            .identity = {"prefix", "mask", "interface", "gateway"},
            .sorted = true,
            .missing = "%No matching route to delete",
            .no_until = "mask",
            .synopsis =
                "ip route <prefix:ipv4> <mask:mask> (<interface:interface> [<gateway:ipv4>]|<gateway:ipv4>) "
                "[<distance:u32(1-255)>] [tag <tag:u32(1-4294967295)>] [permanent:(permanent)] [name <name:word>]",
            .order = config::section_order::ip_route,
            .check = check,
            .notice = notice,
            .column = "ip_route",
            .examples = {"ip route 10.0.0.0 255.0.0.0 192.0.2.1", "ip route 0.0.0.0 0.0.0.0 192.0.2.1 200 name backup",
                         "ip route 10.1.0.0 255.255.0.0 Tunnel1", "ip route 10.2.0.0 255.255.0.0 Null0",
                         "ip route 10.3.0.0 255.255.0.0 GigabitEthernet0/0 192.0.2.9 tag 7",
                         "ip route 10.4.0.0 255.255.0.0 GigabitEthernet0/0 100 tag 7 permanent name lasting"}})}}));
}

bool is_own_address(net::Address address, const config::View& view) {
  const auto on_link = view.meeting<InterfaceRow>({address.v4_value(), address.v4_value()});
  return on_link && on_link->ip_address->address == address;
}

std::vector<Route> static_routes(const config::View& configuration) {
  std::vector<Route> all;
  configuration.each_value<StaticRoutes, StaticRoute>([&](const StaticRoute& route) {
    all.push_back({*net::Prefix::from_mask(route.prefix, route.mask),
                   {.origin = {Source::static_route},
                    .distance = static_cast<std::uint8_t>(route.distance.value_or(distance::static_route)),
                    .permanent = route.permanent,
                    .tag = route.tag.value_or(0),
                    .next_hops = {{route.gateway, route.interface.value_or("")}},
                    .name = route.name.value_or("")}});
  });
  return all;
}

bool touches_static_routes(const config::Changes& changes) { return changes.touches("ip_ip_route"); }

}  // namespace culvert::routing
