#include "ike/plan.h"

#include <algorithm>

namespace culvert::ike {
namespace {

template <class T>
bool same(const T* a, const T* b) {
  return a && b ? *a == *b : a == b;
}

// Lifetimes, window and idle time are for SAs to come; a change of them disturbs none that stands.
IpsecProfile for_all_time(IpsecProfile profile) {
  const IpsecProfile any;
  profile.lifetime_s = any.lifetime_s;
  profile.lifetime_kb = any.lifetime_kb;
  profile.replay_window_packets = any.replay_window_packets;
  profile.idle_time_s = any.idle_time_s;
  return profile;
}

// Compares what one name means in two configurations.
class Meaning {
 public:
  Meaning(const Configuration& before, const Configuration& after) : before_(before), after_(after) {}

  bool same_tunnel(const Tunnel& a, const Tunnel& b) const {
    return a == b && same_ipsec_profile(a.ipsec_profile) && same_policy(a.local);
  }

 private:
  bool same_ipsec_profile(const std::string& name) const {
    const auto* a = before_.ipsec_profile(name);
    const auto* b = after_.ipsec_profile(name);
    if (!a || !b) return a == b;
    if (for_all_time(*a) != for_all_time(*b)) return false;
    return (same_transform_sets(*a) && same_profile(a->ikev2_profile));
  }

  bool same_transform_sets(const IpsecProfile& profile) const {
    if (profile.transform_sets.empty()) return same(before_.transform_set("default"), after_.transform_set("default"));
    return std::ranges::all_of(profile.transform_sets, [&](const std::string& name) {
      return same(before_.transform_set(name), after_.transform_set(name));
    });
  }

  bool same_profile(const std::string& name) const {
    const auto* a = before_.profile(name);
    const auto* b = after_.profile(name);
    return same(a, b) && (!a || same(before_.keyring(a->keyring), after_.keyring(a->keyring)));
  }

  bool same_policy(const net::Address& local) const {
    const auto& a = before_.policy_for(local);
    return a == after_.policy_for(local) && std::ranges::all_of(a.proposals, [&](const std::string& name) {
             return same(before_.proposal(name), after_.proposal(name));
           });
  }

  const Configuration& before_;
  const Configuration& after_;
};

bool is_up(const Configuration& configuration, const std::string& name) {
  const auto found = configuration.tunnels.find(name);
  return found != configuration.tunnels.end() && found->second.up;
}

}  // namespace

std::vector<TunnelChange> plan(const Configuration& before, const Configuration& after) {
  std::vector<TunnelChange> changes;
  for (const auto& [name, tunnel] : before.tunnels)
    if (tunnel.up && !is_up(after, name)) changes.push_back({TunnelAction::stop, name});

  const Meaning meaning(before, after);
  for (const auto& [name, tunnel] : after.tunnels) {
    if (!tunnel.up) continue;
    if (!is_up(before, name)) {
      changes.push_back({TunnelAction::start, name});
    } else if (!meaning.same_tunnel(before.tunnels.find(name)->second, tunnel)) {
      changes.push_back({TunnelAction::restart, name});
    }
  }
  return changes;
}

}  // namespace culvert::ike
