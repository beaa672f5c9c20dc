// What the shows of the routing table say of EIGRP's routes.
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

bool tells(const eigrp::Configuration& configuration, const Origin& origin) {
  if (origin.source == Source::eigrp) return origin.process == configuration.autonomous_system;
  if (origin.source == Source::connected) return configuration.redistribute_connected.has_value();
  return origin.source == Source::static_route && configuration.redistribute_static.has_value();
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

std::string eigrp_redistributing(const EigrpSources& sources, const Origin& origin) {
  std::vector<std::string> processes;
  for (const auto* engine : sources.engines())
    if (tells(engine->configuration(), origin))
      processes.push_back(fmt::format("eigrp {}", engine->configuration().autonomous_system));
  return fmt::format("{}", fmt::join(processes, ", "));
}

std::string show_eigrp_protocols(const EigrpSources& sources) {
  std::string text;
  for (const auto* engine : sources.engines()) text += show_eigrp_protocol(*engine, sources.now());
  return text;
}

}  // namespace culvert::routing
