#include "router/forwarding.h"

#include <fmt/format.h>

#include <algorithm>

#include "ike/commands/definitions.h"
#include "router/plane_routes.h"
#include "routing/commands/interface_mode.h"

namespace culvert::router {

namespace {

using What = routing::InterfaceEvent::What;

LogMessage message_of(const routing::InterfaceEvent& event) {
  const auto line = [&](const char* state) {
    return LogMessage{"LINK", 3, "UPDOWN", fmt::format("Interface {}, changed state to {}", event.interface, state)};
  };
  const auto protocol = [&](const char* state) {
    return LogMessage{"LINEPROTO", 5, "UPDOWN",
                      fmt::format("Line protocol on Interface {}, changed state to {}", event.interface, state)};
  };
  switch (event.what) {
    case What::administratively_down:
      return {"LINK", 5, "CHANGED",
              fmt::format("Interface {}, changed state to administratively down", event.interface)};
    case What::line_up: return line("up");
    case What::line_down: return line("down");
    case What::protocol_up: return protocol("up");
    case What::protocol_down: return protocol("down");
  }
  return {};
}

dataplane::InterfaceKind kind_of(routing::InterfaceKind kind) {
  switch (kind) {
    case routing::InterfaceKind::port: return dataplane::InterfaceKind::port;
    case routing::InterfaceKind::tunnel: return dataplane::InterfaceKind::tunnel;
    case routing::InterfaceKind::loopback: return dataplane::InterfaceKind::loopback;
    case routing::InterfaceKind::null: break;
  }
  return dataplane::InterfaceKind::null;
}

constexpr const char* null_interface = "Null0";
// Static routes that crypto maps make, beside those of the configuration.
constexpr routing::Origin reverse_routes{routing::Source::static_route, 1};
constexpr std::uint16_t ethernet_mtu = 1500;

}  // namespace

Forwarding::Forwarding(dataplane::Dataplane& plane, std::function<void(const LogMessage&)> log)
    : plane_(plane), log_(std::move(log)) {}

void Forwarding::set_static_routes(std::vector<routing::Route> routes) {
  rib_.replace({routing::Source::static_route}, std::move(routes));
}

void Forwarding::configure(net::Time now, const config::View& configuration) {
  auto settings = routing::interface_settings(configuration);
  for (auto& one : settings)
    if (const auto row = configuration.find<ike::TunnelProtectionRow>(one.name))
      one.protection_profile = row->ipsec_profile.value_or("");
  packet_settings_ = dataplane::PacketSettings(configuration);
  interfaces_.configure(now, settings);
  settle(now);
}

bool Forwarding::watch_ports(net::Time now) {
  bool changed = false;
  for (const auto& port : plane_.ports()) {
    const routing::PortFacts facts{.mac = port.mac.to_string(), .mtu = port.mtu, .carrier = port.link_up};
    const auto known = ports_.find(port.name);
    if (known != ports_.end() && known->second == facts) continue;
    ports_[port.name] = facts;
    interfaces_.port(now, port.name, facts);
    changed = true;
  }
  if (changed) settle(now);
  return changed;
}

void Forwarding::tunnel_secured(net::Time now, const std::string& tunnel, bool secured) {
  interfaces_.tunnel_secured(now, tunnel, secured);
  settle(now);
}

ike::ByName<ike::Tunnel> Forwarding::protected_tunnels() const {
  ike::ByName<ike::Tunnel> tunnels;
  for (const auto& [name, interface] : interfaces_.all()) {
    const auto& s = interface.settings;
    const auto source = interfaces_.tunnel_source_address(interface);
    if (!s.tunnel_is_ipsec || s.protection_profile.empty() || !source || !s.tunnel_destination) continue;
    tunnels[name] = {name, *source, *s.tunnel_destination, s.protection_profile, interface.line_up};
  }
  return tunnels;
}

void Forwarding::set_crypto(PoliciesByInterface policies, std::vector<InjectedRoute> routes) {
  map_policies_ = std::move(policies);
  injected_routes_ = std::move(routes);
}

std::optional<net::Address> Forwarding::source_towards(net::Address destination) const {
  if (interfaces_.owner_of(destination) != nullptr) return destination;
  const auto* interface = interfaces_.find(way_to(destination));
  if (interface == nullptr || !interface->settings.address) return std::nullopt;
  return interface->settings.address->address;
}

void Forwarding::set_multicast_groups(net::Time now, std::map<std::string, std::vector<net::Address>> groups) {
  multicast_groups_ = std::move(groups);
  apply_interfaces(now);
}

void Forwarding::learn(net::Time now, const routing::Origin& origin, const routing::RouteBatch& batch) {
  rib_.update(origin, batch);
  apply_routes(now);
  if (ways_moved()) apply_interfaces(now);
}

void Forwarding::settle(net::Time now) {
  log_changes();
  std::set<std::string> usable;
  for (const auto& [name, interface] : interfaces_.all())
    if (interface.protocol_up) usable.insert(name);
  rib_.set_usable_interfaces(std::move(usable));
  for (const auto source : {routing::Source::connected, routing::Source::local})
    rib_.replace({source}, connected_routes(source));
  rib_.replace(reverse_routes, injected_routes());
  apply_interfaces(now);
  apply_routes(now);
  apply_interfaces(now);  // the way of a tunnel, and its MTU, may be another now
}

void Forwarding::log_changes() {
  while (const auto event = interfaces_.poll()) log_(message_of(*event));
}

std::vector<routing::Route> Forwarding::connected_routes(routing::Source source) const {
  std::vector<routing::Route> routes;
  for (const auto& [name, interface] : interfaces_.all()) {
    const auto& address = interface.settings.address;
    if (!address || !interface.protocol_up) continue;
    const bool is_host = address->length == address->address.bits();
    if (source == routing::Source::local && is_host) continue;
    const auto prefix = source == routing::Source::local ? net::Prefix::host(address->address) : address->network();
    routes.push_back({prefix, {.origin = {source}, .next_hops = {{std::nullopt, name}}}});
  }
  return routes;
}

std::vector<routing::Route> Forwarding::injected_routes() const {
  std::vector<routing::Route> routes;
  for (const auto& injected : injected_routes_)
    if (const auto* bearer = interfaces_.find(injected.interface); bearer != nullptr && bearer->protocol_up)
      routes.push_back({injected.prefix,
                        {.origin = reverse_routes,
                         .distance = routing::distance::static_route,
                         .next_hops = {{injected.peer, ""}}}});
  return routes;
}

std::string Forwarding::way_to(net::Address destination) const {
  const auto route = rib_.lookup(destination);
  return route ? route->resolved->front().interface : "";
}

const std::string& Forwarding::applied_way_to(net::Address destination) {
  return applied_ways_[destination] = way_to(destination);
}

bool Forwarding::ways_moved() const {
  return std::ranges::any_of(applied_ways_, [&](const auto& way) { return way_to(way.first) != way.second; });
}

dataplane::TunnelConfig Forwarding::tunnel_config(const routing::Interface& interface) {
  const auto& destination = interface.settings.tunnel_destination;
  dataplane::TunnelConfig config{.local = interfaces_.tunnel_source_address(interface), .remote = destination};
  const auto way = destination ? applied_way_to(*destination) : "";
  if (const auto* leaves_by = interfaces_.find(way)) config.path_mtu = static_cast<std::uint16_t>(leaves_by->mtu());
  const auto settings = packet_settings_.tunnel(interface.settings.name, way);
  config.df_bit = settings.df_bit;
  config.fragmentation = settings.fragmentation;
  return config;
}

void Forwarding::apply_interfaces(net::Time now) {
  applied_ways_.clear();
  std::vector<dataplane::InterfaceConfig> wanted;
  for (const auto& [name, interface] : interfaces_.all()) {
    auto& one = wanted.emplace_back();
    one.name = name;
    one.kind = kind_of(interface.kind);
    one.up = interface.protocol_up;
    one.mtu = static_cast<std::uint16_t>(interface.mtu());
    if (const auto filters = filters_.find(name); filters != filters_.end()) {
      one.input_filter = filters->second.in;
      one.output_filter = filters->second.out;
    }
    if (interface.settings.address) one.addresses = {*interface.settings.address};
    if (const auto groups = multicast_groups_.find(name); groups != multicast_groups_.end())
      one.multicast_groups = groups->second;
    if (interface.kind == routing::InterfaceKind::tunnel) one.tunnel = tunnel_config(interface);
    // Cut after they are sealed, packets may be as large as those of a port.
    const bool cut_sealed = one.tunnel.fragmentation == dataplane::Fragmentation::after_encryption;
    if (cut_sealed && !interface.settings.ip_mtu) one.mtu = ethernet_mtu;
    one.tcp_mss = packet_settings_.tcp_mss(name);
    one.crypto_policy = crypto_policy(name);
  }
  wanted.push_back({.name = null_interface, .kind = dataplane::InterfaceKind::null, .up = true});
  if (wanted == applied_) return;
  applied_ = wanted;
  plane_.apply(now, {std::move(wanted)});
}

void Forwarding::apply_routes(net::Time now) {
  const auto changes = rib_.settle(now);
  if (changes.empty()) return;
  if (const auto done = plane_.update_routes(plane_updates(changes)); !done) log_({"ROUTING", 3, "FIB", done.error()});
}

}  // namespace culvert::router
