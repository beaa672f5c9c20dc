// Random batches of routes from several sources, interfaces that come and go, beside a model that has no memory: it
// looks at all routes anew, by the definition alone. What settle() tells, added up, must be the table too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

#include "net/random.h"
#include "routing/rib/rib.h"

namespace culvert::routing {
namespace {

using Way = std::pair<std::optional<net::Address>, std::string>;
using Ways = std::map<Way, double>;  // with their shares

// Every route that was said, by prefix.
struct Model {
  std::map<net::Prefix, std::vector<Path>> routes;
  std::set<std::string> usable;

  static auto preference(const Path& p) { return std::tuple(p.distance, p.origin.source, p.metric, p.origin.process); }

  struct Answer {
    Ways ways;
    Path used;  // one of them; of nothing where there are no ways
  };

  // Of the most preferred routes that lead anywhere, without going through any prefix in `through`.
  Answer lead(const net::Prefix& prefix, const std::set<net::Prefix>& through) const {
    auto paths = routes.at(prefix);
    std::ranges::stable_sort(paths, [](const auto& a, const auto& b) { return preference(a) < preference(b); });
    for (std::size_t i = 0; i < paths.size();) {
      Answer answer{{}, paths[i]};
      const auto wanted = preference(paths[i]);
      for (; i < paths.size() && preference(paths[i]) == wanted; ++i) {
        const auto ways = lead(paths[i], through);
        const auto all =
            std::accumulate(ways.begin(), ways.end(), 0.0, [](double s, const auto& w) { return s + w.second; });
        for (const auto& [way, share] : ways) answer.ways[way] += share / all;
      }
      if (!answer.ways.empty()) return answer;
    }
    return {};
  }

  Ways lead(const Path& path, const std::set<net::Prefix>& through) const {
    Ways all;
    for (const auto& hop : path.next_hops) {
      if (!hop.interface.empty()) {
        if (hop.interface == "Null0" || usable.contains(hop.interface)) all[{hop.gateway, hop.interface}] += hop.weight;
        continue;
      }
      const auto ways = resolve(*hop.gateway, through);
      for (const auto& [way, share] : ways) {
        const auto named = way.first ? way : Way{hop.gateway, way.second};
        all[named] += hop.weight * share;
      }
    }
    return all;
  }

  // `through` begins with the prefix whose gateway is asked for; 8 levels are as deep as the table looks.
  Ways resolve(net::Address gateway, const std::set<net::Prefix>& through) const {
    if (through.size() > 8) return {};
    for (int length = 32; length >= 0; --length) {
      const auto prefix = net::Prefix{gateway, static_cast<std::uint8_t>(length)}.network();
      if (through.contains(prefix) || !routes.contains(prefix) || routes.at(prefix).empty()) continue;
      auto further = through;
      further.insert(prefix);
      const auto answer = lead(prefix, further);
      if (answer.ways.empty()) continue;
      if (answer.used.origin.source == Source::local) return {};
      const auto all = std::accumulate(answer.ways.begin(), answer.ways.end(), 0.0,
                                       [](double s, const auto& w) { return s + w.second; });
      Ways shares;
      for (const auto& [way, share] : answer.ways) shares[way] = share / all;
      return shares;
    }
    return {};
  }
};

// Few enough prefixes and gateways that they meet all the time.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_.below(end)); }
  net::Prefix prefix() {
    const std::uint8_t lengths[] = {0, 8, 16, 24, 32};
    return net::Prefix{net::Address::v4(10u << 24 | below(3) << 16 | below(2) << 8 | below(2)), lengths[below(5)]}
        .network();
  }
  std::string interface() { return below(8) == 0 ? "Null0" : fmt::format("Gi{}", below(3)); }
  NextHop hop() {
    const auto gateway = net::Address::v4(10u << 24 | below(3) << 16 | below(2) << 8 | below(3));
    switch (below(3)) {
      case 0: return {std::nullopt, interface(), 1 + below(4)};
      case 1: return {gateway, interface(), 1 + below(4)};
      default: return {gateway, "", 1 + below(4)};
    }
  }
  // At most one recursive next hop a route: with more of them, what each is worth after rounding depends on depth.
  Route route(const Origin& origin) {
    Route r{prefix(), {.origin = origin, .distance = static_cast<std::uint8_t>(1 + below(3))}};
    if (origin.source == Source::connected || origin.source == Source::local) {
      r.path.next_hops = {{std::nullopt, interface()}};
      return r;
    }
    r.path.metric = origin.source == Source::eigrp ? below(3) : 0;
    r.path.next_hops = {hop()};
    while (below(3) == 0) {
      auto more = hop();
      if (more.interface.empty()) more.interface = interface();
      r.path.next_hops.push_back(more);
    }
    return r;
  }

 private:
  net::SeededRandom random_;
};

constexpr Origin origins[]{
    {Source::connected}, {Source::local}, {Source::static_route}, {Source::eigrp, 1}, {Source::eigrp, 2}};

class World {
 public:
  explicit World(std::uint64_t seed) : generate_(seed) {}

  void change() {
    if (generate_.below(4) == 0) {
      model_.usable.clear();
      for (int i = 0; i < 3; ++i)
        if (generate_.below(3) != 0) model_.usable.insert(fmt::format("Gi{}", i));
      rib_.set_usable_interfaces(model_.usable);
    }
    const auto& origin = origins[generate_.below(std::size(origins))];
    if (origin.source == Source::eigrp && generate_.below(4) != 0)
      update(origin);
    else
      replace(origin);
  }

