// Interfaces and configuration: on which links EIGRP runs follows from both, and what changed is worked out here.
#include <algorithm>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

// Why neighbours must start anew, or nothing.
std::string_view restart_reason(const Configuration& before, const Configuration& after) {
  if (before.k != after.k) return "metric changed";
  if (before.style != after.style) return "metric style changed";
  if (before.stub != after.stub) return "peer info changed";
  if (before.router_id != after.router_id) return "router-id changed";
  if (before.autonomous_system != after.autonomous_system || before.family != after.family) return "process restarted";
  return "";
}

bool filters_in_differ(const Configuration& a, const Configuration& b) {
  return a.filter_in != b.filter_in || a.offsets_in != b.offsets_in || a.maximum_hops != b.maximum_hops;
}

bool installed_differently(const Configuration& a, const Configuration& b) {
  return a.internal_distance != b.internal_distance || a.external_distance != b.external_distance ||
         a.traffic_share_balanced != b.traffic_share_balanced || a.rib_scale != b.rib_scale;
}

bool told_differently(const InterfaceSettings& a, const InterfaceSettings& b) {
  return a.split_horizon != b.split_horizon || a.next_hop_self != b.next_hop_self || a.summaries != b.summaries ||
         a.filter_out != b.filter_out;
}

// Why the neighbours of a link must start anew, or nothing.
std::string_view restart_reason(const Link& before, const Link& after) {
  if (before.interface.addresses != after.interface.addresses) return "interface address changed";
  if (before.passive != after.passive) return "interface passive";
  if (before.configured_neighbors != after.configured_neighbors) return "Static peer configuration changed";
  const auto& old_authentication = before.settings.authentication;
  const auto& authentication = after.settings.authentication;
  if (old_authentication.required != authentication.required) return "authentication mode changed";
  if (before.settings.filter_in != after.settings.filter_in) return "route configuration changed";
  return "";
}

}  // namespace

void Core::configure(net::Time now, Configuration configuration) {
  const auto reason = restart_reason(configuration_, configuration);
  if (!reason.empty()) restart(now, reason);
  const auto before = std::exchange(configuration_, std::move(configuration));
  const auto& after = configuration_;
  dual_.set_limits({.variance = std::max<unsigned>(after.variance, 1),
                    .maximum_paths = std::max<std::size_t>(after.maximum_paths, 1)});
  if (before.router_id != after.router_id) router_id_ = after.router_id.value_or(0);
  if (filters_in_differ(before, after)) restart_neighbors(now, "route configuration changed");
  const bool choose = before.variance != after.variance || before.maximum_paths != after.maximum_paths;
  const bool tell = before.filter_out != after.filter_out || before.offsets_out != after.offsets_out;
  const bool install = choose || installed_differently(before, after);
  for (auto& [id, link] : links_) link.policy += tell;
  for (auto& entry : topology_) {
    if (choose) dual_.choose_again(now, entry);
    entry.todo.install = entry.todo.install || install;
    if (install || tell) changed(entry);
  }
  reconcile(now);
  settle(now);
}

void Core::interfaces(net::Time now, std::vector<Interface> interfaces) {
  interfaces_ = std::move(interfaces);
  reconcile(now);
  settle(now);
}

void Core::foreign_routes(net::Time now, std::vector<ForeignRoute> routes) {
  foreign_routes_ = std::move(routes);
  originate(now);
  settle(now);
}

void Core::restart_neighbors(net::Time now, std::string_view reason) {
  std::vector<NeighborId> all;
  for (const auto& [id, neighbor] : neighbors_)
    if (neighbor.phase != Phase::lost) all.push_back(id);
  go_down(now, all, reason, true);
}

// Nothing learned or said before holds any longer.
void Core::restart(net::Time now, std::string_view reason) {
  restart_neighbors(now, reason);
  RouteBatch batch;
  for (const auto& entry : topology_)
    if (entry.installed) batch.updates.push_back({.prefix = entry.prefix});
  if (!batch.updates.empty()) outputs_.push_back(std::move(batch));
  changed_.clear();
  topology_.clear();
  originated_.clear();
  summarized_.clear();
  summaries_changed_ = true;
  sia_.clear();
}

InterfaceId Core::interface_id(const std::string& name) {
  const auto next = static_cast<InterfaceId>(interface_ids_.size() + 1);
  return interface_ids_.try_emplace(name, next).first->second;
}

