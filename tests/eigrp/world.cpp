#include "tests/eigrp/world.h"

#include <algorithm>

#include <fmt/format.h>

#include "net/overloaded.h"

namespace culvert::routing::eigrp::testing {

net::Address address(const char* text) { return *net::Address::parse(text); }
net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }

Filter all_but(const net::Prefix& refused) {
  return {.rules = {{.permit = false, .match = {refused.address, refused.wildcard()}},
                    {.permit = true, .match = {net::Address::v4(0), net::Address::v4(0xffffffff)}}}};
}

Interface& Node::interface(const std::string& interface_name) {
  return *std::ranges::find(interfaces, interface_name, &Interface::name);
}

bool Node::said(std::string_view text) const {
  return std::ranges::any_of(events, [&](const Event& e) { return e.text.find(text) != std::string::npos; });
}

World::World(std::uint64_t seed, Weather w) : weather(w), random(seed), seed_(seed) {}

std::size_t World::add_node(const std::string& name) {
  const auto number = nodes_.size();
  auto& node = *nodes_.emplace_back(std::make_unique<Node>());
  node.name = name;
  node.configuration.autonomous_system = 100;
  node.configuration.router_id = 0x01010101u * static_cast<std::uint32_t>(number + 1);
  node.configuration.networks = {{net::Address::v4(0), net::Address::v4(0xffffffff)}};
  power_on(number);
  return number;
}

std::size_t World::connect(const std::vector<std::size_t>& nodes, LinkMetric link) {
  const auto number = segments_.size();
  auto& segment = segments_.emplace_back();
  const auto name = fmt::format("Gi{}", number);
  const auto base = 0x0a000000u + static_cast<std::uint32_t>(((number / 200) << 16) | ((number % 200) << 8));
  for (const auto n : nodes) {
    const auto own = net::Address::v4(base + static_cast<std::uint32_t>(n) + 1);
    node(n).interfaces.push_back({.name = name, .up = true, .addresses = {{own, 24}}, .link = link});
    segment.members.push_back({n, name, own});
    segment_of_[{n, name}] = number;
  }
  return number;
}

net::Prefix World::add_network(std::size_t n) {
  const auto own = net::Address::v4(0xac100001u + (static_cast<std::uint32_t>(n) << 8));
  node(n).interfaces.push_back({.name = "Loopback0", .up = true, .addresses = {{own, 24}}});
  node(n).configuration.interfaces["Loopback0"].passive = true;
  return net::Prefix{own, 24}.network();
}

void World::start() {
  for (std::size_t i = 0; i < size(); ++i) {
    configure(i);
    apply(i);
  }
}

void World::configure(std::size_t n) {
  if (!node(n).alive) return;
  node(n).engine->configure(now, node(n).configuration);
  drain(n);
}

void World::apply(std::size_t n) {
  if (!node(n).alive) return;
  node(n).engine->interfaces(now, node(n).interfaces);
  drain(n);
}

void World::set_segment(std::size_t number, bool up) {
  auto& segment = segments_[number];
  segment.up = up;
  for (const auto& member : segment.members) node(member.node).interface(member.interface).up = up;
  for (const auto& member : segment.members) apply(member.node);
}

void World::power_off(std::size_t n) {
  node(n).events.clear();
  node(n).alive = false;
  node(n).engine.reset();
  node(n).routes.clear();
}

void World::power_on(std::size_t n) {
  auto& it = node(n);
  it.alive = true;
  it.random = std::make_unique<net::SeededRandom>(seed_ * 977 + ++lives_);
  it.engine = std::make_unique<Engine>(*it.random);
  if (it.interfaces.empty()) return;
  configure(n);
  apply(n);
}