  // Empty where the table is the model's.
  std::string settle() {
    for (const auto& change : rib_.settle({})) {
      if (change.next_hops)
        told_[change.prefix] = change.next_hops;
      else if (told_.erase(change.prefix) != 1)
        return fmt::format("{} withdrawn, but never told", change.prefix);
    }
    for (const auto& [origin, prefix, beaten] : rib_.take_verdicts()) {
      if (beaten != beaten_.insert({origin, prefix}).second) return fmt::format("{}: a verdict that was known", prefix);
      if (!beaten) beaten_.erase({origin, prefix});
    }
    std::size_t in_use = 0;
    for (const auto& [prefix, paths] : model_.routes) {
      if (paths.empty()) continue;
      const auto answer = model_.lead(prefix, {prefix});
      const auto& wanted = answer.ways;
      if (auto wrong = compare_verdicts(prefix, paths, answer); !wrong.empty()) return wrong;
      const auto found = rib_.find(prefix);
      in_use += !wanted.empty();
      if (wanted.empty() != !found) return fmt::format("{} is{} in the table", prefix, found ? "" : " not");
      if (!found) continue;
      if (told_[prefix] != found->resolved) return fmt::format("{} is not as it was told", prefix);
      if (auto wrong = compare(prefix, wanted, *found->resolved); !wrong.empty()) return wrong;
    }
    return in_use == rib_.size() && in_use == told_.size() ? "" : "routes too many";
  }

 private:
  static std::string compare(const net::Prefix& prefix, const Ways& wanted, const NextHops& found) {
    double all = 0, sum = 0;
    for (const auto& [_, share] : wanted) all += share;
    for (const auto& hop : found) sum += hop.weight;
    if (wanted.size() != found.size())
      return fmt::format("{} has {} ways, not {}", prefix, found.size(), wanted.size());
    for (const auto& hop : found) {
      const auto way = wanted.find({hop.gateway, hop.interface});
      if (way == wanted.end()) return fmt::format("{} leads to {}", prefix, hop.interface);
      if (const auto off = hop.weight / sum - way->second / all; off > 0.01 || off < -0.01)
        return fmt::format("{}: {} has {} of {}, not {}", prefix, hop.interface, hop.weight, sum, way->second / all);
    }
    return "";
  }

  // A protocol's route has lost where one that is preferred to it leads anywhere.
  std::string compare_verdicts(const net::Prefix& prefix, const std::vector<Path>& paths, const Model::Answer& answer) {
    for (const auto& path : paths) {
      if (path.origin.source != Source::eigrp) continue;
      const bool lost = !answer.ways.empty() && Model::preference(answer.used) < Model::preference(path);
      if (lost != beaten_.contains({path.origin, prefix}))
        return fmt::format("{} of eigrp {} has{} lost", prefix, path.origin.process, lost ? "" : " not");
    }
    return "";
  }

  void forget(const Origin& origin, const net::Prefix* only = nullptr) {
    for (auto& [prefix, paths] : model_.routes)
      if (only == nullptr || prefix == *only) std::erase_if(paths, [&](const auto& p) { return p.origin == origin; });
  }
  void replace(const Origin& origin) {
    std::vector<Route> routes;
    std::set<net::Prefix> seen;
    for (auto count = generate_.below(9); count-- > 0;) {
      auto route = generate_.route(origin);
      const bool one_each = origin.source != Source::static_route;
      if (!one_each || seen.insert(route.prefix).second) routes.push_back(std::move(route));
    }
    forget(origin);
    for (const auto& route : routes) {
      auto& paths = model_.routes[route.prefix];
      if (std::ranges::find(paths, route.path) == paths.end()) paths.push_back(route.path);
    }
    rib_.replace(origin, routes);
    drop_verdicts_of_withdrawn(origin);
  }
  void update(const Origin& origin) {
    RouteBatch batch;
    std::set<net::Prefix> seen;
    for (auto count = generate_.below(4); count-- > 0;)
      if (auto route = generate_.route(origin); seen.insert(route.prefix).second) batch.routes.emplace_back(route);
    for (auto count = generate_.below(4); count-- > 0;)
      if (const auto prefix = generate_.prefix(); seen.insert(prefix).second) batch.withdrawn.push_back(prefix);
    for (const auto& prefix : batch.withdrawn) forget(origin, &prefix);
    for (const auto& route : batch.routes) {
      forget(origin, &route.prefix);
      model_.routes[route.prefix].push_back(*route.path);
    }
    rib_.update(origin, batch);
    drop_verdicts_of_withdrawn(origin);
  }
  void drop_verdicts_of_withdrawn(const Origin& origin) {
    std::erase_if(beaten_, [&](const auto& known) {
      const auto& paths = model_.routes[known.second];
      return known.first == origin && std::ranges::find(paths, origin, &Path::origin) == paths.end();
    });
  }

  Generator generate_;
  Model model_;
  Rib rib_;
  std::map<net::Prefix, const NextHops*> told_;
  std::set<std::pair<Origin, net::Prefix>> beaten_;
};

TEST(RibModel, TableIsWhatTheRoutesSayInWhateverOrderTheyCame) {
  const auto* given = std::getenv("CULVERT_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1,
                      last = given != nullptr ? first : 200;
  for (auto seed = first; seed <= last; ++seed) {
    World world(seed);
    for (int step = 0; step < 100; ++step) {
      world.change();
      const auto wrong = world.settle();
      ASSERT_EQ(wrong, "") << "step " << step << "; reproduce with CULVERT_SEED=" << seed
                           << " out/debug/routing_test --gtest_filter='RibModel.*'";
    }
  }
}

}  // namespace
}  // namespace culvert::routing
