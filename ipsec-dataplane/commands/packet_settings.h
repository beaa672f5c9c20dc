// How packets are cut and marked on their way: `crypto ipsec df-bit`, `crypto ipsec fragmentation`, `ip tcp
// adjust-mss`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "config-store/registry.h"
#include "ipsec-dataplane/interface.h"

namespace culvert::dataplane {

struct PacketSettingsRow {
  std::optional<std::string> df_bit, fragmentation;  // of the router
  bool operator==(const PacketSettingsRow&) const = default;
};

// On the interface mode. What an interface does not say the router says.
struct InterfacePacketRow {
  std::string interface;
  std::optional<std::string> df_bit, fragmentation;
  std::optional<std::uint32_t> tcp_mss;
  bool operator==(const InterfacePacketRow&) const = default;
};

void define_packet_settings(config::Registry& registry);

struct TunnelPacketSettings {
  DfBit df_bit = DfBit::copy;
  Fragmentation fragmentation = Fragmentation::before_encryption;
};

// The settings as they stood in one configuration.
class PacketSettings {
 public:
  PacketSettings() = default;
  explicit PacketSettings(const config::View& configuration);

  // What holds for packets into `tunnel`: its own word, else that of the interface that its ESP leaves by (empty: not
  // known), else the router's.
  TunnelPacketSettings tunnel(const std::string& tunnel, const std::string& leaves_by) const;
  // `ip tcp adjust-mss` of an interface; 0 = none.
  std::uint16_t tcp_mss(const std::string& interface) const;

 private:
  InterfacePacketRow of(const std::string& interface) const;

  PacketSettingsRow router_;
  std::map<std::string, InterfacePacketRow> interfaces_;
};

}  // namespace culvert::dataplane
