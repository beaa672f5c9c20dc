#include "router/learned_routes.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace culvert::router {

namespace {

namespace eigrp = routing::eigrp;

routing::NextHop next_hop(const eigrp::RouteNextHop& hop, std::uint32_t path_metric) {
  return {.gateway = hop.gateway,
          .interface = hop.interface,
          .weight = std::min(hop.traffic_share, routing::weight_max),
          .metric = hop.metric == path_metric ? 0 : hop.metric};
}

routing::RouteType type_of(const eigrp::RouteUpdate& update) {
  if (update.summary) return routing::RouteType::summary;
  return update.external ? routing::RouteType::external : routing::RouteType::internal;
}

// nullptr: no way.
std::shared_ptr<const routing::Path> path_of(const routing::Origin& origin, const eigrp::RouteUpdate& update) {
  routing::Path path{.origin = origin,
                     .distance = update.distance,
                     .type = type_of(update),
                     .metric = update.metric,
                     .tag = update.tag};
  for (const auto& hop : update.next_hops) path.next_hops.push_back(next_hop(hop, update.metric));
  if (path.next_hops.empty()) return nullptr;
  return std::make_shared<const routing::Path>(std::move(path));
}

bool same_path(const eigrp::RouteUpdate& a, const eigrp::RouteUpdate& b) {
  const auto but_next_hops = [](const auto& u) {
    return std::tuple(u.distance, u.metric, u.tag, u.external, u.summary);
  };
  return but_next_hops(a) == but_next_hops(b) && a.next_hops == b.next_hops;
}

}  // namespace

routing::RouteBatch learned_routes(const routing::Origin& origin, const eigrp::RouteBatch& batch) {
  routing::RouteBatch learned;
  learned.routes.reserve(batch.updates.size());
  const eigrp::RouteUpdate* former = nullptr;
  std::shared_ptr<const routing::Path> path;
  for (const auto& update : batch.updates) {
    if (former == nullptr || !same_path(*former, update)) path = path_of(origin, update);
    former = &update;
    if (path)
      learned.routes.emplace_back(update.prefix, path);
    else
      learned.withdrawn.push_back(update.prefix);
  }
  return learned;
}

}  // namespace culvert::router
