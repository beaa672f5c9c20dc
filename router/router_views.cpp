// What a router's show commands look at.
#include <unistd.h>

#include <array>
#include <map>

#include <fmt/format.h>

#include "access-lists/commands/definitions.h"
#include "access-lists/commands/line.h"
#include "cli/commands/hostname.h"
#include "router/clock.h"
#include "router/router.h"
#include "routing/commands/link_cost.h"

namespace culvert::router {

namespace {

// Since `before`, when the counters were cleared; octets count for lifetimes and are never cleared.
ike::DirectionCounters counters_of(const dataplane::SaStatistics& s, const dataplane::SaStatistics& before) {
  return {.packets = s.packets - before.packets,
          .ciphered = s.ciphered - before.ciphered,
          .authenticated = s.authenticated - before.authenticated,
          .octets = s.octets,
          .bad_icv = s.bad_icv - before.bad_icv,
          .replayed = s.replayed - before.replayed,
          .malformed = s.malformed - before.malformed,
          .bad_length = s.bad_length - before.bad_length,
          .wrong_protocol = s.wrong_protocol - before.wrong_protocol,
          .outside_selectors = s.outside_selectors - before.outside_selectors,
          .no_room = s.no_room - before.no_room,
          .sequence_exhausted = s.sequence_exhausted - before.sequence_exhausted,
          .failed = s.failed - before.failed};
}

std::string program_path() {
  std::array<char, 4096> path{};
  const auto length = readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "culvertd";
}

}  // namespace

routing::ShowSources Router::routing_sources() {
  return {.interfaces = forwarding_->interfaces(),
          .rib = forwarding_->rib(),
          .counters = [this](const std::string& name) -> routing::InterfaceCounters {
            const auto s = plane_->statistics(name);
            return {s.in_packets, s.in_octets, s.in_drops, s.out_packets, s.out_octets, s.out_drops};
          },
          .from_startup =
              [this](const routing::Interface& interface) {
                const auto found = addresses_from_startup_.find(interface.settings.name);
                return found != addresses_from_startup_.end() && found->second == interface.settings.address;
              },
          .access_list = [this](const std::string& name, bool in) -> std::optional<std::string> {
            for (const auto& filters : access_lists::interface_filters(*store_))
              if (filters.interface == name) return in ? filters.in : filters.out;
            return std::nullopt;
          },
          .cost =
              [this](const routing::Interface& interface) {
                return link_cost(interface, store_->find<routing::LinkCostRow>(interface.settings.name));
              },
          .now = monotonic_now,
          .descriptor = [this](const routing::InstalledRoute& route,
                               const routing::NextHop& hop) { return eigrp_descriptor(eigrp_sources(), route, hop); },
          .redistributing =
              [this](const routing::InstalledRoute& route) { return eigrp_redistributing(eigrp_sources(), route); },
          .protocols = [this] { return show_eigrp_protocols(eigrp_sources()); }};
}

access_lists::ShowSources Router::access_list_sources() {
  return {
      .configuration = *store_,
      .hits = [this](const std::string& list, const access_lists::Entry& entry) { return filters_->hits(list, entry); },
      .clear_hits = [this](const std::string* list) { filters_->clear_hits(list); }};
}

routing::EigrpSources Router::eigrp_sources() {
  return {.engines = [this] { return eigrp_->engines(); },
          .now = monotonic_now,
          .wall = wall_now,
          .strays = [this] { return eigrp_->strays(); },
          .clear =
              [this](std::optional<std::uint16_t> process, const std::optional<net::Address>& neighbor,
                     const std::optional<std::string>& interface) {
                return eigrp_->clear(monotonic_now(), process, neighbor, interface);
              }};
}

ike::CryptoSources Router::crypto_sources() {
  return {.configuration = *store_,
          .sas = [this] { return ike_->sas(); },
          .ipsec_sas = [this] { return ipsec_sas(); },
          .tunnels = [this] { return protected_tunnels(); },
          .statistics = [this] { return ike_->statistics(); },
          .clear = [this](const ike::ClearFilter& filter) { return ike_->clear(filter); },
          .clear_counters = [this] { ike_->clear_counters(); },
          .rekey = [this](ike::RekeyOf what, const ike::ClearFilter& filter) { return ike_->rekey(what, filter); },
          .access_list = [this](const std::string& name) { return map_list_lines(name); },
          .clear_hold =
              [this] {
                maps_->clear_hold();
                settle_maps();
              }};
}

std::vector<ike::IpsecSaRow> Router::ipsec_sas() const {
  std::map<ike::ChildId, ike::ChildView> views;
  for (const auto& sa : ike_->sas())
    for (const auto& child : sa.children) views[child.id] = child;
  std::vector<ike::IpsecSaRow> rows;
  for (const auto& child : ike_->children())
    if (const auto view = views.find(child.sa.child); view != views.end())
      rows.push_back({view->second, counters_of(child.received, child.received_before),
                      counters_of(child.sent, child.sent_before)});
  return rows;
}

std::vector<ike::ProtectedTunnel> Router::protected_tunnels() const {
  std::vector<ike::ProtectedTunnel> tunnels;
  const auto& table = forwarding_->interfaces();
  for (const auto& [name, interface] : table.all()) {
    const auto& s = interface.settings;
    if (s.protection_profile.empty()) continue;
    const auto mtu = plane_->tunnel_mtu(name).value_or(dataplane::TunnelMtu{});
    tunnels.push_back({name, s.protection_profile, table.tunnel_source_address(interface), s.tunnel_destination,
                       interface.mtu(), mtu.path, mtu.plaintext,
                       s.tunnel_destination ? forwarding_->way_to(*s.tunnel_destination) : ""});
  }
  for (const auto& entry : maps_->entries()) tunnels.push_back(protected_entry(entry));
  return tunnels;
}

ike::ProtectedTunnel Router::protected_entry(const AppliedMapEntry& entry) const {
  const auto& table = forwarding_->interfaces();
  const auto mtu = plane_->tunnel_mtu(entry.tunnel()).value_or(dataplane::TunnelMtu{});
  const auto peer = maps_->peer_of(entry);
  ike::ProtectedTunnel tunnel{.name = entry.tunnel(),
                              .ipsec_profile = {},
                              .local = {},
                              .remote = peer,
                              .path_mtu = mtu.path,
                              .plaintext_mtu = mtu.plaintext,
                              .leaves_by = forwarding_->way_to(peer),
                              .crypto_map = entry.map,
                              .bearer = entry.interface,
                              .sequence = entry.sequence,
                              .pairs = entry.pairs};
  if (const auto* bearer = table.find(entry.interface)) tunnel.mtu = bearer->mtu();
  if (const auto* identity = table.find(entry.identity); identity != nullptr && identity->settings.address)
    tunnel.local = identity->settings.address->address;
  return tunnel;
}

std::vector<std::string> Router::map_list_lines(const std::string& name) const {
  const auto list = access_lists::find_access_list(*store_, name);
  if (!list) return {};
  const bool standard = list->kind == access_lists::Kind::standard;
  std::vector<std::string> lines{fmt::format("{} IP access list {}", standard ? "Standard" : "Extended", name)};
  for (const auto& entry : list->entries)
    lines.push_back(fmt::format("    access-list {} {}", name, access_lists::text_of(list->kind, {.entry = entry})));
  return lines;
}

SystemFacts Router::facts() const {
  const auto [used, total] = memory_kb();
  SystemFacts facts{.hostname = cli::hostname(*store_),
                    .program = program_path(),
                    .uptime = monotonic_now() - started_,
                    .started = started_wall_,
                    .memory_used_kb = used,
                    .memory_total_kb = total,
                    .workers = options_.workers};
  for (const auto& port : options_.ports) facts.ports.push_back(port.interface);
  return facts;
}

}  // namespace culvert::router
