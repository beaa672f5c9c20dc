// Forwarding's crypto policies: every name of an entry has a place among the interfaces, so that SAs, counters and path
// MTUs are kept for it as for a tunnel interface.
//
// A policy that is applied again unchanged stays the one it was, and workers remember what they know of it. SAs belong
// to the name: they outlive a policy that is replaced by one with an entry of that name.
#include <algorithm>

#include "ipsec-dataplane/forwarding.h"
#include "ipsec-dataplane/security_association.h"

namespace culvert::dataplane {

void Forwarding::place_policies() {
  policy_places_.clear();
  std::map<InterfaceIndex, std::shared_ptr<const Policy>> policies;
  for (const auto& [index, interface] : interfaces_)
    if (interface.crypto_policy) policies[index] = placed(index, interface.crypto_policy);
  policies_ = std::move(policies);
}

std::shared_ptr<const Policy> Forwarding::placed(InterfaceIndex on, const std::shared_ptr<const CryptoPolicy>& policy) {
  Policy made{.entries = policy, .tunnels = {}, .generation = 0, .reads_transport = false};
  for (const auto& entry : policy->entries) {
    made.tunnels.push_back(place_of(entry, on));
    made.reads_transport |= entry.outbound->reads_transport() || entry.inbound->reads_transport();
  }
  const auto former = policies_.find(on);
  if (former != policies_.end() && former->second->entries == policy && former->second->tunnels == made.tunnels)
    return former->second;
  made.generation = ++last_policy_;
  return std::make_shared<const Policy>(std::move(made));
}

// Without a place nothing protects what the entry permits, and so it is dropped.
InterfaceIndex Forwarding::place_of(const CryptoPolicyEntry& entry, InterfaceIndex on) {
  if (entry.tunnel.empty()) return no_interface;
  auto index = index_of(entry.tunnel);
  if (index == no_interface) index = free_index();
  if (index == no_interface || interfaces_.contains(index)) return no_interface;
  indexes_[entry.tunnel] = index;
  policy_places_.try_emplace(index, PolicyPlace{entry.tunnel, on, entry.path});
  return index;
}

bool Forwarding::in_use(const Association& association) const {
  return !association.of_policy || policy_places_.contains(association.tunnel);
}

void Forwarding::note_outbound_change(const Association& association) {
  if (association.of_policy && association.direction == SaDirection::outbound)
    outbounds_generations_[association.tunnel] = ++last_outbounds_generation_;
}

const SecurityAssociation* Forwarding::covering(InterfaceIndex entry, net::View packet,
                                                std::size_t header_octets) const {
  const auto& all = tables().interface(entry).tunnel.outbounds;
  const auto found = std::ranges::find_if(all, [&](auto* sa) { return sa->selectors().accept(packet, header_octets); });
  return found == all.end() ? nullptr : *found;
}

void Forwarding::fill_policies(Tables& tables) const {
  if (!policy_places_.empty() && policy_places_.rbegin()->first >= tables.interfaces.size())
    tables.interfaces.resize(policy_places_.rbegin()->first + 1u);
  for (const auto& [index, place] : policy_places_) {
    auto& to = tables.interfaces[index];
    to.name = place.name;
    to.kind = InterfaceKind::policy;
    to.present = to.up = true;
    to.mtu = UINT16_MAX;
    to.policy_on = place.on;
    to.tunnel.df_bit = place.path.df_bit;
    to.tunnel.fragmentation = place.path.fragmentation;
    if (place.path.local) to.tunnel.local = place.path.local->v4_value();
    if (place.path.remote) to.tunnel.remote = place.path.remote->v4_value();
    const auto generation = outbounds_generations_.find(index);
    if (generation != outbounds_generations_.end()) to.tunnel.outbounds_generation = generation->second;
  }
  for (const auto& [index, policy] : policies_) {
    tables.policies.push_back(policy);
    tables.interfaces[index].policy = policy.get();
  }
}

}  // namespace culvert::dataplane
