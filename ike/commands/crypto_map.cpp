// `crypto map NAME SEQUENCE ipsec-isakmp`: one entry of a crypto map, which says what is protected, towards whom and
// how.
#include <fmt/format.h>

#include "config-store/definition.h"
#include "ike/commands/association_leaves.h"
#include "ike/commands/definitions.h"
#include "ike/commands/pfs_leaf.h"

template <>
struct culvert::config::Codec<culvert::ike::ReverseRoute> {
  using Value = culvert::ike::ReverseRoute;
  static Value decode(const parser::Arguments& a) { return {a.has("how")}; }
  static parser::Arguments encode(const Value& route) {
    parser::Arguments a;
    a.add("said", "reverse-route");
    if (route.is_static) a.add("how", "static");
    return a;
  }
};

namespace culvert::ike {
namespace {

using config::Accepted;
using config::View;

const std::string set_help = "Set values for encryption/decryption";

Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

bool is_complete(const CryptoMapRow& row) { return !row.peers.empty() && row.match_address; }

std::string note_of(const CryptoMapRow& row, const View&) {
  return is_complete(row) ? ""
                          : "% NOTE: This new crypto map will remain disabled until a peer\n"
                            "        and a valid access list have been configured.";
}

// Where the last entry of a map goes, no interface may bear it.
Accepted check_removal(const config::RowChange<CryptoMapRow>& change, const View& view) {
  if (change.after) return {};
  const auto& name = change.before->name;
  for (const auto& row : view.rows<CryptoMapRow>())
    if (row.name == name) return {};
  std::string bearers;
  for (const auto& row : view.rows<InterfaceCryptoMapRow>())
    if (row.map == name) bearers += (bearers.empty() ? "" : ", ") + row.interface;
  if (bearers.empty()) return {};
  return refused(fmt::format(
      "% Crypto-map {} is in use by interface(s): {}. Please remove the crypto map from the above interface(s) first",
      name, bearers));
}

Accepted check_transform_sets(const config::LeafChange<std::vector<std::string>>& change, const View& view) {
  if (!change.after) return {};
  for (const auto& name : *change.after)
    if (name != default_transform_set().name && !view.find<TransformSetRow>(name))
      return refused(fmt::format("ERROR: transform set with tag \"{}\" does not exist.", name));
  return {};
}

config::LeafDefinition peer_leaf(const IsOwnAddress& is_own) {
  return config::leaf("set peer <peer:ipv4>", &CryptoMapRow::peers,
                      {.help = {set_help, "Allowed Encryption/Decryption peer.", "IP address of peer"},
                       .order = 2,
                       .check = [is_own](const config::LeafChange<net::Address>& change, const View& view) -> Accepted {
                         if (!change.after) return {};
                         const auto& peer = *change.after;
                         if (peer.is_multicast() || peer == net::Address::v4(0) || peer == net::Address::v4(0xffffffff))
                           return refused("% Invalid peer address");
                         if (is_own(peer, view)) return refused("% Invalid peer address (it's this router)");
                         return {};
                       }});
}

std::vector<config::LeafDefinition> refusals() {
  const std::string peer = "Allowed Encryption/Decryption peer.";
  return {
      config::refuse("set peer <host:word>", {.help = {set_help, peer, "Host name of the peer"},
                                              .text = "% Host names are not resolved: set peer needs an address"}),
      config::refuse("set peer <peer:ipv4> default",
                     {.help = {set_help, peer, "IP address of peer", "Set as default peer"},
                      .text = "% set peer default is not supported: the first peer is always tried first"}),
      config::refuse("set isakmp-profile <name:word>", {.help = {set_help, "Specify isakmp Profile", "profile name"},
                                                        .text = "% IKEv1 is not supported: use set ikev2-profile"}),
  };
}

std::vector<config::LeafDefinition> entry_leaves(const IsOwnAddress& is_own) {
  const std::string association = "Security association parameters";
  auto leaves = association_leaves<CryptoMapRow>("set security-association", {set_help, association}, 3, false);
  leaves.push_back(
      config::leaf("description <text:line>", &CryptoMapRow::description,
                   {.help = {"Description of the crypto map statement policy", "Description"}, .order = 1}));
  leaves.push_back(peer_leaf(is_own));
  leaves.push_back(
      config::leaf("set security-association level level:(multi|per-host)", &CryptoMapRow::level,
                   {.help = {set_help, association, "specify a security association granularity level for identities",
                             "one pair of SAs for all lines of the access list", "per host pair, one pair of SAs"},
                    .order = 7}));
  leaves.push_back(
      config::repeated("set transform-set <name:word>...", &CryptoMapRow::transform_sets,
                       {.help = {set_help, "Specify list of transform sets in priority order", "Proposal tag"},
                        .trailing_space = true,
                        .order = 8,
                        .check = check_transform_sets,
                        .examples = {"set transform-set default", "set transform-set default default"}}));
  auto pfs = pfs_leaf<CryptoMapRow>(set_help);
  pfs.order = 9;
  leaves.push_back(std::move(pfs));
  leaves.push_back(config::leaf("set ikev2-profile <name:word>", &CryptoMapRow::ikev2_profile,
                                {.help = {set_help, "Specify ikev2 Profile", "profile name"}, .order = 10}));
  leaves.push_back(config::leaf(
      "match address (<list:u32(100-199)>|<list:u32(2000-2699)>|<list:word>)", &CryptoMapRow::match_address,
      {.help = {"Match values.", "Match address of packets to encrypt.", "IP access-list number",
                "IP access-list number (expanded range)", "Access-list name"},
       .order = 11}));
  leaves.push_back(config::leaf("said:(reverse-route) [how:(static)]", &CryptoMapRow::reverse_route,
                                {.help = {"Reverse Route Injection.", "Create routes based on static ACLs permanently"},
                                 .order = 12,
                                 .column = "reverse_route"}));
  for (auto& refusal : refusals()) leaves.push_back(std::move(refusal));
  return leaves;
}

}  // namespace

void define_crypto_map_entries(config::Registry& registry, const IsOwnAddress& is_own) {
  const std::vector<std::string> entering{"Encryption module", "Enter a crypto map", "Crypto map template tag",
                                          "Sequence to insert into crypto map entry"};
  auto help = entering;
  help.emplace_back("IPSEC w/ISAKMP");
  registry.add(
      config::mode<CryptoMapRow>({.enter = "crypto map <name:word> <sequence:u32(1-65535)> kind:(ipsec-isakmp)",
                                  .help = std::move(help),
                                  .key = {&CryptoMapRow::name, &CryptoMapRow::sequence},
                                  .prompt = "config-crypto-map",
                                  .title = "Crypto Map configuration commands:",
                                  .exit_help = "Exit from crypto map configuration mode",
                                  .entry = config::entered(&CryptoMapRow::kind),
                                  .leaves = entry_leaves(is_own),
                                  .aliases = {{.spec = "crypto map <name:word> <sequence:u32(1-65535)>",
                                               .help = entering,
                                               .map =
                                                   [](const parser::Arguments& typed) {
                                                     auto whole = typed;
                                                     whole.add("kind", "ipsec-isakmp");
                                                     return whole;
                                                   }}},
                                  .order = config::section_order::crypto_map,
                                  .trailing_space = true,
                                  .check = check_removal,
                                  .on_enter = note_of}));
}

}  // namespace culvert::ike
