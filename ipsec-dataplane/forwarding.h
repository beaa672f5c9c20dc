// What control wants forwarded, turned into snapshots and FIB entries.
//
// It holds the names, the resolved neighbors and the SAs, hands out interface indexes, and publishes a new snapshot
// after every change. Each route and each resolved neighbor holds an adjacency (adjacencies.h); the routes themselves
// are in the FIB. Where a change leads to adjacencies that are new, the FIB is changed when every worker has pinned the
// snapshot that describes them; what comes behind such a change waits too.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ipsec-dataplane/adjacencies.h"
#include "ipsec-dataplane/crypto_policy.h"
#include "ipsec-dataplane/dataplane.h"
#include "ipsec-dataplane/fib.h"
#include "ipsec-dataplane/grace.h"
#include "ipsec-dataplane/path_mtu.h"

namespace culvert::dataplane {

class Forwarding {
 public:
  struct PortFacts {
    std::string name;
    std::uint16_t id = 0;
    Mac mac;
  };

  // `publisher` outlives this. `flow_seed`: Tables::flow_seed.
  Forwarding(Fib fib, TablePublisher& publisher, std::vector<PortFacts> ports, std::uint64_t flow_seed = 0);
  ~Forwarding();
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

  void apply(const ForwardingConfig& config);
  // An error may be of updates before these, whose turn came later.
  std::expected<void, std::string> update_routes(const std::vector<RouteUpdate>& updates);
  // Whether changes of the FIB wait for workers; they are made in TablePublisher::collect().
  bool waits() const { return waiting_ > 0; }

  void neighbor_resolved(InterfaceIndex interface, net::Address address, const Mac& mac);
  void neighbor_lost(InterfaceIndex interface, net::Address address);

  // `tunnel` is the index of a tunnel interface or of a policy entry.
  SaHandle add_association(InterfaceIndex tunnel, const SaParameters& parameters,
                           std::shared_ptr<SecurityAssociation> association);
  void remove_association(SaHandle handle);
  // nullptr where there is none.
  std::shared_ptr<SecurityAssociation> association(SaHandle handle) const;
  bool has_association(std::uint32_t inbound_spi) const;

  // The outbound SA that seals a packet for a policy entry; nullptr where none covers it.
  const SecurityAssociation* covering(InterfaceIndex entry, net::View packet, std::size_t header_octets) const;

  // The tunnel whose outbound SA may have sent this; no_interface where none has.
  InterfaceIndex sender_of(const QuotedEsp& quoted) const;
  // What the way of a tunnel was found to take, until this is said again; nullopt = what its configuration says.
  void set_path_mtu(InterfaceIndex tunnel, std::optional<std::uint16_t> mtu);
  std::uint16_t path_mtu(InterfaceIndex tunnel) const;

  // Of an interface or a policy entry; no_interface where there is none of that name.
  InterfaceIndex index_of(std::string_view name) const;
  std::string name_of(InterfaceIndex index) const;
  const std::map<InterfaceIndex, InterfaceConfig>& interfaces() const { return interfaces_; }
  // The indexes of interfaces and policy entries.
  std::set<InterfaceIndex> places() const;
  Mac mac_of(const InterfaceConfig& interface) const;
  const Tables& tables() const { return publisher_.current(); }
  void publish();

  void add_tap(std::shared_ptr<Tap> tap);
  void remove_tap(const std::shared_ptr<Tap>& tap);

 private:
  struct Association {
    InterfaceIndex tunnel;
    SaDirection direction;
    std::uint32_t spi;
    bool of_policy;  // `tunnel` is a policy entry
    std::shared_ptr<SecurityAssociation> association;
  };
  // What entries of one name share.
  struct PolicyPlace {
    std::string name;
    InterfaceIndex on;
    TunnelConfig path;
  };
  using NeighborKey = std::pair<InterfaceIndex, std::uint32_t>;

  InterfaceIndex free_index() const;
  void forget_unused_names();
  void place_policies();
  std::shared_ptr<const Policy> placed(InterfaceIndex on, const std::shared_ptr<const CryptoPolicy>& policy);
  InterfaceIndex place_of(const CryptoPolicyEntry& entry, InterfaceIndex on);
  bool in_use(const Association& association) const;
  void note_outbound_change(const Association& association);
  AdjacencyKey key_of(const NextHop& next_hop) const;
  // An index with one more holder, or why there is none.
  std::expected<std::uint16_t, std::string> hold(const NextHops& next_hops);
  // Whether all workers know the adjacencies that are held now, and no change waits for them; publishes new ones.
  bool described(bool publish_anyway = false);
  void after_those(std::function<void()> change);
  void note(const net::Prefix& prefix, std::string_view why);
  void lead_by(const std::vector<RouteUpdate>& updates, const std::vector<std::uint16_t>& indexes);
  bool lead(const net::Prefix& prefix, std::uint16_t index);
  void remove_route(const net::Prefix& prefix);
  void lead_to_neighbor(NeighborKey neighbor);
  void forget_neighbor(NeighborKey neighbor);
  // What a route, not a neighbor, made the prefix lead to.
  std::optional<std::uint16_t> route_of(const net::Prefix& prefix) const;
  void fill_interfaces(Tables& tables) const;
  void fill_filters(Tables& tables) const;
  void fill_policies(Tables& tables) const;
  std::uint16_t neighbor_route(std::uint32_t address) const;
  void fill_own_addresses(Tables& tables) const;
  void fill_adjacencies(Tables& tables) const;
  void fill_associations(Tables& tables) const;
  void fill_taps(Tables& tables) const;

  Fib fib_;
  TablePublisher& publisher_;
  std::uint64_t flow_seed_;
  std::vector<PortFacts> ports_;
  std::map<std::string, InterfaceIndex, std::less<>> indexes_;
  std::map<InterfaceIndex, InterfaceConfig> interfaces_;
  std::map<InterfaceIndex, PolicyPlace> policy_places_;
  std::map<InterfaceIndex, std::shared_ptr<const Policy>> policies_;  // by the interface that has it
  std::uint64_t last_policy_ = 0;
  Adjacencies adjacencies_;
  std::set<std::uint32_t> neighbor_hosts_;  // whose host prefix leads to the neighbor itself
  std::map<NeighborKey, Mac> neighbors_;
  std::size_t waiting_ = 0;                                                  // changes of the FIB
  std::shared_ptr<Forwarding*> self_ = std::make_shared<Forwarding*>(this);  // for those; null once this is gone
  std::expected<void, std::string> done_;                                    // of updates of routes, until it is told
  std::map<SaHandle, Association> associations_;
  std::map<InterfaceIndex, std::uint32_t> outbounds_generations_;  // of policy entries
  std::uint32_t last_outbounds_generation_ = 0;
  std::map<InterfaceIndex, std::uint16_t> learned_mtus_;
  SaHandle last_handle_ = 0;
  std::vector<std::shared_ptr<Tap>> taps_;
};

}  // namespace culvert::dataplane
