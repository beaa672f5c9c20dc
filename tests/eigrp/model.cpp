#include "tests/eigrp/model.h"

#include <algorithm>

#include <fmt/format.h>

namespace culvert::routing::eigrp::testing {
namespace {

constexpr auto classic = MetricStyle::classic;

const InterfaceSettings& settings_of(const Node& node, const std::string& interface) {
  static const InterfaceSettings defaults;
  const auto found = node.configuration.interfaces.find(interface);
  return found == node.configuration.interfaces.end() ? defaults : found->second;
}

}  // namespace

std::set<net::Prefix> Model::prefixes() const {
  std::set<net::Prefix> all;
  for (std::size_t i = 0; i < world_.size(); ++i)
    for (const auto& interface : world_.node(i).interfaces) all.insert(interface.addresses.front().network());
  return all;
}

bool Model::owns(std::size_t node, const net::Prefix& prefix) const {
  return std::ranges::any_of(world_.node(node).interfaces, [&](const Interface& interface) {
    return interface.up && interface.addresses.front().network() == prefix;
  });
}

Distance Model::own_distance(std::size_t node, const net::Prefix& prefix) const {
  auto least = unreachable;
  for (const auto& interface : world_.node(node).interfaces)
    if (interface.up && interface.addresses.front().network() == prefix)
      least = std::min(least, composite(vector_of(interface.link, classic), {}, classic));
  return least;
}

bool Model::tells(const Segment& segment, const Attachment& from, const Attachment& to,
                  const net::Prefix& prefix) const {
  auto& sender = world_.node(from.node);
  auto& receiver = world_.node(to.node);
  if (!segment.up || from.node == to.node || !sender.alive || !receiver.alive) return false;
  if (!sender.interface(from.interface).up || !receiver.interface(to.interface).up) return false;
  const auto& said = settings_of(sender, from.interface);
  if (said.passive.value_or(false) || settings_of(receiver, to.interface).passive.value_or(false)) return false;
  if (sender.configuration.stub && !owns(from.node, prefix)) return false;
  return !said.filter_out || permits(*said.filter_out, prefix, from.address);
}

// One round: true if any router found a shorter way. The vector of the best is kept, as EIGRP does.
bool Model::improve(const net::Prefix& prefix, std::vector<Distance>& distance,
                    std::vector<wire::Metric>& vector) const {
  bool better = false;
  for (const auto& segment : world_.segments())
    for (const auto& from : segment.members)
      for (const auto& to : segment.members) {
        if (distance[from.node] == unreachable || owns(to.node, prefix) || !tells(segment, from, to, prefix)) continue;
        const auto path = through(vector[from.node], world_.node(to.node).interface(to.interface).link, classic);
        const auto sum = composite(path, {}, classic);
        if (sum >= distance[to.node]) continue;
        distance[to.node] = sum;
        vector[to.node] = path;
        better = true;
      }
  return better;
}

std::vector<Distance> Model::distances(const net::Prefix& prefix) const {
  std::vector<Distance> distance(world_.size(), unreachable);
  std::vector<wire::Metric> vector(world_.size());
  for (std::size_t i = 0; i < world_.size(); ++i)
    for (const auto& interface : world_.node(i).interfaces) {
      if (!world_.node(i).alive || !interface.up || interface.addresses.front().network() != prefix) continue;
      vector[i] = vector_of(interface.link, classic);
      distance[i] = own_distance(i, prefix);
    }
  while (improve(prefix, distance, vector)) continue;
  return distance;
}

std::string Model::compare(std::size_t n, const net::Prefix& prefix, Distance expected) {
  auto& node = world_.node(n);
  const auto found = node.routes.find(prefix);
  const bool has = found != node.routes.end();
  if (owns(n, prefix)) return has ? fmt::format("{} routes {}, which is its own", node.name, prefix) : "";
  if (expected == unreachable)
    return has ? fmt::format("{} has a way to {}, which nobody can reach", node.name, prefix) : "";
  if (!has) return fmt::format("{} has no way to {}, which costs {}", node.name, prefix, expected);
  const auto& route = found->second;
  if (route.metric != expected)
    return fmt::format("{} reaches {} at {} instead of {}", node.name, prefix, route.metric, expected);
  if (route.next_hops.size() > node.configuration.maximum_paths) return node.name + " has too many next hops";
  for (const auto& hop : route.next_hops)
    if (hop.metric != expected && hop.metric >= expected * node.configuration.variance)
      return fmt::format("{} uses a path of {} to {}, variance {}", node.name, hop.metric, prefix,
                         node.configuration.variance);
  return "";
}

std::string Model::compare(const net::Prefix& prefix) {
  const auto expected = distances(prefix);
  for (std::size_t i = 0; i < world_.size(); ++i)
    if (world_.node(i).alive)
      if (auto text = compare(i, prefix, expected[i]); !text.empty()) return text;
  return "";
}

std::string Model::leftovers(std::size_t n) {
  auto& node = world_.node(n);
  for (const auto& view : node.engine->topology(world_.now)) {
    if (view.active) return fmt::format("{} is still active for {}", node.name, view.prefix);
    if (view.successors == 0) return fmt::format("{} remembers {}, which has no path", node.name, view.prefix);
  }
  for (const auto& neighbor : node.engine->neighbors(world_.now)) {
    if (neighbor.queued != 0) return fmt::format("{} has packets left for {}", node.name, neighbor.address);
    if (neighbor.pending) return fmt::format("{} never came up with {}", node.name, neighbor.address);
  }
  return "";
}

std::string Model::compare() {
  for (const auto& prefix : prefixes())
    if (auto text = compare(prefix); !text.empty()) return text;
  for (std::size_t i = 0; i < world_.size(); ++i)
    if (world_.node(i).alive)
      if (auto text = leftovers(i); !text.empty()) return text;
  return world_.any_loop();
}

}  // namespace culvert::routing::eigrp::testing
