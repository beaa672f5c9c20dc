// What is said of a crypto map as a whole: where it is applied, from which address it speaks, that it goes.
#include <fmt/format.h>

#include "config-store/definition.h"
#include "ike/commands/definitions.h"

template <>
struct culvert::config::Codec<culvert::ike::MapLocalAddress> {
  using Value = culvert::ike::MapLocalAddress;
  static Value decode(const parser::Arguments& a) { return {a["map"], a["interface"]}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("map", value.map);
    a.add("interface", value.interface);
    return a;
  }
};

namespace culvert::ike {

void define_crypto_map_entries(config::Registry& registry, const IsOwnAddress& is_own);

namespace {

using config::View;

struct MapCommands {
  bool operator==(const MapCommands&) const = default;
};

const std::string module_help = "Encryption module", map_help = "Enter a crypto map",
                  tag_help = "Crypto map template tag";

bool has_entries(const View& view, const std::string& map) {
  for (const auto& row : view.rows<CryptoMapRow>())
    if (row.name == map) return true;
  return false;
}

config::Accepted check_applied(const config::LeafChange<std::string>& change, const View& view) {
  if (!change.after) return {};
  const auto& interface = change.key.last();
  if (interface.starts_with("Tunnel"))
    return std::unexpected(
        config::Refusal{"% NOTE: crypto map is configured on tunnel interface.\n"
                        "        Currently only GDOI crypto map is supported on tunnel interface."});
  if (interface.starts_with("Loopback"))
    return std::unexpected(config::Refusal{fmt::format("% A crypto map has no effect on {}", interface)});
  if (!has_entries(view, *change.after))
    return std::unexpected(
        config::Refusal{fmt::format("ERROR: Crypto Map with tag \"{}\" does not exist.", *change.after)});
  return {};
}

// `no crypto map NAME` removes all of its entries, or none.
std::expected<std::vector<std::string>, config::Refusal> whole_map(parser::Form form, const parser::Arguments& a,
                                                                   const View& view) {
  if (form == parser::Form::plain) return std::unexpected(config::Refusal{"% Incomplete command.\n"});
  const auto map = a.has("map") ? a["map"] : "";
  if (!has_entries(view, map))
    return std::unexpected(config::Refusal{fmt::format("% Crypto map with tag \"{}\" does not exist.", map)});
  std::vector<std::string> lines;
  for (const auto& row : view.rows<CryptoMapRow>())
    if (row.name == map) lines.push_back(fmt::format("no crypto map {} {} ipsec-isakmp", map, row.sequence));
  for (const auto& row : view.global<MapLocalAddresses>().all)
    if (row.map == map) lines.push_back(fmt::format("no crypto map {} local-address {}", map, row.interface));
  return lines;
}

std::vector<config::LeafDefinition> refusals() {
  const std::vector<std::string> entry{module_help, map_help, tag_help, "Sequence to insert into crypto map entry"};
  const auto refused_entry = [&](const std::string& words, std::vector<std::string> help, std::string text) {
    auto all = entry;
    all.insert(all.end(), help.begin(), help.end());
    return config::refuse("crypto map <map:word> <sequence:u32(1-65535)> " + words,
                          {.help = std::move(all), .text = std::move(text)});
  };
  const auto refused_map = [&](const std::string& words, std::vector<std::string> help) {
    std::vector<std::string> all{module_help, map_help, tag_help};
    all.insert(all.end(), help.begin(), help.end());
    return config::refuse(
        "crypto map <map:word> " + words,
        {.help = std::move(all), .text = "% Of a crypto map as a whole only local-address is supported"});
  };
  return {
      refused_entry("ipsec-manual", {"IPSEC w/manual keying"},
                    "% Manual keying is not supported: use ipsec-isakmp with set ikev2-profile"),
      refused_entry("gdoi", {"GDOI"}, "% GDOI is not supported: use ipsec-isakmp with set ikev2-profile"),
      refused_entry("ipsec-isakmp dynamic <dynamic:word>",
                    {"IPSEC w/ISAKMP", "Enable dynamic crypto map support", "Name of dynamic-map"},
                    "% Dynamic crypto maps are not supported: set peer names each peer"),
      refused_entry("ipsec-isakmp profile <profile:word>",
                    {"IPSEC w/ISAKMP", "Enable crypto map as a crypto-profile", "Name of crypto profile"},
                    "% A crypto map profile is not supported: use set ikev2-profile"),
      refused_map("client <words:line>", {"Specify client configuration settings", "LINE"}),
      refused_map("isakmp <words:line>", {"Specify isakmp configuration settings", "LINE"}),
      refused_map("isakmp-profile <name:word>", {"Specify isakmp profile to use", "profile name"}),
      refused_map("redundancy <words:line>", {"High availability options for this map", "LINE"}),
      config::refuse("crypto dynamic-map <map:word> <sequence:u32(1-65535)>",
                     {.help = {module_help, "Specify a dynamic crypto map template", "Dynamic crypto map template tag",
                               "Sequence to insert into dynamic-map entry"},
                      .text = "% Dynamic crypto maps are not supported: crypto map names each peer"}),
  };
}

std::vector<config::LeafDefinition> map_commands() {
  auto leaves = refusals();
  leaves.push_back(
      config::macro("crypto map <map:word>", {.help = {module_help, map_help, tag_help}, .expand = whole_map}));
  return leaves;
}

}  // namespace

void define_crypto_maps(config::Registry& registry, const IsOwnAddress& is_own) {
  define_crypto_map_entries(registry, is_own);
  registry.add(config::global<MapCommands>({.table = "crypto_map_commands", .leaves = map_commands()}));
  registry.add(config::global<MapLocalAddresses>(
      {.table = "crypto_map_local",
       .leaves = {config::leaf("crypto map <map:word> local-address <interface:interface>", &MapLocalAddresses::all,
                               {.help = {module_help, map_help, tag_help,
                                         "Interface to use for local address for this crypto map", "Interface"},
                                .identity = {"map"},
                                .sorted = true,
                                .order = config::section_order::crypto_map - 1,
                                .column = "address"})}}));
  registry.add(config::extend<InterfaceCryptoMapRow>(
      "interface",
      {.table = "interface_crypto_map",
       .key = &InterfaceCryptoMapRow::interface,
       .leaves = {config::leaf("crypto map <map:word>", &InterfaceCryptoMapRow::map,
                               {.help = {"Encryption/Decryption commands", "Assign a Crypto Map", "Crypto Map tag"},
                                .order = 70,
                                .check = check_applied,
                                .examples = {"crypto map MAP"}})}}));
}

}  // namespace culvert::ike
