// What neighbours say of destinations: route TLVs become news of paths for DUAL (RFC 7868 §4, §6.8).
#include <algorithm>

#include <fmt/format.h>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

Input input_of(wire::Opcode opcode) {
  switch (opcode) {
    case wire::Opcode::query:
    case wire::Opcode::sia_query: return Input::query;
    case wire::Opcode::reply:
    case wire::Opcode::sia_reply: return Input::reply;
    default: return Input::update;
  }
}

wire::Metric with_delay(wire::Metric metric, std::uint64_t more, MetricStyle style) {
  const auto limit = poisoned(metric, style).delay;
  metric.delay = std::min(metric.delay + more, limit);
  return metric;
}

Path refused(Path path) {
  path.distance = unreachable;
  return path;
}

}  // namespace

// Most of what a neighbour tells at once is alike but for its destinations, and its path is worked out once.
void Core::hear_routes(net::Time now, Link& link, Neighbor& neighbor, const wire::Packet& packet) {
  const wire::Route* before = nullptr;
  net::Shared<Path> path;
  for (const auto& tlv : packet.tlvs) {
    const auto* route = std::get_if<wire::Route>(&tlv);
    if (!route) continue;
    if (before && !route->same_but_destinations(*before)) path = {};
    before = route;
    hear_destinations(now, link, neighbor, packet.opcode, *route, path);
  }
  if (packet.flags.end_of_table) neighbor.table_ended = true;
}

void Core::hear_destinations(net::Time now, Link& link, Neighbor& neighbor, wire::Opcode opcode,
                             const wire::Route& route, net::Shared<Path>& path) {
  const bool active_flag = route.metric.flags & wire::route_flag::active;
  if (leads_back(link, route)) refuse(Refusal::own_route);
  for (const auto& prefix : route.destinations) {
    if (!acceptable_destination(prefix)) {
      refuse(Refusal::bad_destination);
      continue;
    }
    if (!path || policy_in_asks_for_destinations(link)) path = evaluated(path_of(link, neighbor, route), prefix);
    hear_route(now, neighbor, opcode, prefix, path, active_flag);
  }
}

bool Core::policy_in_asks_for_destinations(const Link& link) const {
  return configuration_.filter_in || link.settings.filter_in || !configuration_.offsets_in.empty();
}

// Our own route came back, or we would be its next hop: it leads nowhere.
bool Core::leads_back(const Link& link, const wire::Route& route) const {
  return (route.external && route.external->router_id == router_id_) || link.is_own(route.next_hop);
}

// The family's own unicast prefixes. Of IPv4 neither this network (0.0.0.0/8; shorter ones and the default route are
// something else) nor class E (RFC 6890).
bool Core::acceptable_destination(const net::Prefix& prefix) const {
  const auto first = prefix.address.is_v4() ? prefix.address.v4_value() >> 24 : 1;
  const bool reserved = first >= 240 || (first == 0 && prefix.length >= 8);
  return prefix.address.family() == configuration_.family && !prefix.address.is_multicast() &&
         !prefix.address.is_loopback() && !reserved;
}

Path Core::path_of(const Link& link, const Neighbor& neighbor, const wire::Route& route) const {
  const auto style = configuration_.style;
  Path path{.origin = Origin::neighbor(neighbor.id), .interface = link.id, .next_hop = neighbor.address};
  path.reported = converted(route.metric, route.is_wide() ? MetricStyle::wide : MetricStyle::classic, style);
  if (route.external || (route.wide && !route.wide->attributes.empty()))
    path.extra = std::make_shared<Extra>(
        Extra{.external = route.external, .attributes = route.wide ? route.wide->attributes : net::Bytes{}});
  const bool third_party = !route.next_hop.is_unspecified() && link.on_subnet(route.next_hop);
  if (third_party) path.next_hop = route.next_hop;
  if (leads_back(link, route)) path.reported = poisoned(path.reported, style);
  path.reported.flags = 0;
  return path;
}

