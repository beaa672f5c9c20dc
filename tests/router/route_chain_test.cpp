// Routes on their whole way, from what sources say to what a worker looks up: the routing table, the words between,
// adjacencies and the FIB, beside a model that keeps a list of all that was said and works out everything anew.
//
// After each step, at random addresses and at the ends of what may have changed: the ways out, and the flows' shares.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "ipsec-dataplane/forwarding.h"
#include "net/random.h"
#include "router/plane_routes.h"
#include "routing/rib/rib.h"
#include "tests/dataplane/seed.h"
#include "tests/routing/rib_model.h"

namespace culvert::router {
namespace {

using dataplane::AdjacencyKind;
using routing::NextHop;
using routing::Origin;
using routing::Route;
using routing::RouteBatch;
using routing::Source;
using routing::test::RibModel;
using routing::test::Ways;

// Where packets leave: the kind, the interface, and the neighbor's address.
using Exit = std::tuple<AdjacencyKind, std::string, std::uint32_t>;
using Exits = std::map<Exit, double>;  // with their part of the flows

struct Interface {
  const char* name;
  dataplane::InterfaceKind kind;
  const char* address;  // nullptr: none
};
constexpr Interface interfaces[]{{"GigabitEthernet0/0", dataplane::InterfaceKind::port, "10.0.0.1/24"},
                                 {"GigabitEthernet0/1", dataplane::InterfaceKind::port, "10.0.1.1/24"},
                                 {"GigabitEthernet0/2", dataplane::InterfaceKind::port, "10.1.0.1/16"},
                                 {"Tunnel0", dataplane::InterfaceKind::tunnel, "10.2.0.1/30"},
                                 {"Loopback0", dataplane::InterfaceKind::loopback, "10.2.2.2/32"},
                                 {"Null0", dataplane::InterfaceKind::null, nullptr}};
constexpr std::size_t with_lines = 4;  // those that go up and down

AdjacencyKind exit_kind(const std::string& name, bool gateway) {
  const auto of = std::ranges::find(interfaces, name, &Interface::name)->kind;
  if (of == dataplane::InterfaceKind::tunnel) return AdjacencyKind::tunnel;
  if (of != dataplane::InterfaceKind::port) return AdjacencyKind::discard;
  return gateway ? AdjacencyKind::neighbor : AdjacencyKind::glean;
}

std::string text_of(const Exits& exits) {
  std::string text;
  for (const auto& [exit, part] : exits)
    text += fmt::format(" {:.3f} to {} of {}", part, net::Address::v4(std::get<2>(exit)), std::get<1>(exit));
  return text.empty() ? " nowhere" : text;
}

// What a router draws its changes from: few networks, within each other, so that everything meets.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_.below(end)); }
  net::Address address() {
    const std::uint32_t ends[]{0, 1, 2, 127, 128, 254, 255};
    return net::Address::v4(10u << 24 | below(4) << 16 | ends[below(7)] << 8 | ends[below(7)]);
  }
  net::Address any_address() { return net::Address::v4(static_cast<std::uint32_t>(random_.below(1ULL << 32))); }
  net::Prefix prefix() {
    const std::uint8_t lengths[]{0, 1, 7, 8, 9, 15, 16, 17, 20, 23, 24, 25, 30, 31, 32, 32};
    return net::Prefix{address(), lengths[below(std::size(lengths))]}.network();
  }
  net::Address gateway() { return net::Address::v4(10u << 24 | below(3) << 16 | below(3) << 8 | (2 + below(4))); }

  Route static_route(const Origin& origin) {
    Route route{prefix(), {.origin = origin, .distance = 1}};
    if (below(4) == 0) route.path.distance = static_cast<std::uint8_t>(1 + below(255));
    route.path.permanent = below(6) == 0;
    const std::string name = interfaces[below(std::size(interfaces))].name;
    const bool gateway_too = name != "Null0" && below(2) == 0;
    if (below(2) == 0)
      route.path.next_hops = {{gateway(), ""}};
    else
      route.path.next_hops = {{gateway_too ? std::optional(gateway()) : std::nullopt, name}};
    return route;
  }
  // Ways of equal cost, or unequal ones with their shares; or the discard route of a summary.
  Route learned(const Origin& origin) {
    Route route{prefix(), {.origin = origin, .distance = routing::distance::eigrp_internal, .metric = 1000}};
    if (below(8) == 0) {
      route.path.distance = routing::distance::eigrp_summary;
      route.path.type = routing::RouteType::summary;
      route.path.next_hops = {{std::nullopt, "Null0"}};
      return route;
    }
    if (below(4) == 0) route.path.distance = routing::distance::eigrp_external;
    if (below(16) == 0) route.path.distance = routing::distance::never;
    const bool unequal = below(2) == 0;
    std::set<NextHop> hops;
    for (auto count = 1 + below(6); count-- > 0;)
      hops.insert({gateway(), interfaces[below(with_lines)].name, unequal ? 1 + below(240) : 1});
    route.path.next_hops.assign(hops.begin(), hops.end());
    return route;
  }

