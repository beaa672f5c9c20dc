// What the routing table hears: for each destination whose choice changed, all next hops in one update.
#include <algorithm>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

// Shares are in proportion to the inverse of the distance; IOS gives the best path 240 of them.
constexpr Distance best_share = 240;

}  // namespace

void Core::install(const std::vector<Entry*>& entries) {
  RouteBatch batch;
  batch.updates.reserve(entries.size());
  for (auto* entry : entries) {
    if (!std::exchange(entry->todo.install, false)) continue;
    auto update = route_update(*entry);
    if (update.next_hops.empty() && !entry->installed) continue;
    entry->installed = !update.next_hops.empty();
    entry->beaten = entry->beaten && entry->installed;
    entry->serial = ++serial_;
    batch.updates.push_back(std::move(update));
  }
  if (!batch.updates.empty()) outputs_.push_back(std::move(batch));
}

// What we do not use ourselves is not told to others (§5.4): packets sent to us for it would go another way.
void Core::judged(net::Time now, const std::vector<Verdict>& verdicts) {
  for (const auto& verdict : verdicts) {
    auto* entry = topology_.find(verdict.prefix);
    if (!entry || !entry->installed) continue;
    if (std::exchange(entry->beaten, verdict.beaten) != verdict.beaten) changed(*entry);
  }
  settle(now);
}

RouteUpdate Core::route_update(const Entry& entry) const {
  RouteUpdate update{.prefix = entry.prefix};
  const auto shares = traffic_shares(entry);
  for (std::size_t i = 0; i < entry.successors.size(); ++i) {
    const auto* path = entry.find(entry.successors[i]);
    const auto source = path->origin.source;
    if (source == PathSource::connected || source == PathSource::redistributed) continue;
    if (update.next_hops.empty()) describe_route(update, *path);
    const auto metric = rib_metric(path->distance, configuration_.style, configuration_.rib_scale);
    if (source == PathSource::neighbor)
      update.next_hops.push_back({path->next_hop, links_.at(path->interface).interface.name, metric, shares[i]});
    else if (update.distance != 255)
      update.next_hops.push_back({std::nullopt, "Null0", metric, 1});
  }
  return update;
}

void Core::describe_route(RouteUpdate& update, const Path& best) const {
  update.metric = rib_metric(best.distance, configuration_.style, configuration_.rib_scale);
  update.vector = best.metric;
  update.external = best.external();
  update.summary = best.origin.source == PathSource::summary;
  update.distance = update.external ? configuration_.external_distance : configuration_.internal_distance;
  if (update.summary) update.distance = summary_distance(update.prefix);
  if (update.external) update.tag = best.extra->external->tag;
}

std::uint8_t Core::summary_distance(const net::Prefix& summary) const {
  std::uint8_t least = 255;
  for (const auto& [id, link] : links_)
    for (const auto& s : link.settings.summaries)
      if (s.prefix == summary) least = std::min(least, s.distance);
  return least;
}

net::Few<std::uint32_t> Core::traffic_shares(const Entry& entry) const {
  if (entry.successors.size() == 1) return {1};
  net::Few<std::uint32_t> shares;
  Distance best = unreachable;
  for (const auto& origin : entry.successors) best = std::min(best, entry.find(origin)->distance);
  const bool equal =
      std::ranges::all_of(entry.successors, [&](const Origin& o) { return entry.find(o)->distance == best; });
  for (const auto& origin : entry.successors) {
    const auto distance = std::max<Distance>(entry.find(origin)->distance, 1);
    const auto share = static_cast<std::uint32_t>(std::max<Distance>(best_share * best / distance, 1));
    shares.push_back(equal ? 1 : configuration_.traffic_share_balanced ? share : distance == best ? 1 : 0);
  }
  return shares;
}

}  // namespace culvert::routing::eigrp
