// Random batches of routes from several sources, interfaces that come and go, beside the model. What settle() tells,
// added up, must be the table too.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>

#include "net/random.h"
#include "routing/rib/rib.h"
#include "tests/routing/rib_model.h"

namespace culvert::routing::test {
namespace {

// Few enough prefixes and gateways that they meet all the time.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_.below(end)); }
  net::Address address() { return net::Address::v4(10u << 24 | below(3) << 16 | below(2) << 8 | below(3)); }
  net::Prefix prefix() {
    const std::uint8_t lengths[] = {0, 8, 16, 24, 32};
    return net::Prefix{net::Address::v4(10u << 24 | below(3) << 16 | below(2) << 8 | below(2)), lengths[below(5)]}
        .network();
  }
  std::set<std::string> interfaces_up() {
    std::set<std::string> up;
    for (int i = 0; i < 3; ++i)
      if (below(3) != 0) up.insert(fmt::format("Gi{}", i));
    return up;
  }
  std::string interface() { return below(8) == 0 ? "Null0" : fmt::format("Gi{}", below(3)); }
  NextHop hop() {
    switch (below(3)) {
      case 0: return {std::nullopt, interface(), 1 + below(4)};
      case 1: return {address(), interface(), 1 + below(4)};
      default: return {address(), "", 1 + below(4)};
    }
  }
  // At most one recursive next hop a route: with more of them, what each is worth after rounding depends on depth.
  Route route(const Origin& origin) {
    Route r{prefix(), {.origin = origin, .distance = static_cast<std::uint8_t>(1 + below(3))}};
    if (origin.source == Source::connected || origin.source == Source::local) {
      r.path.next_hops = {{std::nullopt, interface()}};
      return r;
    }
    if (below(20) == 0) r.path.distance = distance::never;
    r.path.permanent = origin.source == Source::static_route && below(4) == 0;
    r.path.metric = origin.source == Source::eigrp ? below(3) : 0;
    r.path.tag = below(6) == 0 ? 1 : 0;
    r.path.next_hops = {hop()};
    while (below(3) == 0) {
      auto more = hop();
      if (more.interface.empty()) more.interface = interface();
      if (below(4) == 0) more.weight = 0;
      r.path.next_hops.push_back(more);
    }
    return r;
  }
  // Of protocols one for each prefix.
  std::vector<Route> routes(const Origin& origin, std::uint32_t most) {
    std::vector<Route> all;
    std::set<net::Prefix> seen;
    for (auto count = below(most); count-- > 0;) {
      auto one = route(origin);
      if (origin.source == Source::static_route || seen.insert(one.prefix).second) all.push_back(std::move(one));
    }
    return all;
  }

 private:
  net::SeededRandom random_;
};

constexpr Origin origins[]{{Source::connected},       {Source::local},    {Source::static_route},
                           {Source::static_route, 1}, {Source::eigrp, 1}, {Source::eigrp, 2}};

class World {
 public:
  explicit World(std::uint64_t seed) : generate_(seed) {}

  void change() {
    if (generate_.below(4) == 0) {
      const auto up = generate_.interfaces_up();
      model_.set_usable_interfaces(up);
      rib_.set_usable_interfaces(up);
    }
    const auto& origin = origins[generate_.below(std::size(origins))];
    if (origin.source == Source::eigrp && generate_.below(4) != 0)
      update(origin);
    else
      replace(origin);
  }

  // Empty where the table is the model's.
  std::string settle() {
    now_ += std::chrono::seconds(1 + generate_.below(3));
    model_.settle(now_);
    if (auto wrong = take_changes(); !wrong.empty()) return wrong;
    if (auto wrong = take_verdicts(); !wrong.empty()) return wrong;
    for (const auto& [prefix, wanted] : model_.in_use())
      if (auto wrong = compare(prefix, wanted); !wrong.empty()) return fmt::format("{} {}", prefix, wrong);
    if (rib_.size() != model_.in_use().size()) return "routes too many";
    return compare_questions();
  }
  const RibModel::Met& met() const { return model_.met(); }

 private:
  std::string take_changes() {
    for (const auto& change : rib_.settle(now_)) {
      if (change.next_hops && told_[change.prefix] == *change.next_hops)
        return fmt::format("{} told, but no other than before", change.prefix);
      if (change.next_hops)
        told_[change.prefix] = *change.next_hops;
      else if (told_.erase(change.prefix) != 1)
        return fmt::format("{} withdrawn, but never told", change.prefix);
    }
    return told_.size() == model_.in_use().size() ? "" : "routes told too many";
  }

  std::string take_verdicts() {
    for (const auto& [origin, prefix, beaten] : rib_.take_verdicts()) {
      if (beaten != beaten_.insert({origin, prefix}).second) return fmt::format("{}: a verdict that was known", prefix);
      if (!beaten) beaten_.erase({origin, prefix});
    }
    for (const auto& [origin, prefix] : model_.learned())
      if (beaten_.contains({origin, prefix}) != model_.beaten().contains({origin, prefix}))
        return fmt::format("{} of eigrp {}: another verdict", prefix, origin.process);
    return "";
  }

