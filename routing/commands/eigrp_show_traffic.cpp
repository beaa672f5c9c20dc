// show ip eigrp traffic and events, and EIGRP's part of show ip protocols.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "routing/commands/eigrp_codecs.h"
#include "routing/commands/eigrp_show.h"
#include "routing/commands/route_text.h"
#include "routing/interfaces/interface_table.h"

namespace culvert::routing {

namespace {

// As `network` was typed: without a wildcard that the class implies.
std::string network_text(const eigrp::Network& network) {
  const auto wildcard = network.wildcard.v4_value();
  if (wildcard == wildcard_of_class(network.address.v4_value())) return network.address.to_string();
  const bool contiguous = (wildcard & (wildcard + 1)) == 0;
  if (wildcard == 0) return fmt::format("{}/32", network.address);
  if (!contiguous) return fmt::format("{} {}", network.address, network.wildcard);
  return net::Prefix::from_mask(network.address, net::Address::v4(~wildcard))->to_string();
}

// What a summary stands for at this moment; nothing where it has no component.
std::string components_line(const eigrp::Engine& engine, net::Time now, const net::Prefix& summary) {
  const auto own = engine.topology(now, summary);
  if (!own) return "";
  const auto stands = std::ranges::find(own->paths, eigrp::PathSource::summary, &eigrp::PathView::source);
  if (stands == own->paths.end()) return "";
  std::size_t components = 0;
  for (const auto& entry : engine.topology(now))
    components += entry.prefix != summary && entry.successors > 0 && summary.contains(entry.prefix.address);
  return fmt::format("      Summarizing {} components with metric {}\n", components, stands->distance);
}

std::string summary_lines(const eigrp::Engine& engine, net::Time now) {
  const auto& configuration = engine.configuration();
  std::map<net::Prefix, std::vector<std::string>> interfaces;
  for (const auto& [name, settings] : configuration.interfaces)
    for (const auto& summary : settings.summaries) interfaces[summary.prefix].push_back(short_name(name));
  if (interfaces.empty()) return "";
  std::string text = "  Address Summarization:\n";
  for (const auto& [prefix, names] : interfaces)
    text += fmt::format("    {} for {}\n", prefix, fmt::join(names, ", ")) + components_line(engine, now, prefix);
  return text;
}

// "all interfaces is 10", and what single interfaces have.
std::string filter_lines(const eigrp::Configuration& c, const char* direction, bool in) {
  const auto name = [](const std::optional<eigrp::Filter>& filter) { return filter ? filter->name : "not set"; };
  const auto& everywhere = in ? c.filter_in : c.filter_out;
  auto text = fmt::format("  {} update filter list for all interfaces is {}\n", direction, name(everywhere));
  for (const auto& [interface, settings] : c.interfaces)
    if (const auto& filter = in ? settings.filter_in : settings.filter_out)
      text += fmt::format("    {} filtered by {}, default is {}\n", interface, filter->name, name(everywhere));
  return text;
}

std::string offset_lines(const std::vector<eigrp::Offset>& offsets, const char* direction) {
  std::string text;
  for (const auto& offset : offsets)
    text += fmt::format("  {} routes{} will have {} added to metric if on list {}\n", direction,
                        offset.interface.empty() ? "" : " in " + offset.interface, offset.delay, offset.filter.name);
  return text;
}

std::string passive_lines(const eigrp::Engine& engine, net::Time now) {
  std::string text;
  for (const auto& interface : engine.interfaces(now))
    if (interface.passive) text += fmt::format("    {}\n", interface.name);
  return text.empty() ? text : "  Passive Interface(s):\n" + text;
}

std::string source_lines(const eigrp::Engine& engine, net::Time now) {
  const auto& configuration = engine.configuration();
  std::string text = "  Routing Information Sources:\n    Gateway         Distance      Last Update\n";
  for (const auto& neighbor : engine.neighbors(now))
    text += fmt::format("    {:<16}{:>8}      {}\n", neighbor.address, configuration.internal_distance,
                        elapsed_text(neighbor.up_for));
  return text;
}

std::string stub_line(const std::optional<eigrp::StubSettings>& stub) {
  if (!stub) return "";
  std::string words;
  if (stub->connected) words += ", connected";
  if (stub->static_routes) words += ", static";
  if (stub->summary) words += ", summary";
  if (stub->redistributed) words += ", redistributed";
  if (stub->receive_only) words += ", receive-only";
  return fmt::format("    Stub{}\n", words);
}

std::string process_lines(const eigrp::Engine& engine) {
  const auto& c = engine.configuration();
  const auto active = c.active_time_s ? fmt::format("{} min", *c.active_time_s / 60) : std::string("disabled");
  return fmt::format(
      "  EIGRP-IPv4 Protocol for AS({})\n"
      "    Metric weight K1={}, K2={}, K3={}, K4={}, K5={}\n"
      "    Soft SIA disabled\n"
      "    Router-ID: {}\n"
      "{}"
      "    Topology : 0 (base) \n"
      "      Active Timer: {}\n"
      "      Distance: internal {} external {}\n"
      "      Maximum path: {}\n"
      "      Maximum hopcount {}\n"
      "      Maximum metric variance {}\n\n",
      c.autonomous_system, c.k.k1, c.k.k2, c.k.k3, c.k.k4, c.k.k5, id_address(engine.router_id()), stub_line(c.stub),
      active, c.internal_distance, c.external_distance, c.maximum_paths, c.maximum_hops, c.variance);
}

std::string redistribution_line(const eigrp::Configuration& configuration) {
  std::vector<std::string_view> sources;
  if (configuration.redistribute_connected) sources.emplace_back("connected");
  if (configuration.redistribute_static) sources.emplace_back("static");
  return sources.empty() ? "" : fmt::format("  Redistributing: {}\n", fmt::join(sources, ", "));
}

}  // namespace

std::string show_eigrp_traffic(const eigrp::Engine& engine) {
  const auto& t = engine.traffic();
  auto text = fmt::format("EIGRP-IPv4 Traffic Statistics for AS({})\n", engine.configuration().autonomous_system);
  const auto line = [&](const char* name, const eigrp::TrafficCounters::Pair& pair) {
    text += fmt::format("  {} sent/received: {}/{}\n", name, pair.sent, pair.received);
  };
  line("Hellos", t.hellos);
  line("Updates", t.updates);
  line("Queries", t.queries);
  line("Replies", t.replies);
  line("Acks", t.acks);
  line("SIA-Queries", t.sia_queries);
  line("SIA-Replies", t.sia_replies);
  for (std::size_t i = 0; i < t.malformed.size(); ++i)
    if (t.malformed[i] != 0)
      text += fmt::format("  Malformed, {}: {}\n",
                          eigrp::wire::text(eigrp::wire::DecodeError{static_cast<std::uint8_t>(i)}), t.malformed[i]);
  for (std::size_t i = 0; i < t.refused.size(); ++i)
    if (t.refused[i] != 0)
      text +=
          fmt::format("  Refused, {}: {}\n", eigrp::text(eigrp::Refusal{static_cast<std::uint8_t>(i)}), t.refused[i]);
  return text;
}

std::string show_eigrp_events(const eigrp::Engine& engine, net::Time now, net::WallTime wall) {
  auto text = fmt::format("Event information for AS {}:\n", engine.configuration().autonomous_system);
  std::size_t number = 0;
  for (const auto& event : engine.events()) {
    const auto when = (wall - (now - event.when)).time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when).count() % 86'400'000;
    text += fmt::format("{:<4}{:02}:{:02}:{:02}.{:03} {}\n", ++number, ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
                        ms % 1000, event.what);
  }
  return text;
}

std::string show_eigrp_protocol(const eigrp::Engine& engine, net::Time now) {
  const auto& c = engine.configuration();
  auto text = fmt::format(
      "Routing Protocol is \"eigrp {}\"\n"
      "{}{}"
      "  Default networks flagged in outgoing updates\n"
      "  Default networks accepted from incoming updates\n"
      "{}{}",
      c.autonomous_system, filter_lines(c, "Outgoing", false), filter_lines(c, "Incoming", true),
      offset_lines(c.offsets_out, "Outgoing"), offset_lines(c.offsets_in, "Incoming"));
  text += redistribution_line(c) + process_lines(engine);
  text += "  Automatic Summarization: disabled\n" + summary_lines(engine, now);
  text += fmt::format("  Maximum path: {}\n  Routing for Networks:\n", c.maximum_paths);
  for (const auto& network : c.networks) text += fmt::format("    {}\n", network_text(network));
  text += passive_lines(engine, now) + source_lines(engine, now);
  return text + fmt::format("  Distance: internal {} external {}\n\n", c.internal_distance, c.external_distance);
}

}  // namespace culvert::routing
