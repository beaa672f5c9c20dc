// `show crypto map` and `clear crypto map hold`.
#include <fmt/format.h>

#include <algorithm>

#include "ike/commands/definitions.h"
#include "ike/commands/show.h"

namespace culvert::ike {
namespace {

using parser::Arguments;
using Wanted = std::function<bool(const CryptoMapRow&)>;

std::vector<std::string> bearers_of(const config::View& view, const std::string& map) {
  std::vector<std::string> interfaces;
  for (const auto& row : view.rows<InterfaceCryptoMapRow>())
    if (row.map == map) interfaces.push_back(row.interface);
  return interfaces;
}

std::string peers_text(const CryptoMapRow& row) {
  std::string text;
  for (const auto& peer : row.peers) text += fmt::format("\tPeer = {}\n", peer);
  return text;
}

std::string list_text(const CryptoSources& sources, const CryptoMapRow& row) {
  std::string text = "\tAccess-List SS dynamic: False\n";
  if (!row.match_address) return text;
  const auto lines = sources.access_list(*row.match_address);
  if (lines.empty())
    text += fmt::format("\tNo matching address list set: access list {} does not exist\n", *row.match_address);
  for (const auto& line : lines) text += "\t" + line + "\n";
  return text;
}

std::string current_peer(const std::vector<ProtectedTunnel>& tunnels, const CryptoMapRow& row) {
  const auto entry = std::ranges::find_if(tunnels, [&](const ProtectedTunnel& tunnel) {
    return tunnel.crypto_map == row.name && tunnel.sequence == row.sequence;
  });
  if (entry != tunnels.end() && entry->remote) return fmt::format("\tCurrent peer: {}\n", *entry->remote);
  return row.peers.empty() ? "" : fmt::format("\tCurrent peer: {}\n", row.peers.front());
}

std::string association_text(const CryptoMapRow& row, const IpsecProfile& profile) {
  auto text = fmt::format("\t{}\n", lifetime_text(profile.lifetime_kb, profile.lifetime_s));
  if (profile.idle_time_s != 0)
    text += fmt::format("\tSecurity association idletime: {} seconds\n", profile.idle_time_s);
  if (row.level) text += fmt::format("\tSecurity association level: {}\n", *row.level);
  text += fmt::format("\tDualstack (Y/N): N\n\n\tResponder-Only (Y/N): N\n\tPFS (Y/N): {}\n", profile.pfs ? "Y" : "N");
  if (profile.pfs) text += fmt::format("\tDH group:  {}\n", pfs_keyword(*profile.pfs));
  return text + "\tMixed-mode : Disabled\n";
}

std::string one_entry(const CryptoSources& sources, const CryptoMapRow& row) {
  const auto profile = profile_of(row, "", sources.configuration.global<AssociationRow>());
  auto text = fmt::format("Crypto Map IPv4 \"{}\" {} ipsec-isakmp\n", row.name, row.sequence);
  if (row.description) text += fmt::format("\tDescription: {}\n", *row.description);
  if (row.peers.empty() || !row.match_address)
    text +=
        "\tWARNING: This crypto map is in an incomplete state!\n"
        "\t\t(missing peer or access-list definitions)\n";
  text += peers_text(row);
  if (row.ikev2_profile) text += fmt::format("\tIKEv2 Profile: {}\n", *row.ikev2_profile);
  text += list_text(sources, row) + current_peer(sources.tunnels(), row) + association_text(row, profile);
  text += transform_sets_text(configuration_of(sources.configuration), row.transform_sets);
  if (row.reverse_route)
    text += fmt::format("\tReverse Route Injection Enabled{}\n", row.reverse_route->is_static ? " (static)" : "");
  return text;
}

std::string local_text(const CryptoSources& sources, const std::string& map) {
  for (const auto& local : sources.configuration.global<MapLocalAddresses>().all) {
    if (local.map != map) continue;
    std::string address = "unassigned";
    for (const auto& tunnel : sources.tunnels())
      if (tunnel.crypto_map == map && tunnel.local) address = tunnel.local->to_string();
    return fmt::format("Crypto Map: \"{}\" idb: {} local address: {}\n\n", map, local.interface, address);
  }
  return "";
}

std::string bearers_text(const config::View& view, const std::string& map) {
  auto text = fmt::format("\tInterfaces using crypto map {}:\n", map);
  for (const auto& interface : bearers_of(view, map)) text += fmt::format("\t\t{}\n", interface);
  return text + "\n";
}

Wanted wanted_by(const CryptoSources& sources, const Arguments& a) {
  if (a.has("tag")) return [tag = a["tag"]](const CryptoMapRow& row) { return row.name == tag; };
  if (!a.has("interface")) return [](const CryptoMapRow&) { return true; };
  const auto bearer = sources.configuration.find<InterfaceCryptoMapRow>(a["interface"]);
  return [map = bearer ? bearer->map : std::nullopt](const CryptoMapRow& row) { return map == row.name; };
}

}  // namespace

std::string show_crypto_maps(const CryptoSources& sources, const Wanted& wanted) {
  std::string text, map;
  for (const auto& row : sources.configuration.rows<CryptoMapRow>()) {
    if (!wanted(row)) continue;
    if (map != row.name) {
      if (!map.empty()) text += bearers_text(sources.configuration, map);
      text += local_text(sources, row.name);
      map = row.name;
    }
    text += one_entry(sources, row);
  }
  return map.empty() ? "No crypto maps found.\n" : text + bearers_text(sources.configuration, map);
}

void add_crypto_map_commands(parser::ExecCommands& commands, const CryptoSources& sources) {
  commands.add({.spec = "show crypto map [(interface <interface:interface>|tag <tag:word>)]",
                .help = {"Show running system information", "Encryption module", "Crypto maps",
                         "Crypto maps for a specific interface", "Interface", "Crypto maps with a specific tag",
                         "Crypto map tag"},
                .run = parser::text_command(
                    [sources](const Arguments& a) { return show_crypto_maps(sources, wanted_by(sources, a)); })});
  commands.add({.spec = "clear crypto map hold",
                .help = {"Reset functions", "Encryption subsystem", "Crypto maps",
                         "Send again in clear what crypto maps no longer protect"},
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments&) {
                  sources.clear_hold();
                  return std::string();
                })});
}

}  // namespace culvert::ike
