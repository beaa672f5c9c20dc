// The engine's state as show commands read it.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

constexpr std::size_t queue_shown_max = 10;

net::Duration left(net::Time now, net::Time until) { return std::max(until - now, net::Duration::zero()); }

std::string distance_text(Distance distance) {
  return distance == unreachable ? std::string("Inaccessible") : std::to_string(distance);
}

}  // namespace

std::string_view text(Refusal refusal) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Refusal::count)> names{
      "wrong autonomous system",
      "interface not enabled",
      "own address",
      "not on common subnet",
      "neighbor not configured",
      "authentication failed",
      "K-value mismatch",
      "hold time of zero",
      "not a neighbor",
      "neighbor pending",
      "duplicate",
      "out of sequence",
      "not in conditional receive mode",
      "acknowledgment of nothing",
      "multicast before the table",
      "too many neighbors",
      "too many prefixes",
      "own route",
      "too many hops",
      "bad destination",
      "reply to no query",
      "goodbye of a former life",
      "packet type not expected"};
  return names[static_cast<std::size_t>(refusal)];
}

std::vector<NeighborView> Core::neighbor_views(net::Time now) const {
  std::vector<NeighborView> views;
  for (const auto& [id, n] : neighbors_) {
    NeighborView view{.handle = n.handle,
                      .address = n.address,
                      .interface = links_.at(n.interface).interface.name,
                      .pending = !n.up(),
                      .hold_left = left(now, n.hold_until),
                      .up_for = now - n.since,
                      .smooth_round_trip = n.round_trip.smooth(),
                      .retransmission_timeout = n.round_trip.timeout(),
                      .queued = n.queue.size(),
                      .last_sequence = n.last_received,
                      .retransmissions = n.retransmissions,
                      .retries = n.queue.empty() ? 0 : std::max(n.queue.front().tries, 1u) - 1,
                      .prefixes = n.prefixes,
                      .version = n.version,
                      .stub = n.stub,
                      .configured = n.configured};
    for (std::size_t i = 0; i < std::min(n.queue.size(), queue_shown_max); ++i)
      view.queue.emplace_back(n.queue[i].outgoing->packet.opcode, n.queue[i].sequence());
    views.push_back(std::move(view));
  }
  return views;
}

std::size_t Core::pending_routes(const Link& link) const {
  std::set<const Outgoing*> waiting;
  for (const auto id : link.neighbors)
    for (const auto& queued : neighbors_.at(id).queue)
      if (queued.tries == 0 && !queued.outgoing->multicast_sent) waiting.insert(queued.outgoing.get());
  std::size_t routes = 0;
  for (const auto* outgoing : waiting) routes += outgoing->routes.count;
  return routes;
}

std::vector<InterfaceView> Core::interface_views(net::Time now) const {
  std::vector<InterfaceView> views;
  for (const auto& [id, link] : links_) {
    auto view = link.counters;
    view.name = link.interface.name;
    view.passive = link.passive;
    view.pacing = link.pacing(link.interface.link.mtu);
    view.hello_interval = link.hello_interval();
    view.hold_time = std::chrono::seconds(link.hold_time_s());
    view.next_hello = left(now, link.hello_due);
    view.split_horizon = link.settings.split_horizon;
    view.next_hop_self = link.settings.next_hop_self;
    view.multicast = !link.unicast_only;
    view.authentication = link.settings.authentication.required;
    view.authentication_mode = link.settings.authentication.mode;
    view.key_chain = link.settings.authentication.key_chain;
    view.pending_routes = pending_routes(link);
    for (const auto neighbor_id : link.neighbors) {
      const auto& neighbor = neighbors_.at(neighbor_id);
      view.multicast_flow = std::max(view.multicast_flow, neighbor.round_trip.timeout());
      view.peers += neighbor.up();
      view.mean_round_trip += neighbor.round_trip.smooth();
      for (const auto& queued : neighbor.queue)
        ++(queued.outgoing->multicast ? view.queued_multicast : view.queued_unicast);
    }
    if (!link.neighbors.empty()) view.mean_round_trip /= static_cast<int>(link.neighbors.size());
    views.push_back(std::move(view));
  }
  return views;
}

