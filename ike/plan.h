// What a reconfiguration means for the tunnels, as a list of actions (nothing is carried out here).
#pragma once

#include <string>
#include <vector>

#include "ike/configuration.h"

namespace culvert::ike {

enum class TunnelAction : std::uint8_t {
  start,    // negotiate: it is new, or came up
  stop,     // close its SAs: it went away, or down
  restart,  // close its SAs and negotiate anew: something it depends on has another value
};

struct TunnelChange {
  TunnelAction action{};
  std::string tunnel;
  bool operator==(const TunnelChange&) const = default;
};

// Stops come first. A tunnel depends on itself and on all that its names reach: IPsec profile, transform sets, IKEv2
// profile, keyring, and the proposals of the policy for its local address. Tunnels that depend on nothing that changed
// are not listed, nor are those that are down before and after.
std::vector<TunnelChange> plan(const Configuration& before, const Configuration& after);

}  // namespace culvert::ike