// The highest address of a loopback, or else of any interface that is up.
std::uint32_t Core::chosen_router_id() const {
  if (configuration_.router_id) return *configuration_.router_id;
  std::uint32_t loopback = 0, any = 0;
  for (const auto& interface : interfaces_)
    for (const auto& own : interface.addresses)
      if (interface.up && own.address.is_v4())
        (interface.name.starts_with("Loopback") ? loopback : any) =
            std::max(interface.name.starts_with("Loopback") ? loopback : any, own.address.v4_value());
  return loopback ? loopback : any;
}

std::optional<Link> Core::wanted_link(const Interface& interface) {
  Link link{.interface = interface};
  if (!interface.up) return std::nullopt;
  for (const auto& own : interface.addresses)
    if (own.address.family() == configuration_.family &&
        std::ranges::any_of(configuration_.networks, [&](const Network& n) { return n.covers(own.address); }))
      link.connected.push_back(own.network());
  if (link.connected.empty()) return std::nullopt;
  link.id = interface_id(interface.name);
  if (const auto found = configuration_.interfaces.find(interface.name); found != configuration_.interfaces.end())
    link.settings = found->second;
  link.passive = link.settings.passive.value_or(configuration_.passive_by_default);
  for (const auto& neighbor : configuration_.neighbors)
    if (neighbor.interface == interface.name) link.configured_neighbors.push_back(neighbor.address);
  link.unicast_only = !link.configured_neighbors.empty();
  return link;
}

void Core::reconcile(net::Time now) {
  if (router_id_ == 0) router_id_ = chosen_router_id();
  std::map<InterfaceId, Link> wanted;
  for (const auto& interface : interfaces_)
    if (auto link = wanted_link(interface)) wanted.emplace(link->id, std::move(*link));
  std::vector<InterfaceId> gone;
  for (const auto& [id, link] : links_)
    if (!wanted.contains(id)) gone.push_back(id);
  close_links(now, gone);
  for (auto& [id, link] : wanted)
    if (const auto known = links_.find(id); known != links_.end())
      update_link(now, known->second, std::move(link));
    else
      open_link(now, std::move(link));
  originate(now);
  summaries_changed_ = true;
}

// Whoever still counts on a former life of ours, which may have ended without a word, shall know that it is over: what
// we are told from now on may lead through that very neighbour.
void Core::open_link(net::Time now, Link link) {
  link.hello_due = link.send_from = now;
  link.audience = ++last_audience_;
  auto& opened = links_.emplace(link.id, std::move(link)).first->second;
  if (!opened.passive) send_goodbye(opened, true);
  send_due_hellos(now);
}

void Core::close_links(net::Time now, const std::vector<InterfaceId>& ids) {
  std::vector<NeighborId> lost;
  for (const auto id : ids) {
    auto& link = links_.at(id);
    const auto interface = std::ranges::find(interfaces_, link.interface.name, &Interface::name);
    if (interface != interfaces_.end() && interface->up && !link.passive) send_goodbye(link);
    lost.insert(lost.end(), link.neighbors.begin(), link.neighbors.end());
  }
  go_down(now, lost, "interface down", false);
  for (const auto id : ids) links_.erase(id);
}

void Core::update_link(net::Time now, Link& link, Link wanted) {
  const auto reason = restart_reason(link, wanted);
  if (!reason.empty()) {
    if (wanted.passive && !link.passive) send_goodbye(link);
    go_down(now, link.neighbors, reason, !wanted.passive && !link.passive);
  }
  const bool cost = link.interface.link != wanted.interface.link;
  const bool policy = told_differently(link.settings, wanted.settings);
  link.interface = std::move(wanted.interface);
  link.settings = std::move(wanted.settings);
  link.connected = std::move(wanted.connected);
  link.unicast_only = wanted.unicast_only;
  link.configured_neighbors = std::move(wanted.configured_neighbors);
  if (std::exchange(link.passive, wanted.passive) != wanted.passive || !reason.empty()) link.hello_due = now;
  if (policy) ++link.policy;
  for (auto& entry : topology_) {
    if (cost) reevaluate(now, entry, link.id);
    entry.todo.install = entry.todo.install || policy;
    if (policy) changed(entry);
  }
}

void Core::reevaluate(net::Time now, Entry& entry, InterfaceId link) {
  std::vector<Path> paths;
  for (const auto& path : entry.paths)
    if (path->interface == link && path->origin.source == PathSource::neighbor) paths.push_back(*path);
  for (auto& path : paths) {
    const auto before = path.distance;
    const auto vector = path.metric;
    evaluate(path, entry.prefix);
    if (path.distance != before || path.metric != vector) hear(now, entry, Input::link, paths_.share(path));
  }
}

}  // namespace culvert::routing::eigrp