 private:
  net::SeededRandom random_;
};

class Chain {
 public:
  explicit Chain(std::uint64_t seed) : generate_(seed) {
    dataplane::ForwardingConfig config;
    for (const auto& [name, kind, address] : interfaces) config.interfaces.push_back({name, kind, true});
    plane_.apply(config);
    for (const auto& interface : interfaces) up_.insert(interface.name);
    lines_changed();
  }

  void step() {
    for (auto changes = 1 + generate_.below(2); changes-- > 0;) change();
    now_ += std::chrono::seconds(1);
    const auto updates = plane_updates(rib_.settle(now_));
    if (const auto done = plane_.update_routes(updates); !done) FAIL() << done.error();
    model_.settle(now_);
    ASSERT_EQ(wrong(), "");
  }

 private:
  void change() {
    switch (generate_.below(8)) {
      case 0: return turn_a_line();
      case 1:
        return generate_.below(4) == 0 ? replace({Source::eigrp, 100 + generate_.below(2)}, {}) : meet_a_neighbor();
      case 2:
      case 3:
      case 4: return learn({Source::eigrp, 100 + generate_.below(2)});
      case 5: return change_statics({Source::static_route, 1});
      default: return change_statics({Source::static_route});
    }
  }

  void turn_a_line() {
    const std::string name = interfaces[generate_.below(with_lines)].name;
    if (up_.erase(name) == 0) up_.insert(name);
    lines_changed();
  }
  void lines_changed() {
    std::vector<Route> connected, local;
    for (const auto& [name, kind, address] : interfaces) {
      if (address == nullptr || !up_.contains(name)) continue;
      const auto own = *net::Prefix::parse(address);
      connected.push_back(attached(Source::connected, own.network(), name));
      if (own.length < 32) local.push_back(attached(Source::local, net::Prefix::host(own.address), name));
    }
    rib_.set_usable_interfaces(up_);
    model_.set_usable_interfaces(up_);
    replace({Source::connected}, connected);
    replace({Source::local}, local);
  }
  static Route attached(Source source, const net::Prefix& prefix, const char* interface) {
    return {prefix, {.origin = {source}, .next_hops = {{std::nullopt, interface}}}};
  }

  // As a configuration is edited: some lines go, some come, and all are said again.
  void change_statics(const Origin& origin) {
    auto& all = statics_[origin];
    for (auto gone = generate_.below(4); gone-- > 0 && !all.empty();)
      all.erase(std::next(all.begin(), generate_.below(static_cast<std::uint32_t>(all.size()))));
    for (auto fresh = generate_.below(4); fresh-- > 0 && all.size() < 24;)
      all.push_back(generate_.static_route(origin));
    replace(origin, all);
  }

  void learn(const Origin& origin) {
    std::vector<Route> routes;
    RouteBatch batch;
    std::set<net::Prefix> seen;
    for (auto count = generate_.below(6); count-- > 0;) {
      auto route = generate_.learned(origin);
      if (!seen.insert(route.prefix).second) continue;
      batch.routes.push_back(route);
      routes.push_back(std::move(route));
    }
    for (auto count = generate_.below(6); count-- > 0 && !learned_.empty();) {
      const auto at = std::next(learned_.begin(), generate_.below(static_cast<std::uint32_t>(learned_.size())));
      if (seen.insert(*at).second) batch.withdrawn.push_back(*at);
    }
    learned_.insert(seen.begin(), seen.end());
    rib_.update(origin, batch);
    model_.update(origin, routes, batch.withdrawn);
  }
  // Who has answered to ARP is reached at his own address, where no route stands before it; another who is known is
  // forgotten.
  void meet_a_neighbor() {
    const auto& [name, kind, address] = interfaces[generate_.below(2)];
    const auto index = plane_.index_of(name);
    const auto known = net::Address::v4(net::Prefix::parse(address)->address.v4_value() + 1 + generate_.below(3));
    const auto met = neighbors_.emplace(known.v4_value(), name).second;
    if (met) return plane_.neighbor_resolved(index, known, {});
    plane_.neighbor_lost(index, known);
    neighbors_.erase(known.v4_value());
  }

