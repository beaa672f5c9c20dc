// `interface ...`: the mode that every room extends, and the settings that routing itself gives an interface.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config-store/registry.h"
#include "net/address.h"
#include "routing/interfaces/interface_table.h"

namespace culvert::routing {

struct InterfaceAddress {
  net::Address address, mask;
  bool operator==(const InterfaceAddress&) const = default;
};

// `tunnel source`: an interface by name, or an address.
struct TunnelSource {
  std::string text;
  bool operator==(const TunnelSource&) const = default;
};

struct InterfaceRow {
  std::string name;
  std::optional<std::string> description;
  bool shutdown = false;
  std::optional<InterfaceAddress> ip_address;
  std::optional<std::uint32_t> ip_mtu;
  std::optional<TunnelSource> tunnel_source;
  bool tunnel_is_ipsec = false;
  std::optional<net::Address> tunnel_destination;
  bool operator==(const InterfaceRow&) const = default;
};

// `ports` are the canonical names that the machine's ports bear: no other physical interface can be entered.
void define_interfaces(config::Registry& registry, const std::vector<std::string>& ports);

// What the interface table is told. Protection profiles are the business of ike/commands and stay empty here.
std::vector<InterfaceSettings> interface_settings(const config::View& configuration);

}  // namespace culvert::routing
