// Crypto maps on interfaces: what of the configuration is complete becomes a tunnel that IKE negotiates on demand, a
// policy that the dataplane carries out, and routes to what lies behind the peer.
//
// An entry is complete when it has a peer and an access list that exists. It speaks from its interface's address or, by
// `local-address`, from another's, whose name ends the tunnel's: "CMAP 10 GigabitEthernet0/0". Interfaces that bear a
// map with a local address share its SAs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config-store/view.h"
#include "ike/configuration.h"
#include "net/time.h"
#include "router/crypto_lists.h"
#include "router/policy_hold.h"
#include "router/syslog.h"
#include "routing/interfaces/interface_table.h"

namespace culvert::router {

// A complete entry on one interface.
struct AppliedMapEntry {
  std::string interface, map;
  std::uint32_t sequence = 0;
  std::string identity;  // the interface whose address it speaks from
  std::string list;
  std::vector<net::Address> peers;
  ike::IpsecProfile profile;
  ike::SaLevel level = ike::SaLevel::per_pair;
  std::vector<ike::SelectorPair> pairs;
  bool injects_routes = false, routes_always = false;

  std::string tunnel() const;
};

// A part of an interface's policy, in order; of held ones `tunnel` is empty.
struct PolicyPart {
  std::string tunnel, identity;
  std::optional<net::Address> peer;
  std::shared_ptr<const CryptoList> list;
};
using PoliciesByInterface = std::map<std::string, std::vector<PolicyPart>>;

struct InjectedRoute {
  std::string interface;  // that bears the map
  net::Prefix prefix;
  net::Address peer;
  auto operator<=>(const InjectedRoute&) const = default;
};

class CryptoMaps {
 public:
  struct Hooks {
    CryptoLists::Hooks lists;
    std::function<void(const LogMessage&)> log;
  };
  explicit CryptoMaps(const Hooks& hooks) : log_(hooks.log), lists_(hooks.lists) {}

  // `lists_changed` is false where it is known that no access list is another one than in the last call.
  void configure(net::Time now, const config::View& configuration, bool lists_changed);
  // Ends what is held long enough. True if policies() are others.
  bool tick(net::Time now);
  // Ends all holds at once.
  void clear_hold();

  // What stands of a tunnel: its peer, and the remote selectors of its SAs; no peer: nothing stands. True if policies()
  // or routes() are others.
  bool standing(const std::string& tunnel, std::optional<net::Address> peer, std::vector<ike::TrafficSelector> remote);

  // By sequence, for each interface.
  const std::vector<AppliedMapEntry>& entries() const { return entries_; }
  bool knows(const std::string& tunnel) const;
  // The peer that its SAs lead to, else the first.
  net::Address peer_of(const AppliedMapEntry& entry) const;
  PoliciesByInterface policies() const;
  std::vector<InjectedRoute> routes() const;
  // Adds what the engine must be told.
  void add_to(ike::Configuration& configuration, const routing::InterfaceTable& interfaces) const;

 private:
  struct Standing {
    net::Address peer;
    std::vector<ike::TrafficSelector> remote;
    bool operator==(const Standing&) const = default;
  };
  void read(const config::View& configuration);
  std::vector<std::string> faults(const config::View& configuration) const;
  void report_faults(const config::View& configuration);

  std::function<void(const LogMessage&)> log_;
  CryptoLists lists_;
  PolicyHold hold_;
  std::vector<AppliedMapEntry> entries_;
  std::map<std::string, Standing> standing_;  // by tunnel
  std::vector<std::string> reported_;
};

}  // namespace culvert::router