void Core::hear_route(net::Time now, Neighbor& neighbor, wire::Opcode opcode, const net::Prefix& prefix,
                      net::Shared<Path> path, bool active_flag) {
  if (path->metric.hop_count > configuration_.maximum_hops) refuse(Refusal::too_many_hops);
  auto* entry = topology_.find(prefix);
  if (!within_prefix_limit(now, neighbor, entry, *path)) path = refused(*path);
  const auto input = input_of(opcode);
  if (opcode == wire::Opcode::sia_query) neighbor.sia_replies.push_back(prefix);
  if (input == Input::reply) {
    if (!entry || !entry->awaits(neighbor.id)) return refuse(Refusal::reply_unasked);
    if (opcode == wire::Opcode::sia_reply && active_flag) return hear_sia_reply(*entry, neighbor);
  }
  // One that asks again while its first question stands waits for that answer (§4.4.1.1).
  const bool owed = entry && entry->active && std::ranges::count(entry->active->owed, neighbor.id);
  if (opcode == wire::Opcode::sia_query && owed) return;
  if (!entry && !path->reachable()) {
    if (input == Input::query) neighbor.unknown.push_back(prefix);
    return;
  }
  if (!neighbor.table_ended && input == Input::update) neighbor.poison.push_back(prefix);
  hear(now, entry ? *entry : topology_.at(prefix), input, std::move(path));
}

void Core::hear_confirmation(net::Time now, Neighbor& neighbor, std::uint32_t sequence) {
  std::vector<net::Prefix> confirmed;
  std::erase_if(neighbor.confirmations, [&](const auto& waiting) {
    if (waiting.first == sequence) confirmed.push_back(waiting.second);
    return waiting.first == sequence;
  });
  for (const auto& prefix : confirmed)
    if (auto* entry = topology_.find(prefix)) dual_.confirm(now, *entry, neighbor.id);
}

bool Core::within_prefix_limit(net::Time now, Neighbor& neighbor, const Entry* entry, const Path& path) {
  if (!path.reachable() || neighbor.prefixes < options_.prefixes_per_neighbor_max) return true;
  if (entry && entry->find(path.origin)) return true;
  refuse(Refusal::prefix_limit);
  if (!std::exchange(neighbor.prefix_limit_told, true)) {
    say(EventKind::limit,
        fmt::format("Neighbor {} ({}): prefix limit of {} reached, further ones are ignored", neighbor.address,
                    links_.at(neighbor.interface).interface.name, options_.prefixes_per_neighbor_max));
    chronicle(now, net::Prefix::host(neighbor.address), "Prefix limit reached");
  }
  return false;
}

void Core::hear(net::Time now, Entry& entry, Input input, net::Shared<Path> path) {
  const auto origin = path->origin;
  const bool had = entry.find(origin) != nullptr;
  dual_.hear(now, entry, input, std::move(path));
  if (origin.source != PathSource::neighbor) return;
  const bool has = entry.find(origin) != nullptr;
  if (auto* neighbor = find_neighbor(origin.id); neighbor && had != has)
    has ? ++neighbor->prefixes : --neighbor->prefixes;
}

net::Shared<Path> Core::evaluated(Path path, const net::Prefix& prefix) {
  evaluate(path, prefix);
  return paths_.share(path);
}

// A path that does not grow by our link is of no use: without growth nothing would tell below from above.
void Core::evaluate(Path& path, const net::Prefix& prefix) const {
  const auto style = configuration_.style;
  const auto& link = links_.at(path.interface);
  const auto extended = path.extra && configuration_.k.k6 ? extended_sum(path.extra->attributes) : 0;
  auto reported = path.reported;
  path.reported_distance = composite(reported, configuration_.k, style, extended);
  const auto teller = neighbors_.at(path.origin.id).address;
  reported = with_delay(reported, offset_of(configuration_.offsets_in, link.interface.name, prefix, teller), style);
  path.metric = through(reported, link.interface.link, style);
  path.distance = composite(path.metric, configuration_.k, style, extended);
  const auto passes = [&](const std::optional<Filter>& filter) { return !filter || permits(*filter, prefix, teller); };
  const bool refused = !passes(configuration_.filter_in) || !passes(link.settings.filter_in);
  if (refused || path.metric.hop_count > configuration_.maximum_hops || path.distance <= path.reported_distance)
    path.distance = unreachable;
}

}  // namespace culvert::routing::eigrp
