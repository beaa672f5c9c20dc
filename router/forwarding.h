// What the configuration says and what the machine says of interfaces and routes, brought together and into the
// dataplane.
//
// Every input ends in settle(): states first, then the routes that follow from them, then the plane is told what
// differs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config-store/view.h"
#include "ike/configuration.h"
#include "ipsec-dataplane/commands/packet_settings.h"
#include "ipsec-dataplane/dataplane.h"
#include "net/time.h"
#include "router/crypto_maps.h"
#include "router/packet_filters.h"
#include "router/syslog.h"
#include "routing/interfaces/interface_table.h"
#include "routing/rib/rib.h"

namespace culvert::router {

class Forwarding {
 public:
  // `plane` outlives this; `log` hears of every change of state.
  Forwarding(dataplane::Dataplane& plane, std::function<void(const LogMessage&)> log);

  // In force from the next configure() on.
  void set_static_routes(std::vector<routing::Route> routes);
  // Takes interfaces out of the configuration.
  void configure(net::Time now, const config::View& configuration);
  // The packet filters of interfaces: in force from the next configure() or refilter() on.
  void set_filters(FiltersByInterface filters) { filters_ = std::move(filters); }
  void refilter(net::Time now) { apply_interfaces(now); }
  // Multicast that the router listens to, by interface: in force at once.
  void set_multicast_groups(net::Time now, std::map<std::string, std::vector<net::Address>> groups);
  // What a routing protocol learned: in force at once.
  void learn(net::Time now, const routing::Origin& origin, const routing::RouteBatch& batch);
  // Routes of routing protocols that lost to another source since it was last asked, or no longer do.
  std::vector<routing::Verdict> take_verdicts() { return rib_.take_verdicts(); }
  // What interfaces protect, and the routes that come of it: in force from the next configure() or settle_maps() on.
  void set_crypto(PoliciesByInterface policies, std::vector<InjectedRoute> routes);
  void settle_maps(net::Time now) { settle(now); }
  // Looks at the ports' carriers. True if any of them changed.
  bool watch_ports(net::Time now);
  void tunnel_secured(net::Time now, const std::string& tunnel, bool secured);

  const routing::InterfaceTable& interfaces() const { return interfaces_; }
  const routing::Rib& rib() const { return rib_; }
  // The tunnels that IKE shall protect, as they stand now.
  ike::ByName<ike::Tunnel> protected_tunnels() const;
  // The interface that packets for `destination` leave by; empty where there is none.
  std::string way_to(net::Address destination) const;
  // The address from which the router reaches `destination`; nullopt where it has no route or no address there.
  std::optional<net::Address> source_towards(net::Address destination) const;

 private:
  void settle(net::Time now);
  void log_changes();
  dataplane::TunnelConfig tunnel_config(const routing::Interface& interface);
  std::vector<routing::Route> connected_routes(routing::Source source) const;
  std::vector<routing::Route> injected_routes() const;
  std::shared_ptr<const dataplane::CryptoPolicy> crypto_policy(const std::string& interface);
  dataplane::TunnelConfig path_of(const std::string& interface, const PolicyPart& part);
  // The way of a tunnel or of an entry's SAs, as it is being applied; and whether one is another since.
  const std::string& applied_way_to(net::Address destination);
  bool ways_moved() const;
  void apply_interfaces(net::Time now);
  void apply_routes(net::Time now);

  dataplane::Dataplane& plane_;
  std::function<void(const LogMessage&)> log_;
  routing::InterfaceTable interfaces_;
  routing::Rib rib_;
  dataplane::PacketSettings packet_settings_;
  std::map<std::string, routing::PortFacts> ports_;
  FiltersByInterface filters_;
  std::map<std::string, std::vector<net::Address>> multicast_groups_;
  PoliciesByInterface map_policies_;
  std::vector<InjectedRoute> injected_routes_;
  std::map<std::string, std::shared_ptr<const dataplane::CryptoPolicy>> crypto_policies_;  // applied
  std::vector<dataplane::InterfaceConfig> applied_;
  std::map<net::Address, std::string> applied_ways_;
};

}  // namespace culvert::router
