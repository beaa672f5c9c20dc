// Routes that begin here: connected networks, what is redistributed, and summaries with their discard routes.
#include <algorithm>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

constexpr Origin summary_origin{PathSource::summary, 0};

LinkMetric link_of(const SeedMetric& seed) {
  return {.bandwidth_kbps = seed.bandwidth_kbps,
          .delay_ps = seed.delay_ps,
          .mtu = seed.mtu,
          .reliability = seed.reliability,
          .load = seed.load};
}

bool same(const Path& a, const Path& b) {
  const auto external = [](const Path& p) { return p.extra ? p.extra->external : std::nullopt; };
  return a.metric == b.metric && a.distance == b.distance && external(a) == external(b);
}

}  // namespace

// A path that begins here costs what `link` costs, and reports nothing: nobody is nearer.
Path Core::own_path(const Origin& origin, InterfaceId interface, const LinkMetric& link) const {
  Path path{.origin = origin, .interface = interface, .metric = vector_of(link, configuration_.style)};
  path.reported_distance = 0;
  path.distance = composite(path.metric, configuration_.k, configuration_.style);
  return path;
}

Core::OwnPaths Core::own_paths() const {
  OwnPaths paths;
  for (const auto& [id, link] : links_)
    for (const auto& network : link.connected) {
      const Origin origin{PathSource::connected, id};
      paths.emplace(std::pair(network, origin), own_path(origin, id, link.interface.link));
    }
  for (const auto& route : foreign_routes_) {
    const auto own = paths.lower_bound({route.prefix, {PathSource::connected, 0}});
    if (own != paths.end() && own->first.first == route.prefix && own->first.second.source == PathSource::connected)
      continue;
    if (auto path = redistributed_path(route)) paths.emplace(std::pair(route.prefix, path->origin), std::move(*path));
  }
  return paths;
}

// Without a metric of its own, a default metric or an interface to take it from, a route is not redistributed.
std::optional<Path> Core::redistributed_path(const ForeignRoute& route) const {
  const bool connected = route.source == Redistributed::connected;
  const auto& how = connected ? configuration_.redistribute_connected : configuration_.redistribute_static;
  if (!how || route.prefix.address.family() != configuration_.family) return std::nullopt;
  const auto interface = std::ranges::find(interfaces_, route.interface, &Interface::name);
  std::optional<LinkMetric> link;
  if (how->metric)
    link = link_of(*how->metric);
  else if (configuration_.default_metric)
    link = link_of(*configuration_.default_metric);
  else if (interface != interfaces_.end())
    link = interface->link;
  if (!link) return std::nullopt;
  auto path = own_path({PathSource::redistributed, static_cast<std::uint32_t>(route.source)}, 0, *link);
  path.extra = std::make_shared<Extra>(
      Extra{.external = wire::External{
                .router_id = router_id_,
                .tag = route.tag,
                .metric = route.metric,
                .protocol = connected ? wire::ExternalProtocol::connected : wire::ExternalProtocol::static_route}});
  return path;
}

void Core::originate(net::Time now) {
  auto wanted = own_paths();
  for (const auto& [key, path] : originated_)
    if (!wanted.contains(key))
      if (auto* entry = topology_.find(key.first)) dual_.lose(now, *entry, key.second);
  for (const auto& [key, path] : wanted) {
    if (const auto before = originated_.find(key); before != originated_.end() && same(before->second, path)) continue;
    hear(now, topology_.at(key.first), Input::update, path);
  }
  originated_ = std::move(wanted);
}

std::set<net::Prefix> Core::summaries() const {
  std::set<net::Prefix> all;
  for (const auto& [id, link] : links_)
    for (const auto& summary : link.settings.summaries) all.insert(summary.prefix);
  return all;
}

// The least of its components' metrics is a summary's.
std::optional<Path> Core::summary_path(const net::Prefix& summary) {
  const Advertisement* least = nullptr;
  topology_.for_each_within(summary, [&](const Entry& entry) {
    const auto& said = entry.advertised;
    const bool component = entry.prefix.length > summary.length && said.distance != unreachable &&
                           said.path->origin.source != PathSource::summary;
    if (component && (!least || said.distance < least->distance)) least = &said;
  });
  if (!least) return std::nullopt;
  return Path{
      .origin = summary_origin, .metric = least->path->metric, .reported_distance = 0, .distance = least->distance};
}

void Core::summarize(net::Time now) {
  if (changed_.empty() && !std::exchange(summaries_changed_, false)) return;
  auto wanted = summaries();
  for (const auto& prefix : std::exchange(summarized_, {}))
    if (!wanted.contains(prefix)) set_summary(now, prefix, std::nullopt);
  for (const auto& prefix : wanted) set_summary(now, prefix, summary_path(prefix));
  summarized_ = std::move(wanted);
}

// Where a summary comes or goes, its components are hidden or shown again.
void Core::set_summary(net::Time now, const net::Prefix& prefix, const std::optional<Path>& path) {
  auto* entry = topology_.find(prefix);
  const auto* before = entry ? entry->find(summary_origin) : nullptr;
  if (path ? before && same(*before, *path) : !before) return;
  const bool appears_or_goes = !path || !before;
  if (path)
    hear(now, topology_.at(prefix), Input::update, *path);
  else
    dual_.lose(now, *entry, summary_origin);
  if (appears_or_goes) topology_.for_each_within(prefix, [&](Entry& component) { changed(component); });
}

}  // namespace culvert::routing::eigrp
