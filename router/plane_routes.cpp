#include "router/plane_routes.h"

#include <unordered_map>

namespace culvert::router {

namespace {

std::shared_ptr<const dataplane::NextHops> plane_hops(const routing::NextHops& hops) {
  auto all = std::make_shared<dataplane::NextHops>();
  for (const auto& hop : hops) all->push_back({hop.interface, hop.gateway, hop.weight});
  return all;
}

}  // namespace

// Routes that share their next hops there share them here.
std::vector<dataplane::RouteUpdate> plane_updates(const std::vector<routing::RouteChange>& changes) {
  std::unordered_map<const routing::NextHops*, std::shared_ptr<const dataplane::NextHops>> known;
  std::vector<dataplane::RouteUpdate> updates;
  updates.reserve(changes.size());
  for (const auto& change : changes) {
    auto& update = updates.emplace_back(change.prefix, nullptr);
    if (!change.next_hops) continue;
    auto& hops = known[change.next_hops];
    if (!hops) hops = plane_hops(*change.next_hops);
    update.next_hops = hops;
  }
  return updates;
}

}  // namespace culvert::router