  void replace(const Origin& origin, const std::vector<Route>& routes) {
    rib_.replace(origin, routes);
    model_.replace(origin, routes);
  }

  // Empty where the workers' tables lead as the model does.
  std::string wrong() {
    for (int i = 0; i < 12; ++i)
      if (auto text = wrong_at(i == 0 ? generate_.any_address() : generate_.address()); !text.empty()) return text;
    for (int i = 0; i < 3; ++i) {
      const auto prefix = generate_.prefix();
      const auto first = prefix.address.v4_value(), last = prefix.broadcast().v4_value();
      for (const auto at : {first - 1, first, last, last + 1})
        if (auto text = wrong_at(net::Address::v4(at)); !text.empty()) return text;
    }
    return "";
  }

  std::string wrong_at(net::Address destination) const {
    const auto wanted = wanted_exits(destination), found = found_exits(destination);
    bool same = wanted.size() == found.size();
    // A way has the place that each gets, and its part of the others to the nearest.
    const auto allowed = (1.0 + static_cast<double>(wanted.size())) / places;
    for (const auto& [exit, part] : wanted)
      same = same && found.contains(exit) && std::abs(found.at(exit) - part) <= allowed;
    return same ? "" : fmt::format("{}:{}; should be{}", destination, text_of(found), text_of(wanted));
  }

  Exits wanted_exits(net::Address destination) const {
    const auto* route = model_.lookup(destination);
    const auto neighbor = neighbors_.find(destination.v4_value());
    if (neighbor != neighbors_.end() && (route == nullptr || route->first.length < 32))
      return {{{AdjacencyKind::neighbor, neighbor->second, neighbor->first}, 1}};
    Exits exits;
    if (route == nullptr) return exits;
    double sum = 0;
    for (const auto& [_, share] : route->second.ways) sum += share;
    for (const auto& [way, share] : route->second.ways) {
      const auto kind = exit_kind(way.second, way.first.has_value());
      const auto gateway = kind == AdjacencyKind::neighbor ? way.first->v4_value() : 0;
      exits[{kind, way.second, gateway}] += share / sum;
    }
    return exits;
  }

  Exits found_exits(net::Address destination) const {
    const auto& tables = plane_.tables();
    const auto& first = tables.adjacency(tables.fib.lookup(destination.v4_value()));
    Exits exits;
    if (first.kind == AdjacencyKind::shared)
      for (const auto index : tables.shares[first.address])
        exits[exit_of(tables, tables.adjacency(index))] += 1 / places;
    else if (first.kind != AdjacencyKind::unreachable)
      exits[exit_of(tables, first)] = 1;
    return exits;
  }
  static Exit exit_of(const dataplane::Tables& tables, const dataplane::Adjacency& adjacency) {
    return {adjacency.kind, tables.interface(adjacency.interface).name, adjacency.address};
  }

  static constexpr double places = std::tuple_size_v<dataplane::FlowShares>;

  Generator generate_;
  routing::Rib rib_;
  RibModel model_;
  dataplane::TablePublisher publisher_{1};
  dataplane::Forwarding plane_{dataplane::Fib::create(4096).value(),
                               publisher_,
                               {{.name = "GigabitEthernet0/0", .id = 0, .mac = {}},
                                {.name = "GigabitEthernet0/1", .id = 1, .mac = {}},
                                {.name = "GigabitEthernet0/2", .id = 2, .mac = {}}}};
  net::Time now_{};
  std::set<std::string> up_;
  std::map<Origin, std::vector<Route>> statics_;
  std::set<net::Prefix> learned_;
  std::map<std::uint32_t, std::string> neighbors_;
};

TEST(RouteChain, WorkersFindWhatTheRoutesSay) {
  const auto seed = culvert::test::seed(20265);
  Chain chain(seed);
  for (int step = 0; step < 2000; ++step) {
    chain.step();
    ASSERT_FALSE(HasFatalFailure()) << "step " << step << "; "
                                    << culvert::test::repeat(seed, "out/debug/router_test", "RouteChain.*");
  }
}

}  // namespace
}  // namespace culvert::router
