#include "router/crypto_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "access-lists/commands/definitions.h"
#include "ike/commands/definitions.h"
#include "router/access_list_selectors.h"

namespace culvert::router {
namespace {

std::string identity_of(const config::View& configuration, const std::string& map, const std::string& interface) {
  for (const auto& local : configuration.global<ike::MapLocalAddresses>().all)
    if (local.map == map) return local.interface;
  return interface;
}

AppliedMapEntry applied(const config::View& configuration, const ike::CryptoMapRow& row, const std::string& interface) {
  AppliedMapEntry entry{.interface = interface,
                        .map = row.name,
                        .sequence = row.sequence,
                        .identity = identity_of(configuration, row.name, interface),
                        .list = row.match_address.value_or(""),
                        .peers = row.peers,
                        .profile = {},
                        .level = ike::level_of(row),
                        .pairs = {},
                        .injects_routes = row.reverse_route.has_value(),
                        .routes_always = row.reverse_route && row.reverse_route->is_static};
  entry.profile = ike::profile_of(row, entry.tunnel(), configuration.global<ike::AssociationRow>());
  return entry;
}

// The lists that entries name, each once.
std::vector<access_lists::AccessList> lists_of(const config::View& configuration,
                                               const std::vector<AppliedMapEntry>& entries) {
  std::set<std::string> names;
  for (const auto& entry : entries) names.insert(entry.list);
  std::vector<access_lists::AccessList> lists;
  for (const auto& name : names)
    if (auto list = access_lists::find_access_list(configuration, name); list && !list->entries.empty())
      lists.push_back(std::move(*list));
  return lists;
}

void add_routes(std::set<InjectedRoute>& routes, const AppliedMapEntry& entry, const net::Address& peer,
                const ike::TrafficSelector& remote) {
  for (const auto& prefix : prefixes_of(remote)) routes.insert({entry.interface, prefix, peer});
}

}  // namespace

std::string AppliedMapEntry::tunnel() const { return fmt::format("{} {} {}", map, sequence, identity); }

void CryptoMaps::configure(net::Time now, const config::View& configuration, bool lists_changed) {
  std::set<std::string> bearers;
  for (const auto& entry : entries_) bearers.insert(entry.interface);
  auto former = std::exchange(entries_, {});
  read(configuration);
  const auto known = [&](const AppliedMapEntry& entry) { return lists_.find(entry.list) != nullptr; };
  if (lists_changed || !std::ranges::all_of(entries_, known) || former.size() != entries_.size())
    lists_.use(lists_of(configuration, entries_));
  std::erase_if(entries_, [&](const AppliedMapEntry& entry) { return !known(entry); });
  std::map<std::string, PolicyHold::Lists> protects;
  for (auto& entry : entries_) {
    const auto list = lists_.find(entry.list);
    entry.pairs = list->selectors.pairs;
    protects[entry.interface].push_back(list);
    bearers.insert(entry.interface);
  }
  for (const auto& interface : bearers)
    if (hold_.protect(now, interface, protects[interface]))
      log_({"CRYPTO", 5, "POLICY_HOLD",
            fmt::format("{}: what its crypto map no longer protects is dropped for {} seconds", interface,
                        PolicyHold::span.count())});
  std::erase_if(standing_, [&](const auto& standing) { return !knows(standing.first); });
  report_faults(configuration);
}

void CryptoMaps::read(const config::View& configuration) {
  const auto rows = configuration.rows<ike::CryptoMapRow>();
  for (const auto& bearer : configuration.rows<ike::InterfaceCryptoMapRow>())
    for (const auto& row : rows)
      if (bearer.map == row.name && !row.peers.empty() && row.match_address)
        entries_.push_back(applied(configuration, row, bearer.interface));
}

// What keeps a complete entry from protecting all that it should.
std::vector<std::string> CryptoMaps::faults(const config::View& configuration) const {
  std::vector<std::string> texts;
  for (const auto& entry : entries_) {
    const auto name = fmt::format("crypto map {} {}", entry.map, entry.sequence);
    const auto& profile = entry.profile.ikev2_profile;
    if (profile.empty() || !configuration.find<ike::ProfileRow>(profile))
      texts.push_back(profile.empty() ? fmt::format("{} has no IKEv2 profile; what it permits is dropped", name)
                                      : fmt::format("{}: IKEv2 profile {} does not exist; what it permits is dropped",
                                                    name, profile));
    for (const auto& line : lists_.find(entry.list)->selectors.unspeakable)
      texts.push_back(
          fmt::format("{}: access list {}, line {}: no traffic selector tells {}; what it permits is dropped", name,
                      entry.list, line.sequence, line.what));
  }
  return texts;
}

// Each once, when it comes up.
void CryptoMaps::report_faults(const config::View& configuration) {
  auto texts = faults(configuration);
  for (const auto& text : texts)
    if (std::ranges::find(reported_, text) == reported_.end()) log_({"CRYPTO", 4, "MAP_INCAPABLE", text});
  reported_ = std::move(texts);
}

bool CryptoMaps::tick(net::Time now) {
  const auto free = hold_.expire(now);
  for (const auto& interface : free)
    log_({"CRYPTO", 5, "POLICY_HOLD",
          fmt::format("{}: what its crypto map no longer protects passes in clear again", interface)});
  return !free.empty();
}

void CryptoMaps::clear_hold() { hold_.clear(); }

bool CryptoMaps::standing(const std::string& tunnel, std::optional<net::Address> peer,
                          std::vector<ike::TrafficSelector> remote) {
  if (!knows(tunnel)) return false;
  if (!peer) return standing_.erase(tunnel) > 0;
  Standing now{*peer, std::move(remote)};
  auto& known = standing_[tunnel];
  if (known == now) return false;
  known = std::move(now);
  return true;
}

bool CryptoMaps::knows(const std::string& tunnel) const {
  return std::ranges::any_of(entries_, [&](const AppliedMapEntry& entry) { return entry.tunnel() == tunnel; });
}

net::Address CryptoMaps::peer_of(const AppliedMapEntry& entry) const {
  const auto standing = standing_.find(entry.tunnel());
  return standing == standing_.end() ? entry.peers.front() : standing->second.peer;
}

PoliciesByInterface CryptoMaps::policies() const {
  PoliciesByInterface all;
  for (const auto& entry : entries_)
    all[entry.interface].push_back({entry.tunnel(), entry.identity, peer_of(entry), lists_.find(entry.list)});
  for (const auto& interface : hold_.interfaces())
    for (const auto& list : hold_.held(interface)) all[interface].push_back({{}, {}, {}, list});
  return all;
}

std::vector<InjectedRoute> CryptoMaps::routes() const {
  std::set<InjectedRoute> routes;
  for (const auto& entry : entries_) {
    if (!entry.injects_routes) continue;
    if (entry.routes_always)
      for (const auto& pair : entry.pairs) add_routes(routes, entry, peer_of(entry), pair.remote);
    if (const auto standing = standing_.find(entry.tunnel()); standing != standing_.end())
      for (const auto& remote : standing->second.remote) add_routes(routes, entry, standing->second.peer, remote);
  }
  return {routes.begin(), routes.end()};
}

void CryptoMaps::add_to(ike::Configuration& configuration, const routing::InterfaceTable& interfaces) const {
  for (const auto& entry : entries_) {
    const auto* bearer = interfaces.find(entry.interface);
    const auto* identity = interfaces.find(entry.identity);
    if (bearer == nullptr || identity == nullptr || !identity->settings.address || entry.pairs.empty()) continue;
    auto& tunnel = configuration.tunnels[entry.tunnel()];
    const bool up = tunnel.up || (bearer->protocol_up && identity->protocol_up);
    tunnel = {.name = entry.tunnel(),
              .local = identity->settings.address->address,
              .remote = entry.peers.front(),
              .ipsec_profile = entry.profile.name,
              .up = up && !interfaces.owner_of(entry.peers.front()),
              .on_demand = true,
              .pairs = entry.pairs,
              .level = entry.level,
              .further_remotes = {entry.peers.begin() + 1, entry.peers.end()},
              .sequence = entry.sequence};
    configuration.ipsec_profiles[entry.profile.name] = entry.profile;
  }
}

}  // namespace culvert::router