PathView Core::view(const Entry& entry, const Path& path) const {
  const auto link = links_.find(path.interface);
  PathView view{.source = path.origin.source,
                .next_hop = path.next_hop,
                .interface = link == links_.end() ? "" : link->second.interface.name,
                .metric = path.metric,
                .distance = path.distance,
                .reported_distance = path.reported_distance,
                .feasible = path.reported_distance < entry.feasible,
                .successor = !entry.beaten && entry.is_successor(path.origin),
                .reply_awaited = entry.awaits(path.origin.id) && path.origin.source == PathSource::neighbor};
  if (path.origin.source == PathSource::summary) view.interface = "Null0";
  if (const auto neighbor = neighbors_.find(path.origin.id);
      path.origin.source == PathSource::neighbor && neighbor != neighbors_.end())
    view.from = neighbor->second.address;
  if (path.external()) {
    view.external = path.extra->external;
    view.tag = path.extra->external->tag;
  }
  return view;
}

TopologyView Core::view(net::Time now, const Entry& entry) const {
  TopologyView view{.prefix = entry.prefix,
                    .active = entry.active != nullptr,
                    .feasible_distance = entry.feasible,
                    .advertised = entry.advertised.distance,
                    .successors = entry.beaten ? 0 : entry.successors.size(),
                    .beaten = entry.beaten,
                    .serial = entry.serial};
  if (entry.active) {
    view.query_origin = entry.active->query_origin;
    view.active_for = now - entry.active->since;
    view.replies_awaited = entry.active->awaited.size();
    for (const auto& awaited : entry.active->awaited) view.sia_queries += awaited.sia_queries;
  }
  for (const auto& path : entry.paths) view.paths.push_back(this->view(entry, *path));
  const auto shares = traffic_shares(entry);
  for (std::size_t i = 0; i < entry.successors.size(); ++i)
    for (std::size_t j = 0; j < entry.paths.size(); ++j)
      if (entry.paths[j]->origin == entry.successors[i]) view.paths[j].traffic_share = shares[i];
  std::ranges::stable_sort(view.paths, {}, [](const PathView& p) { return std::pair(!p.successor, p.distance); });
  return view;
}

std::vector<TopologyView> Core::topology_views(net::Time now) const {
  std::vector<TopologyView> views;
  for (const auto& entry : topology_) views.push_back(view(now, entry));
  return views;
}

std::optional<TopologyView> Core::topology_view(net::Time now, const net::Prefix& prefix) const {
  const auto* entry = topology_.find(prefix);
  return entry ? std::optional(view(now, *entry)) : std::nullopt;
}

std::string Core::transition_text(const Transition& made) const {
  return fmt::format("({}) by {}, distance {}, FD {}", made.number, describe(made.from), distance_text(made.distance),
                     distance_text(made.feasible));
}

std::optional<WhyView> Core::why(net::Time now, const net::Prefix& prefix) const {
  const auto* entry = topology_.find(prefix);
  if (!entry) return std::nullopt;
  WhyView why{.topology = view(now, *entry)};
  for (auto past = entry->past; past && why.history.size() < Dual::history_max; past = past->before)
    why.history.push_back({past->made.when, transition_text(past->made)});
  std::ranges::reverse(why.history);
  return why;
}

std::vector<HistoryView> Core::events() const {
  std::vector<HistoryView> views;
  for (auto event = happened_.rbegin(); event != happened_.rend(); ++event)
    views.push_back({event->when, event->text.empty()
                                      ? fmt::format("{} {}", event->prefix, transition_text(event->made))
                                      : fmt::format("{} {}", event->prefix, event->text)});
  return views;
}

}  // namespace culvert::routing::eigrp
