// From the rows of the configuration to what an engine is told.
#include <algorithm>

#include "routing/commands/eigrp.h"
#include "routing/commands/eigrp_codecs.h"
#include "routing/commands/eigrp_lists.h"
#include "routing/commands/eigrp_rows.h"
#include "routing/commands/key_chain.h"

namespace culvert::routing {

namespace {

constexpr std::uint64_t picoseconds_per_10us = 10'000'000;
constexpr std::uint32_t seconds_per_minute = 60;
constexpr std::uint8_t summary_distance_default = 5;

std::uint8_t u8(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

eigrp::Network network_of(const NetworkLine& line) {
  return {line.address, line.wildcard.value_or(net::Address::v4(wildcard_of_class(line.address.v4_value())))};
}

eigrp::SeedMetric seed_of(const MetricLine& line) {
  return {.bandwidth_kbps = line.bandwidth_kbps,
          .delay_ps = line.delay_10us * picoseconds_per_10us,
          .reliability = u8(line.reliability),
          .load = u8(line.load),
          .mtu = line.mtu};
}

eigrp::StubSettings stub_of(const StubLine& line) {
  const auto said = [&](const char* word) { return std::ranges::find(line.advertised, word) != line.advertised.end(); };
  return {.connected = said("connected"),
          .static_routes = said("static"),
          .summary = said("summary"),
          .redistributed = said("redistributed"),
          .receive_only = said("receive-only")};
}

std::optional<eigrp::Redistribution> redistribution(const EigrpRow& row, const char* source) {
  const auto line = std::ranges::find(row.redistribute, source, &RedistributeLine::source);
  if (line == row.redistribute.end()) return std::nullopt;
  return eigrp::Redistribution{line->metric ? std::optional(seed_of(*line->metric)) : std::nullopt};
}

template <class Line>
const Line* of_process(const std::vector<Line>& lines, std::uint32_t process) {
  const auto found = std::ranges::find(lines, process, &Line::process);
  return found == lines.end() ? nullptr : &*found;
}

// Of several keys that may send the one of the lowest number does, as in IOS.
eigrp::AuthenticationSettings authentication(const config::View& configuration, const EigrpInterfaceRow& row,
                                             std::uint32_t process, net::WallTime now) {
  const auto* mode = of_process(row.authentication_modes, process);
  if (mode == nullptr) return {};
  const auto kind =
      mode->value == "md5" ? eigrp::wire::AuthenticationType::md5 : eigrp::wire::AuthenticationType::hmac_sha_256;
  const auto* chain = of_process(row.authentication_chains, process);
  eigrp::AuthenticationSettings settings{.required = true,
                                         .send = std::nullopt,
                                         .accept = {},
                                         .mode = mode->value,
                                         .key_chain = chain == nullptr ? "" : chain->value};
  if (chain == nullptr) return settings;
  for (const auto& key : keys_of(configuration, chain->value)) {
    const eigrp::wire::AuthenticationKey wire_key{.kind = kind, .id = key.id, .password = key.text};
    if (!settings.send && (!key.send || key.send->covers(now))) settings.send = wire_key;
    if (!key.accept || key.accept->covers(now)) settings.accept.push_back(wire_key);
  }
  return settings;
}

eigrp::InterfaceSettings settings_of(const config::View& configuration, const EigrpInterfaceRow& row,
                                     std::uint32_t process, net::WallTime now) {
  eigrp::InterfaceSettings settings;
  if (const auto* line = of_process(row.hello_intervals, process))
    settings.hello_interval_s = static_cast<std::uint16_t>(line->value);
  if (const auto* line = of_process(row.hold_times, process))
    settings.hold_time_s = static_cast<std::uint16_t>(line->value);
  if (const auto* line = of_process(row.bandwidth_percents, process)) settings.bandwidth_percent = line->value;
  settings.split_horizon = of_process(row.split_horizons, process) == nullptr;
  settings.next_hop_self = of_process(row.next_hops_self, process) == nullptr;
  settings.authentication = authentication(configuration, row, process, now);
  for (const auto& line : row.summaries)
    if (line.process == process)
      settings.summaries.push_back(
          {*net::Prefix::from_mask(line.address, line.mask), u8(line.distance.value_or(summary_distance_default))});
  return settings;
}

void take_numbers(eigrp::Configuration& into, const EigrpRow& row) {
  if (row.weights)
    into.k = {.k1 = u8(row.weights->k1),
              .k2 = u8(row.weights->k2),
              .k3 = u8(row.weights->k3),
              .k4 = u8(row.weights->k4),
              .k5 = u8(row.weights->k5)};
  into.variance = u8(row.variance.value_or(into.variance));
  into.maximum_paths = u8(row.maximum_paths.value_or(into.maximum_paths));
  into.maximum_hops = u8(row.maximum_hops.value_or(into.maximum_hops));
  if (row.distance) {
    into.internal_distance = u8(row.distance->internal);
    into.external_distance = u8(row.distance->external);
  }
  if (row.active_time) {
    into.active_time_s.reset();
    if (row.active_time->minutes) into.active_time_s = *row.active_time->minutes * seconds_per_minute;
  }
}

eigrp::Configuration process_of(const EigrpRow& row, const FilterOf& filter_of) {
  eigrp::Configuration process{.autonomous_system = static_cast<std::uint16_t>(row.autonomous_system)};
  take_numbers(process, row);
  if (row.router_id) process.router_id = row.router_id->v4_value();
  for (const auto& line : row.networks) process.networks.push_back(network_of(line));
  process.traffic_share_balanced = row.traffic_share != "min";
  if (row.stub) process.stub = stub_of(*row.stub);
  if (row.default_metric) process.default_metric = seed_of(*row.default_metric);
  process.redistribute_connected = redistribution(row, "connected");
  process.redistribute_static = redistribution(row, "static");
  process.passive_by_default = row.passive_by_default;
  for (const auto& line : row.passive) process.interfaces[line.interface].passive = !line.negated;
  for (const auto& line : row.neighbors) process.neighbors.push_back({line.address, line.interface});
  take_lists(process, row, filter_of);
  process.log_neighbor_changes = row.log_neighbor_changes;
  process.log_neighbor_warnings = row.log_neighbor_warnings;
  return process;
}

}  // namespace

std::vector<eigrp::Configuration> eigrp_configurations(const config::View& configuration, net::WallTime now,
                                                       const FilterOf& filter_of) {
  const auto interfaces = configuration.rows<EigrpInterfaceRow>();
  std::vector<eigrp::Configuration> all;
  for (const auto& row : configuration.rows<EigrpRow>()) {
    if (row.shutdown) continue;
    auto& process = all.emplace_back(process_of(row, filter_of));
    for (const auto& interface : interfaces) {
      auto settings = settings_of(configuration, interface, row.autonomous_system, now);
      auto& into = process.interfaces[interface.name];
      settings.passive = into.passive;
      settings.filter_in = std::move(into.filter_in);
      settings.filter_out = std::move(into.filter_out);
      into = std::move(settings);
    }
  }
  return all;
}

}  // namespace culvert::routing
