#include "ipsec-dataplane/commands/packet_settings.h"

#include <vector>

#include "config-store/definition.h"

namespace culvert::dataplane {

namespace {

using Text = std::optional<std::string>;

template <class Row>
config::LeafDefinition df_bit_leaf(config::LeafOptions<std::string> options) {
  options.help = {"Encryption module",
                  "Configure IPSEC policy",
                  "Handling of encapsulated DF bit.",
                  "Clear DF bit of outer header for ipsec tunnel packets",
                  "Copy DF bit from inner header to outer header for ipsec tunnel packets",
                  "Set DF bit of outer header for ipsec tunnel packets"};
  return config::leaf("crypto ipsec df-bit bit:(clear|copy|set)", &Row::df_bit, std::move(options));
}

template <class Row>
config::LeafDefinition fragmentation_leaf(config::LeafOptions<std::string> options) {
  options.help = {"Encryption module", "Configure IPSEC policy", "Handling of fragmentation of near-MTU sized packets",
                  "Perform fragmentation after encryption", "Perform fragmentation before encryption"};
  return config::leaf("crypto ipsec fragmentation when:(after-encryption|before-encryption)", &Row::fragmentation,
                      std::move(options));
}

config::LeafDefinition mss_leaf() {
  return config::leaf("ip tcp adjust-mss <octets:u32(500-1460)>", &InterfacePacketRow::tcp_mss,
                      {.help = {"Interface Internet Protocol config commands", "TCP interface commands",
                                "Adjust the mss of transit packets", "Maximum segment size in bytes"},
                       .order = 31});
}

DfBit df_bit_of(const std::string& word) {
  return word == "set" ? DfBit::set : word == "clear" ? DfBit::clear : DfBit::copy;
}

Fragmentation fragmentation_of(const std::string& word) {
  return word == "after-encryption" ? Fragmentation::after_encryption : Fragmentation::before_encryption;
}

// The first that says something.
std::string first_of(const std::vector<Text>& words) {
  for (const auto& word : words)
    if (word) return *word;
  return "";
}

}  // namespace

void define_packet_settings(config::Registry& registry) {
  constexpr int order = config::section_order::crypto_ipsec_global;
  registry.add(config::global<PacketSettingsRow>(
      {.table = "packet_settings",
       .leaves = {df_bit_leaf<PacketSettingsRow>({.default_ = "copy", .order = order}),
                  fragmentation_leaf<PacketSettingsRow>({.default_ = "before-encryption", .order = order})}}));
  registry.add(config::extend<InterfacePacketRow>(
      "interface", {.table = "interface_packet_settings",
                    .key = &InterfacePacketRow::interface,
                    .leaves = {mss_leaf(), df_bit_leaf<InterfacePacketRow>({.order = 70}),
                               fragmentation_leaf<InterfacePacketRow>({.order = 71})}}));
}

PacketSettings::PacketSettings(const config::View& configuration) : router_(configuration.global<PacketSettingsRow>()) {
  for (auto& row : configuration.rows<InterfacePacketRow>()) interfaces_[row.interface] = row;
}

InterfacePacketRow PacketSettings::of(const std::string& interface) const {
  const auto found = interfaces_.find(interface);
  return found == interfaces_.end() ? InterfacePacketRow{} : found->second;
}

TunnelPacketSettings PacketSettings::tunnel(const std::string& tunnel, const std::string& leaves_by) const {
  const auto own = of(tunnel), way = of(leaves_by);
  return {.df_bit = df_bit_of(first_of({own.df_bit, way.df_bit, router_.df_bit})),
          .fragmentation = fragmentation_of(first_of({own.fragmentation, way.fragmentation, router_.fragmentation}))};
}

std::uint16_t PacketSettings::tcp_mss(const std::string& interface) const {
  return static_cast<std::uint16_t>(of(interface).tcp_mss.value_or(0));
}

}  // namespace culvert::dataplane
