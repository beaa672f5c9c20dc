// `crypto ipsec profile`, and the tunnel interfaces it protects.
#include <fmt/format.h>

#include "config-store/definition.h"
#include "ike/commands/association_leaves.h"
#include "ike/commands/definitions.h"
#include "ike/commands/weak_algorithms.h"

namespace culvert::ike {

namespace {

std::string pfs_warning(const config::LeafChange<std::string>& change, const config::View&) {
  return change.after ? weak_warning({*change.after}, pfs_group, weak_group_warning) : "";
}

constexpr std::string_view pfs_help(Group group) {
  switch (group) {
    case Group::modp_768: return "D-H Group1 (768-bit modp)";
    case Group::modp_1024: return "D-H Group2 (1024-bit modp)";
    case Group::modp_1536: return "D-H Group5 (1536-bit modp)";
    case Group::modp_2048: return "D-H Group14 (2048-bit modp)";
    case Group::modp_3072: return "D-H Group15 (3072-bit modp)";
    case Group::modp_4096: return "D-H Group16 (4096-bit modp)";
    case Group::ecp_256: return "D-H Group19 (256-bit ecp)";
    case Group::ecp_384: return "D-H Group20 (384-bit ecp)";
    case Group::ecp_521: return "D-H Group21 (521-bit ecp)";
    case Group::modp_2048_256: return "D-H Group24 (2048-bit modp, 256 bit subgroup)";
    case Group::x25519: return "D-H Group31 (255-bit x25519)";
  }
  return "";
}

config::LeafDefinition pfs_leaf(const std::string& set_help) {
  std::string words;
  std::vector<std::string> help{set_help, "Specify pfs settings"};
  for (const auto& row : groups()) {
    words += (words.empty() ? "" : "|") + pfs_keyword(row.group);
    help.emplace_back(pfs_help(row.group));
  }
  return config::leaf(fmt::format("set pfs group:({})", words), &IpsecProfileRow::pfs,
                      {.help = help, .order = 7, .notice = pfs_warning});
}

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
  leaves.push_back(pfs_leaf(set));
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
