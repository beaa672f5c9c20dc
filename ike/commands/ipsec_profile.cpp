// `crypto ipsec profile`, and the tunnel interfaces it protects.
#include <fmt/format.h>

#include "config-store/definition.h"
#include "ike/commands/association_leaves.h"
#include "ike/commands/definitions.h"
#include "ike/commands/pfs_leaf.h"

namespace culvert::ike {

namespace {

std::vector<config::LeafDefinition> profile_leaves() {
  const std::string set = "Set values for encryption/decryption";
  auto leaves = association_leaves<IpsecProfileRow>("set security-association",
                                                    {set, "Security association parameters"}, 2, false);
  leaves.push_back(config::leaf("description <text:line>", &IpsecProfileRow::description,
                                {.help = {"Description of the crypto profile", "Description"}, .order = 1}));
  leaves.push_back(config::repeated("set transform-set <name:word>...", &IpsecProfileRow::transform_sets,
                                    {.help = {set, "Specify list of transform sets in priority order", "Proposal tag"},
                                     .trailing_space = true,
                                     .order = 6}));
  leaves.push_back(pfs_leaf<IpsecProfileRow>(set));
  leaves.push_back(config::leaf("set ikev2-profile <name:word>", &IpsecProfileRow::ikev2_profile,
                                {.help = {set, "Specify ikev2 Profile", "profile name"}, .order = 8}));
  return leaves;
}

config::Accepted check_removal(const config::RowChange<IpsecProfileRow>& change, const config::View& view) {
  if (change.after) return {};
  for (const auto& tunnel : view.rows<TunnelProtectionRow>())
    if (tunnel.ipsec_profile == change.before->name)
      return std::unexpected(config::Refusal{fmt::format("% Profile in use by interface {}", tunnel.interface)});
  return {};
}

config::Accepted check_interface(const config::LeafChange<std::string>& change, const config::View&) {
  if (!change.after || change.key.last().starts_with("Tunnel")) return {};
  return std::unexpected(config::Refusal{
      fmt::format("% {} is no tunnel: its settings are those of a tunnel interface", change.key.last())});
}

}  // namespace

void define_ipsec_profiles(config::Registry& registry) {
  registry.add(config::mode<IpsecProfileRow>(
      {.enter = "crypto ipsec profile <name:word>",
       .help = {"Encryption module", "Configure IPSEC policy", "Configure an ipsec policy profile", "Profile name"},
       .key = &IpsecProfileRow::name,
       .prompt = "ipsec-profile",
       .title = "Crypto Map configuration commands:",
       .exit_help = "Exit from crypto map configuration mode",
       .leaves = profile_leaves(),
       .order = config::section_order::crypto_ipsec_profile,
       .check = check_removal}));
  registry.add(config::extend<TunnelProtectionRow>(
      "interface",
      {.table = "interface_tunnel_protection",
       .key = &TunnelProtectionRow::interface,
       .leaves = {config::leaf("tunnel protection ipsec profile <name:word>", &TunnelProtectionRow::ipsec_profile,
                               {.help = {"protocol-over-protocol tunneling", "Enable tunnel protection",
                                         "Use ipsec to protect this tunnel interface",
                                         "Determine the ipsec policy profile to use.", "profile name"},
                                .order = 63,
                                .check = check_interface})}}));
}

}  // namespace culvert::ike
