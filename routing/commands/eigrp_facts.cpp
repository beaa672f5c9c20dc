// What the rest of routing tells the engines: interfaces and their cost, and routes of other sources.
#include "routing/commands/eigrp.h"
#include "routing/commands/link_cost.h"

namespace culvert::routing {

namespace {

eigrp::LinkKind kind_of(const Interface& interface) {
  if (interface.kind == InterfaceKind::loopback) return eigrp::LinkKind::loopback;
  if (interface.kind == InterfaceKind::tunnel) return eigrp::LinkKind::tunnel;
  return interface.settings.name.starts_with("Serial") ? eigrp::LinkKind::serial : eigrp::LinkKind::ethernet;
}

// As IOS has it, for static routes that discard and are redistributed.
constexpr eigrp::LinkMetric null_cost{.bandwidth_kbps = 10'000'000, .delay_ps = 0};

}  // namespace

eigrp::LinkMetric link_cost(const Interface& interface, const std::optional<LinkCostRow>& configured) {
  constexpr std::uint64_t gigabit_kbps = 1'000'000, picoseconds_per_10us = 10'000'000;
  const auto kind = kind_of(interface);
  const auto hardware_kbps = kind == eigrp::LinkKind::ethernet ? gigabit_kbps : 0;
  auto cost = eigrp::default_link(kind, hardware_kbps, eigrp::MetricStyle::classic);
  cost.mtu = interface.mtu();
  if (!configured) return cost;
  cost.bandwidth_kbps = configured->bandwidth_kbps.value_or(cost.bandwidth_kbps);
  if (configured->delay_10us) cost.delay_ps = *configured->delay_10us * picoseconds_per_10us;
  return cost;
}

std::vector<eigrp::Interface> eigrp_interfaces(const InterfaceTable& table, const config::View& configuration) {
  std::vector<eigrp::Interface> all;
  for (const auto& [name, interface] : table.all()) {
    auto& one = all.emplace_back();
    one.name = name;
    one.up = interface.protocol_up;
    if (interface.settings.address) one.addresses = {*interface.settings.address};
    one.link = link_cost(interface, configuration.find<LinkCostRow>(name));
  }
  all.push_back({.name = "Null0", .up = true, .addresses = {}, .link = null_cost});
  return all;
}

std::vector<eigrp::ForeignRoute> foreign_routes(const Rib& rib) {
  std::vector<eigrp::ForeignRoute> all;
  rib.each([&](const InstalledRoute& route) {
    const auto& path = route.path();
    const bool connected = path.origin.source == Source::connected;
    if (!connected && path.origin.source != Source::static_route) return;
    all.push_back({.prefix = route.prefix,
                   .source = connected ? eigrp::Redistributed::connected : eigrp::Redistributed::static_route,
                   .metric = path.metric,
                   .tag = path.tag,
                   .interface = route.resolved->front().interface});
  });
  return all;
}

}  // namespace culvert::routing
