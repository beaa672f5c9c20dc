#include "routing/rib/rib.h"

#include <gtest/gtest.h>

#include "net/random.h"

namespace culvert::routing {
namespace {

net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }
net::Address address(const char* text) { return *net::Address::parse(text); }

Route connected(const char* text, std::string interface) {
  return {.prefix = prefix(text), .next_hops = {{std::nullopt, std::move(interface)}}};
}
Route fixed(const char* text, const char* gateway, std::uint8_t distance = 1) {
  return {.prefix = prefix(text),
          .source = Source::static_route,
          .distance = distance,
          .next_hops = {{address(gateway), ""}}};
}

TEST(Rib, StaticResolvesThroughConnected) {
  Rib rib;
  rib.replace(Source::connected, {connected("192.0.2.0/24", "Gi0")});
  rib.replace(Source::static_route, {fixed("0.0.0.0/0", "192.0.2.1")});
  const auto changes = rib.settle({});
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(rib.lookup(address("203.0.113.5"))->resolved, (std::vector<NextHop>{{address("192.0.2.1"), "Gi0"}}));
  EXPECT_TRUE(rib.settle({}).empty()) << "nothing changed";
  rib.replace(Source::connected, {});
  EXPECT_EQ(rib.settle({}), (std::vector<RouteChange>{{prefix("0.0.0.0/0"), {}}, {prefix("192.0.2.0/24"), {}}}));
}

TEST(Rib, RecursionEndsAndNeverResolvesThroughItself) {
  Rib rib;
  rib.replace(Source::connected, {connected("192.0.2.0/24", "Gi0")});
  rib.replace(Source::static_route,
              {fixed("10.3.0.0/16", "10.2.0.1"), fixed("10.2.0.0/16", "10.1.0.1"), fixed("10.1.0.0/16", "192.0.2.9"),
               fixed("10.8.0.0/16", "10.9.0.1"), fixed("10.9.0.0/16", "10.8.0.1"), fixed("10.7.0.0/16", "10.7.0.1")});
  rib.settle({});
  EXPECT_EQ(rib.lookup(address("10.3.4.5"))->resolved, (std::vector<NextHop>{{address("192.0.2.9"), "Gi0"}}));
  EXPECT_EQ(rib.lookup(address("10.8.0.1")), nullptr);
  EXPECT_EQ(rib.lookup(address("10.9.0.1")), nullptr);
  EXPECT_EQ(rib.lookup(address("10.7.0.1")), nullptr);
}

TEST(Rib, DistanceChoosesAndFloatingStaticTakesOver) {
  Rib rib;
  rib.replace(Source::connected, {connected("192.0.2.0/24", "Gi0"), connected("198.51.100.0/24", "Gi1")});
  rib.replace(Source::static_route, {fixed("10.0.0.0/8", "192.0.2.1"), fixed("10.0.0.0/8", "198.51.100.1", 200)});
  rib.settle({});
  EXPECT_EQ(rib.lookup(address("10.1.1.1"))->resolved.front().interface, "Gi0");
  rib.replace(Source::connected, {connected("198.51.100.0/24", "Gi1")});
  rib.settle({});
  EXPECT_EQ(rib.lookup(address("10.1.1.1"))->resolved.front().interface, "Gi1");
}

TEST(Rib, AgeStaysWhereTheRouteStays) {
  Rib rib;
  rib.replace(Source::connected, {connected("192.0.2.0/24", "Gi0")});
  rib.settle(net::Time(net::Duration(5)));
  rib.replace(Source::connected, {connected("192.0.2.0/24", "Gi0"), connected("198.51.100.0/24", "Gi1")});
  rib.settle(net::Time(net::Duration(9)));
  EXPECT_EQ(rib.installed().at(prefix("192.0.2.0/24")).since, net::Time(net::Duration(5)));
  EXPECT_EQ(rib.installed().at(prefix("198.51.100.0/24")).since, net::Time(net::Duration(9)));
}

// The changes of each settle, applied to a plain map, give the installed table; the model looks up by scanning.
TEST(Rib, ChangesAddUpToTheTable) {
  net::SeededRandom random(11);
  Rib rib;
  std::map<net::Prefix, std::vector<NextHop>> model;
  for (int step = 0; step < 500; ++step) {
    std::vector<Route> direct, statics;
    for (std::uint64_t i = 0; i < random.below(6); ++i)
      direct.push_back(connected(fmt::format("10.{}.0.0/16", random.below(6)).c_str(), "Gi" + std::to_string(i)));
    for (std::uint64_t i = 0; i < random.below(8); ++i)
      statics.push_back(fixed(fmt::format("10.{}.{}.0/24", random.below(6), random.below(3)).c_str(),
                              fmt::format("10.{}.{}.1", random.below(6), random.below(3)).c_str(),
                              static_cast<std::uint8_t>(1 + random.below(3))));
    rib.replace(Source::connected, direct);
    rib.replace(Source::static_route, statics);
    for (const auto& change : rib.settle({})) {
      if (!change.next_hops.empty()) {
        model[change.prefix] = change.next_hops;
      } else {
        ASSERT_EQ(model.erase(change.prefix), 1u) << "seed 11, step " << step;
      }
    }
    ASSERT_EQ(model.size(), rib.installed().size()) << "seed 11, step " << step;
    for (const auto& [where, hops] : model) ASSERT_EQ(rib.installed().at(where).resolved, hops) << "step " << step;
    const auto target = net::Address::v4(0x0a000001 | static_cast<std::uint32_t>(random.below(6)) << 16);
    const net::Prefix* best = nullptr;
    for (const auto& [where, _] : model)
      if (where.contains(target) && (best == nullptr || where.length > best->length)) best = &where;
    const auto* found = rib.lookup(target);
    ASSERT_EQ(found == nullptr, best == nullptr);
    if (best != nullptr) {
      ASSERT_EQ(found->route.prefix, *best);
    }
  }
}

}  // namespace
}  // namespace culvert::routing
