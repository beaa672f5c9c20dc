#include "routing/commands/interface_mode.h"

#include <algorithm>

#include <fmt/format.h>

#include "config-store/definition.h"

template <>
struct culvert::config::Codec<culvert::routing::InterfaceAddress> {
  using Value = culvert::routing::InterfaceAddress;
  static Value decode(const parser::Arguments& a) {
    return {*net::Address::parse(a["address"]), *net::Address::parse(a["mask"])};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("address", value.address.to_string());
    a.add("mask", value.mask.to_string());
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::TunnelSource> {
  using Value = culvert::routing::TunnelSource;
  static Value decode(const parser::Arguments& a) { return {a.has("address") ? a["address"] : a["interface"]}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add(net::Address::parse(value.text) ? "address" : "interface", value.text);
    return a;
  }
};

namespace culvert::routing {

namespace {

using config::Accepted;
using config::Refusal;
using config::View;

std::optional<net::Prefix> prefix_of(const std::optional<InterfaceAddress>& value) {
  return value ? net::Prefix::from_mask(value->address, value->mask) : std::nullopt;
}

Accepted refused(std::string text) { return std::unexpected(Refusal{std::move(text)}); }

bool is_host(const net::Prefix& prefix) {
  const auto a = prefix.address;
  if (a.is_multicast() || a.is_loopback() || a.is_unspecified() || a.v4_value() >= 0xf0000000) return false;
  return prefix.length >= 31 || (a != prefix.network().address && a != prefix.broadcast());
}

config::Range addresses_of(const net::Prefix& prefix) {
  return {prefix.network().address.v4_value(), prefix.broadcast().v4_value()};
}

std::optional<config::Range> range_of(const InterfaceAddress& value) {
  const auto prefix = prefix_of(value);
  return prefix ? std::optional(addresses_of(*prefix)) : std::nullopt;
}

Accepted check_address(const config::LeafChange<InterfaceAddress>& change, const View& view) {
  if (!change.after) return {};
  const auto prefix = prefix_of(change.after);
  if (!prefix)
    return refused(
        fmt::format("Bad mask 0x{:08X} for address {}", change.after->mask.v4_value(), change.after->address));
  if (prefix->address.is_multicast() || prefix->address.is_loopback() || prefix->address.is_unspecified() ||
      prefix->address.v4_value() >= 0xf0000000)
    return refused(fmt::format("Not a valid host address - {}", prefix->address));
  if (!is_host(*prefix)) return refused(fmt::format("Bad mask /{} for address {}", prefix->length, prefix->address));
  if (const auto other = view.meeting<InterfaceRow>(addresses_of(*prefix), change.key))
    return refused(fmt::format("% {} overlaps with {}", prefix->network().address, other->name));
  return {};
}

template <class T>
Accepted tunnels_only(const config::LeafChange<T>& change, const View&) {
  if (!change.after || kind_of(change.key.last()) == InterfaceKind::tunnel) return {};
  return refused(fmt::format("% {} is no tunnel: its settings are those of a tunnel interface", change.key.last()));
}

Accepted flag_on_tunnels_only(const config::LeafChange<bool>& change, const View&) {
  if (!change.after.value_or(false) || kind_of(change.key.last()) == InterfaceKind::tunnel) return {};
  return refused(fmt::format("% {} is no tunnel: its settings are those of a tunnel interface", change.key.last()));
}

config::LeafDefinition description_leaf() {
  return config::leaf(
      "description <text:line>", &InterfaceRow::description,
      {.help = {"Interface specific description", "A character string describing this interface"}, .order = 10});
}

config::LeafDefinition address_leaf() {
  return config::leaf("ip address <address:ipv4> <mask:mask>", &InterfaceRow::ip_address,
                      {.help = {"Interface Internet Protocol config commands", "Set the IP address of an interface",
                                "IP address", "IP subnet mask"},
                       .render_absent = "no ip address",
                       .order = 20,
                       .check = check_address,
                       .range = range_of,
                       .examples = {"ip address 10.9.8.7 255.255.255.0", "ip address 10.9.8.7 255.255.255.255"}});
}

std::vector<config::LeafDefinition> tunnel_leaves() {
  const std::string tunnel = "protocol-over-protocol tunneling";
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(config::leaf("tunnel source (<address:ipv4>|<interface:interface>)", &InterfaceRow::tunnel_source,
                                {.help = {tunnel, "source of tunnel packets", "ip address", "interface"},
                                 .order = 60,
                                 .check = tunnels_only<TunnelSource>}));
  leaves.push_back(
      config::leaf("tunnel mode ipsec ipv4", &InterfaceRow::tunnel_is_ipsec,
                   {.help = {tunnel, "tunnel encapsulation method", "IPSec tunnel encapsulation", "over IPv4"},
                    .order = 61,
                    .check = flag_on_tunnels_only}));
  leaves.push_back(config::refuse(
      "tunnel mode gre ip",
      {.help = {tunnel, "tunnel encapsulation method", "generic route encapsulation protocol", "over IP"},
       .text = "% GRE tunnels are not supported: use tunnel mode ipsec ipv4"}));
  leaves.push_back(config::leaf(
      "tunnel destination <address:ipv4>", &InterfaceRow::tunnel_destination,
      {.help = {tunnel, "destination of tunnel", "ip address"}, .order = 62, .check = tunnels_only<net::Address>}));
  return leaves;
}

Accepted check_row(const config::RowChange<InterfaceRow>& change, const std::vector<std::string>& ports) {
  if (!change.after || change.before) return {};
  const auto kind = kind_of(change.after->name);
  if (kind == InterfaceKind::null) return refused("% Null0 takes no settings");
  if (kind == InterfaceKind::port && std::ranges::find(ports, change.after->name) == ports.end())
    return refused(fmt::format("% There is no port {} on this router", change.after->name));
  return {};
}

}  // namespace

void define_interfaces(config::Registry& registry, const std::vector<std::string>& ports) {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(description_leaf());
  leaves.push_back(address_leaf());
  leaves.push_back(config::leaf(
      "ip mtu <octets:u32(68-9000)>", &InterfaceRow::ip_mtu,
      {.help = {"Interface Internet Protocol config commands", "Set IP Maximum Transmission Unit", "MTU (bytes)"},
       .order = 30}));
  leaves.push_back(
      config::leaf("shutdown", &InterfaceRow::shutdown, {.help = {"Shutdown the selected interface"}, .order = 50}));
  for (auto& leaf : tunnel_leaves()) leaves.push_back(std::move(leaf));
  std::vector<std::string> examples{"interface Tunnel7", "interface Loopback3"};
  for (const auto& port : ports) examples.push_back("interface " + port);
  registry.add(config::mode<InterfaceRow>(
      {.enter = "interface <name:interface>",
       .help = {"Select an interface to configure", "Interface name and number"},
       .key = &InterfaceRow::name,
       .prompt = "config-if",
       .title = "Interface configuration commands:",
       .exit_help = "Exit from interface configuration mode",
       .leaves = std::move(leaves),
       .order = config::section_order::interface,
       .less = [](const config::Key& a,
                  const config::Key& b) { return listed_in_configuration_before(a.last(), b.last()); },
       .check = [ports](const config::RowChange<InterfaceRow>& change,
                        const View&) { return check_row(change, ports); },
       .examples = std::move(examples)}));
}

std::vector<InterfaceSettings> interface_settings(const config::View& configuration) {
  std::vector<InterfaceSettings> all;
  for (const auto& row : configuration.rows<InterfaceRow>()) {
    all.push_back({.name = row.name,
                   .description = row.description.value_or(""),
                   .shutdown = row.shutdown,
                   .address = prefix_of(row.ip_address),
                   .ip_mtu = row.ip_mtu,
                   .tunnel_source = row.tunnel_source ? row.tunnel_source->text : "",
                   .tunnel_destination = row.tunnel_destination,
                   .tunnel_is_ipsec = row.tunnel_is_ipsec,
                   .protection_profile = {}});
  }
  return all;
}

}  // namespace culvert::routing