void World::drain(std::size_t n) {
  std::vector<net::Prefix> changed;
  auto& it = node(n);
  while (auto output = it.engine->poll())
    std::visit(net::overloaded{[&](const Transmit& t) { transmit(n, t); },
                               [&](RouteBatch& batch) {
                                 for (auto& update : batch.updates) {
                                   changed.push_back(update.prefix);
                                   if (update.next_hops.empty())
                                     it.routes.erase(update.prefix);
                                   else
                                     it.routes[update.prefix] = std::move(update);
                                 }
                               },
                               [&](Event& event) { it.events.push_back(std::move(event)); }},
               *output);
  check(changed);
  if (after_event) after_event();
}

void World::transmit(std::size_t from, const Transmit& packet) {
  const auto found = segment_of_.find({from, packet.interface});
  if (found == segment_of_.end()) return;
  const auto& segment = segments_[found->second];
  const auto own = std::ranges::find(segment.members, from, &Attachment::node)->address;
  for (const auto& member : segment.members)
    if (member.node != from && (!packet.destination || *packet.destination == member.address))
      launch({found->second, from, member.node, !packet.destination, own, packet.bytes});
}

void World::launch(Flight flight) {
  if (!segments_[flight.segment].up || !node(flight.from).interface(fmt::format("Gi{}", flight.segment)).up) return;
  ++packets;
  if (filter && !filter(flight)) return;
  const auto copies = random.below(100) < weather.duplicate_percent ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (random.below(100) < weather.loss_percent) continue;
    const auto span = static_cast<std::uint64_t>((weather.delay_max - weather.delay_min).count()) + 1;
    const auto delay = weather.delay_min + net::Duration(static_cast<std::int64_t>(random.below(span)));
    arriving_.push({now + delay, ++order_, flight});
  }
}

void World::deliver(const Flight& flight) {
  auto& to = node(flight.to);
  const auto name = fmt::format("Gi{}", flight.segment);
  if (!segments_[flight.segment].up || !to.alive || !to.interface(name).up) return;
  to.engine->receive(now, {.interface = name, .source = flight.source, .multicast = flight.multicast}, flight.bytes);
  drain(flight.to);
}

std::optional<net::Time> World::next_event() const {
  std::optional<net::Time> next;
  if (!arriving_.empty()) next = arriving_.top().when;
  for (const auto& it : nodes_) {
    if (!it->alive) continue;
    if (const auto due = it->engine->deadline(); due && (!next || *due < *next)) next = due;
  }
  return next;
}

void World::step(net::Time until) {
  while (!arriving_.empty() && arriving_.top().when <= until) {
    const auto flight = arriving_.top().flight;
    arriving_.pop();
    deliver(flight);
  }
  for (std::size_t i = 0; i < size(); ++i) {
    if (!node(i).alive) continue;
    const auto due = node(i).engine->deadline();
    if (!due || *due > until) continue;
    node(i).engine->timeout(now);
    drain(i);
  }
}

void World::advance(net::Duration duration) {
  const auto end = now + duration;
  while (broken.empty()) {
    const auto next = next_event();
    if (!next || *next > end) break;
    now = std::max(now, *next);
    step(now);
  }
  now = end;
}

bool World::settle(net::Duration quiet, net::Duration limit) {
  const auto fingerprint = [&] {
    std::uint64_t sum = 0;
    for (const auto& it : nodes_)
      if (it->alive) {
        const auto& t = it->engine->traffic();
        sum += t.updates.sent + t.queries.sent + t.replies.sent + t.acks.sent + t.sia_queries.sent + it->events.size();
      }
    return sum;
  };
  const auto end = now + limit;
  while (now < end && broken.empty()) {
    const auto before = fingerprint();
    advance(quiet);
    if (before == fingerprint()) return true;
  }
  return false;
}

std::optional<std::size_t> World::next_node(std::size_t from, const RouteNextHop& hop) const {
  const auto found = segment_of_.find({from, hop.interface});
  if (!hop.gateway || found == segment_of_.end()) return std::nullopt;
  const auto& segment = segments_[found->second];
  const auto member = std::ranges::find(segment.members, *hop.gateway, &Attachment::address);
  if (!segment.up || member == segment.members.end()) return std::nullopt;
  auto& there = *nodes_[member->node];
  if (!there.alive || !there.interface(member->interface).up || !nodes_[from]->interface(hop.interface).up)
    return std::nullopt;
  return member->node;
}

