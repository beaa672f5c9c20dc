// What the shows of the routing table say of EIGRP's routes.
#include <algorithm>

#include <fmt/format.h>

#include "routing/commands/eigrp_show.h"

namespace culvert::routing {

namespace {

const eigrp::Engine* engine_of(const EigrpSources& sources, std::uint32_t process) {
  for (const auto* engine : sources.engines())
    if (engine->configuration().autonomous_system == process) return engine;
  return nullptr;
}

std::string vector_lines(const eigrp::wire::Metric& metric) {
  constexpr std::uint64_t scale = 256, microseconds = 10, scaled_bandwidth = 2'560'000'000;
  return fmt::format(
      "      Total delay is {} microseconds, minimum bandwidth is {} Kbit\n"
      "      Reliability {}/255, minimum MTU {} bytes\n"
      "      Loading {}/255, Hops {}\n",
      metric.delay * microseconds / scale, metric.bandwidth == 0 ? 0 : scaled_bandwidth / metric.bandwidth,
      metric.reliability, metric.mtu, metric.load, metric.hop_count);
}

// What a process does with a route of the table.
enum class Role { none, own, redistributes };

bool is_network_of(const eigrp::Engine& engine, net::Time now, const net::Prefix& prefix) {
  const auto entry = engine.topology(now, prefix);
  return entry &&
         std::ranges::find(entry->paths, eigrp::PathSource::connected, &eigrp::PathView::source) != entry->paths.end();
}

Role role_of(const eigrp::Engine& engine, net::Time now, const InstalledRoute& route) {
  const auto& configuration = engine.configuration();
  const auto& origin = route.path().origin;
  if (origin.source == Source::eigrp) return origin.process == configuration.autonomous_system ? Role::own : Role::none;
  if (origin.source == Source::static_route)
    return configuration.redistribute_static ? Role::redistributes : Role::none;
  if (origin.source != Source::connected) return Role::none;
  if (is_network_of(engine, now, route.prefix)) return Role::own;
  return configuration.redistribute_connected ? Role::redistributes : Role::none;
}

}  // namespace

std::string eigrp_descriptor(const EigrpSources& sources, const InstalledRoute& route, const NextHop& hop) {
  const auto& origin = route.path().origin;
  const auto* engine = origin.source == Source::eigrp ? engine_of(sources, origin.process) : nullptr;
  const auto entry = engine != nullptr ? engine->topology(sources.now(), route.prefix) : std::nullopt;
  if (!entry) return "";
  for (const auto& path : entry->paths)
    if (path.interface == hop.interface && (!hop.gateway || path.next_hop == *hop.gateway))
      return vector_lines(path.metric);
  return "";
}

std::string eigrp_redistributing(const EigrpSources& sources, const InstalledRoute& route) {
  std::vector<std::string> all, redistributing;
  for (const auto* engine : sources.engines()) {
    const auto role = role_of(*engine, sources.now(), route);
    const auto name = fmt::format("eigrp {}", engine->configuration().autonomous_system);
    if (role != Role::none) all.push_back(name);
    if (role == Role::redistributes) redistributing.push_back(name);
  }
  std::string text;
  if (!all.empty()) text += fmt::format("  Redistributing via {}\n", fmt::join(all, ", "));
  if (!redistributing.empty()) text += fmt::format("  Advertised by {}\n", fmt::join(redistributing, ", "));
  return text;
}

std::string show_eigrp_protocols(const EigrpSources& sources) {
  std::string text;
  for (const auto* engine : sources.engines()) text += show_eigrp_protocol(*engine, sources.now());
  return text;
}

}  // namespace culvert::routing
