// Every interface of the router: who it is, what it is told to be, and whether it works.
//
// Three facts decide an interface's state: the operator's word (shutdown), the link below it (a port's carrier; for a
// tunnel its source, destination and security association), and its kind. The table is told facts and reports changes
// of state; it reads no clock and owns no device.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/time.h"

namespace culvert::routing {

enum class InterfaceKind { port, loopback, tunnel, null };

// The kind that a canonical name belongs to: "Tunnel1" is a tunnel, "GigabitEthernet0/0" and "Serial0/0" are ports.
InterfaceKind kind_of(std::string_view name);
// "Gi0/0" of "GigabitEthernet0/0": the first two letters and the number, as IOS abbreviates.
std::string short_name(std::string_view name);
// The order of `show`: ports, loopbacks, tunnels; numbers by value ("Tunnel2" before "Tunnel10").
bool listed_before(std::string_view a, std::string_view b);
// The order of the running-config: loopbacks, tunnels, ports.
bool listed_in_configuration_before(std::string_view a, std::string_view b);

// What the configuration says of one interface.
struct InterfaceSettings {
  std::string name;  // canonical
  std::string description;
  bool shutdown = false;
  std::optional<net::Prefix> address;
  std::optional<std::uint32_t> ip_mtu;
  std::string tunnel_source;  // an interface name or an address, as configured; empty = none
  std::optional<net::Address> tunnel_destination;
  bool tunnel_is_ipsec = false;    // `tunnel mode ipsec ipv4`
  std::string protection_profile;  // `tunnel protection ipsec profile`; empty = none
  bool operator==(const InterfaceSettings&) const = default;
};

// What the machine says of a port. Loopbacks and tunnels have no hardware.
struct PortFacts {
  std::string mac;  // "0a:00:00:00:00:01"
  std::uint32_t mtu = 1500;
  bool carrier = false;
  bool operator==(const PortFacts&) const = default;
};

struct Interface {
  InterfaceSettings settings;
  InterfaceKind kind = InterfaceKind::port;
  std::optional<PortFacts> port;
  bool tunnel_secured = false;  // an SA pair of this tunnel is installed
  bool line_up = false;
  bool protocol_up = false;
  net::Time changed{};  // of the last change of protocol_up

  std::uint32_t mtu() const;  // octets of an IP packet, `ip mtu` or the kind's own
  bool admin_down() const { return settings.shutdown; }
};

// A change worth a log line.
struct InterfaceEvent {
  enum class What { administratively_down, line_up, line_down, protocol_up, protocol_down } what;
  std::string interface;
};

class InterfaceTable {
 public:
  // The whole configuration, again after every change of it.
  void configure(net::Time now, const std::vector<InterfaceSettings>& settings);
  // A port appears or its carrier, address or MTU changed.
  void port(net::Time now, const std::string& name, const PortFacts& facts);
  // The SA pair of a tunnel was installed or is gone.
  void tunnel_secured(net::Time now, const std::string& name, bool secured);

  std::optional<InterfaceEvent> poll();

  const Interface* find(std::string_view name) const;
  const std::map<std::string, Interface, std::less<>>& all() const { return interfaces_; }
  // The address that a tunnel sends from: the one configured, or the one of the interface named. nullopt where that
  // interface is down or has no address.
  std::optional<net::Address> tunnel_source_address(const Interface& tunnel) const;
  // The interface that owns this address.
  const Interface* owner_of(net::Address address) const;

 private:
  void settle(net::Time now);
  void settle_one(net::Time now, Interface& interface);
  bool wants_line(const Interface& interface) const;
  bool wants_protocol(const Interface& interface) const;

  std::map<std::string, Interface, std::less<>> interfaces_;
  std::map<std::string, PortFacts, std::less<>> ports_;
  std::deque<InterfaceEvent> events_;
};

}  // namespace culvert::routing
