// The policies of crypto maps as the dataplane takes them: with the path of each entry's SAs, which follows the routes.
#include <algorithm>

#include "ipsec-dataplane/crypto_policy.h"
#include "router/forwarding.h"

namespace culvert::router {
namespace {

bool same_entry(const dataplane::CryptoPolicyEntry& a, const dataplane::CryptoPolicyEntry& b) {
  return a.tunnel == b.tunnel && a.outbound == b.outbound && a.inbound == b.inbound && a.permits == b.permits &&
         a.path == b.path;
}

bool same_policy(const std::shared_ptr<const dataplane::CryptoPolicy>& a, const dataplane::CryptoPolicy& b) {
  return a && std::ranges::equal(a->entries, b.entries, same_entry);
}

}  // namespace

// One that says the same is the same object, so that nothing is applied anew.
std::shared_ptr<const dataplane::CryptoPolicy> Forwarding::crypto_policy(const std::string& interface) {
  const auto parts = map_policies_.find(interface);
  if (parts == map_policies_.end()) {
    crypto_policies_.erase(interface);
    return nullptr;
  }
  dataplane::CryptoPolicy policy;
  for (const auto& part : parts->second)
    policy.entries.push_back({.tunnel = part.tunnel,
                              .outbound = part.list->outbound,
                              .inbound = part.list->inbound,
                              .permits = part.list->permits,
                              .path = path_of(interface, part)});
  auto& applied = crypto_policies_[interface];
  if (!same_policy(applied, policy)) applied = std::make_shared<const dataplane::CryptoPolicy>(std::move(policy));
  return applied;
}

dataplane::TunnelConfig Forwarding::path_of(const std::string& interface, const PolicyPart& part) {
  dataplane::TunnelConfig path{.local = std::nullopt, .remote = part.peer};
  const auto* identity = interfaces_.find(part.identity);
  if (identity != nullptr && identity->settings.address) path.local = identity->settings.address->address;
  const auto way = part.peer ? applied_way_to(*part.peer) : "";
  if (const auto* leaves_by = interfaces_.find(way)) path.path_mtu = static_cast<std::uint16_t>(leaves_by->mtu());
  const auto settings = packet_settings_.tunnel(interface, way);
  path.df_bit = settings.df_bit;
  path.fragmentation = settings.fragmentation;
  return path;
}

}  // namespace culvert::router