bool World::find_cycle(const net::Prefix& p, std::size_t at, std::vector<int>& mark,
                       std::vector<std::size_t>& path) const {
  if (mark[at] == 2) return false;
  path.push_back(at);
  if (mark[at] == 1) return true;
  mark[at] = 1;
  if (const auto route = nodes_[at]->routes.find(p); route != nodes_[at]->routes.end())
    for (const auto& hop : route->second.next_hops)
      if (const auto next = next_node(at, hop); next && find_cycle(p, *next, mark, path)) return true;
  mark[at] = 2;
  path.pop_back();
  return false;
}

std::string World::loop(const net::Prefix& p) const {
  std::vector<int> mark(size());
  for (std::size_t i = 0; i < size(); ++i) {
    std::vector<std::size_t> path;
    if (!find_cycle(p, i, mark, path)) continue;
    std::string text = fmt::format("{} goes in circles:", p);
    for (const auto n : path) text += " " + nodes_[n]->name;
    return text;
  }
  return "";
}

std::string World::any_loop() const {
  std::set<net::Prefix> all;
  for (const auto& it : nodes_)
    for (const auto& [p, route] : it->routes) all.insert(p);
  for (const auto& p : all)
    if (auto text = loop(p); !text.empty()) return text;
  return "";
}

// Whether the router at the other end of this hop holds us for an up neighbour there.
bool World::mutual(std::size_t from, const RouteNextHop& hop) const {
  const auto to = next_node(from, hop);
  const auto& members = segments_[segment_of_.at({from, hop.interface})].members;
  const auto own = std::ranges::find(members, from, &Attachment::node)->address;
  return to && std::ranges::any_of(nodes_[*to]->engine->neighbors(now),
                                   [&](const NeighborView& n) { return n.address == own && !n.pending; });
}

std::string World::reason_of_end(std::size_t from, const RouteNextHop& hop) const {
  const auto& members = segments_[segment_of_.at({from, hop.interface})].members;
  const auto own = std::ranges::find(members, from, &Attachment::node)->address;
  const auto& events = nodes_[*next_node(from, hop)]->events;
  const auto begin = fmt::format("Neighbor {} ({}) is down: ", own, hop.interface);
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (const auto at = event->text.find(begin); at != std::string::npos) return event->text.substr(at + begin.size());
  return "power lost";
}

std::string World::unilateral(const net::Prefix& p, const std::vector<std::size_t>& cycle) const {
  for (std::size_t i = 0; i + 1 < cycle.size(); ++i) {
    const auto& hops = nodes_[cycle[i]]->routes.at(p).next_hops;
    const auto leads_on = [&](const RouteNextHop& hop) { return next_node(cycle[i], hop) == cycle[i + 1]; };
    if (std::ranges::any_of(hops, [&](const auto& hop) { return leads_on(hop) && mutual(cycle[i], hop); })) continue;
    return reason_of_end(cycle[i], *std::ranges::find_if(hops, leads_on));
  }
  return "";
}

void World::check(const std::vector<net::Prefix>& changed) {
  if (!broken.empty()) return;
  for (const auto& p : changed) {
    std::vector<int> mark(size());
    for (std::size_t i = 0; i < size() && broken.empty(); ++i) {
      std::vector<std::size_t> path;
      if (!find_cycle(p, i, mark, path)) continue;
      const auto begin = std::ranges::find(path, path.back());
      if (const auto reason = unilateral(p, {begin, path.end()}); !reason.empty()) {
        ++unilateral_loops[reason];
        if (forgives && forgives(reason)) break;
      }
      broken = fmt::format("at {} s: {}", net::whole_seconds(now.time_since_epoch()) - 3600, loop(p));
    }
  }
}

}  // namespace culvert::routing::eigrp::testing