  std::string compare(const net::Prefix& prefix, const RibModel::InUse& wanted) const {
    const auto found = rib_.find(prefix);
    if (!found) return "is not in the table";
    if (told_.at(prefix) != *found->resolved) return "is not as it was told";
    std::multiset<Path> paths, wanted_paths;
    for (const auto* path : found->paths) paths.insert(*path);
    for (const auto& [said, _] : wanted.paths) wanted_paths.insert(said.path);
    if (paths != wanted_paths) return fmt::format("has {} paths, not {}", paths.size(), wanted_paths.size());
    if (found->since != wanted.since) return "has another age";
    return compare(wanted.ways, *found->resolved);
  }

  static std::string compare(const Ways& wanted, const NextHops& found) {
    double all = 0, sum = 0;
    for (const auto& [_, share] : wanted) all += share;
    for (const auto& hop : found) sum += hop.weight;
    if (wanted.size() != found.size()) return fmt::format("has {} ways, not {}", found.size(), wanted.size());
    for (const auto& hop : found) {
      const auto way = wanted.find({hop.gateway, hop.interface});
      if (way == wanted.end()) return fmt::format("leads to {}", hop.interface);
      if (const auto off = hop.weight / sum - way->second / all; off > 0.01 || off < -0.01)
        return fmt::format("to {} has {} of {}, not {}", hop.interface, hop.weight, sum, way->second / all);
    }
    return "";
  }

  std::string compare_questions() {
    const auto destination = generate_.address();
    const auto found = rib_.lookup(destination);
    const auto* wanted = model_.lookup(destination);
    if (found.has_value() != (wanted != nullptr) || (found && found->prefix != wanted->first))
      return fmt::format("{} is looked up elsewhere", destination);
    const auto within = generate_.prefix();
    std::vector<net::Prefix> inside, wanted_inside;
    rib_.each(within, [&](const InstalledRoute& route) { inside.push_back(route.prefix); });
    for (const auto& [prefix, _] : model_.in_use())
      if (within.contains(prefix)) wanted_inside.push_back(prefix);
    return inside == wanted_inside ? "" : fmt::format("others lie within {}", within);
  }

  void replace(const Origin& origin) {
    const auto routes = generate_.routes(origin, 9);
    model_.replace(origin, routes);
    rib_.replace(origin, routes);
    drop_verdicts_of_withdrawn(origin, std::nullopt, routes);
  }
  void update(const Origin& origin) {
    RouteBatch batch;
    std::set<net::Prefix> seen;
    const auto routes = generate_.routes(origin, 4);
    for (const auto& route : routes) {
      seen.insert(route.prefix);
      batch.routes.emplace_back(route);
    }
    for (auto count = generate_.below(4); count-- > 0;)
      if (const auto prefix = generate_.prefix(); seen.insert(prefix).second) batch.withdrawn.push_back(prefix);
    model_.update(origin, routes, batch.withdrawn);
    rib_.update(origin, batch);
    drop_verdicts_of_withdrawn(origin, seen, routes);
  }
  // Of the prefixes that a batch is about (nullopt: all), those that the origin no longer has a route of: of them
  // nothing more is said.
  void drop_verdicts_of_withdrawn(const Origin& origin, const std::optional<std::set<net::Prefix>>& about,
                                  const std::vector<Route>& routes) {
    std::erase_if(beaten_, [&](const auto& known) {
      if (known.first != origin || (about && !about->contains(known.second))) return false;
      return std::ranges::none_of(routes, [&](const Route& route) {
        return route.prefix == known.second && route.path.distance != distance::never;
      });
    });
  }

  Generator generate_;
  RibModel model_;
  Rib rib_;
  net::Time now_{};
  std::map<net::Prefix, NextHops> told_;
  std::set<std::pair<Origin, net::Prefix>> beaten_;
};

void add(RibModel::Met& all, const RibModel::Met& more) {
  all = {all.loops + more.loops, all.through_eigrp + more.through_eigrp, all.ties + more.ties, all.kept + more.kept,
         all.blackholed + more.blackholed};
}

TEST(RibModel, TableIsWhatTheRoutesSayInWhateverOrderTheyCame) {
  const auto* given = std::getenv("CULVERT_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1,
                      last = given != nullptr ? first : 200;
  RibModel::Met met;
  for (auto seed = first; seed <= last; ++seed) {
    World world(seed);
    for (int step = 0; step < 100; ++step) {
      for (int changes = 1 + step % 2; changes-- > 0;) world.change();
      const auto wrong = world.settle();
      ASSERT_EQ(wrong, "") << "step " << step << "; reproduce with CULVERT_SEED=" << seed
                           << " out/debug/routing_test --gtest_filter='RibModel.*'";
    }
    add(met, world.met());
  }
  if (given != nullptr) return;
  EXPECT_GT(met.loops, 1000u);
  EXPECT_GT(met.through_eigrp, 1000u);
  EXPECT_GT(met.ties, 1000u);
  EXPECT_GT(met.kept, 100u);
  EXPECT_GT(met.blackholed, 1000u);
}

}  // namespace
}  // namespace culvert::routing::test
