// The table by examples; rib_model_test.cpp compares it with a straight model.
#include "routing/rib/rib.h"

#include <gtest/gtest.h>

#include <chrono>

namespace culvert::routing {
namespace {

using std::chrono::seconds;

constexpr Origin connected_origin{Source::connected}, local_origin{Source::local}, static_origin{Source::static_route};
constexpr Origin eigrp{Source::eigrp, 100}, other_eigrp{Source::eigrp, 200};

net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }
net::Address address(const char* text) { return *net::Address::parse(text); }

Route connected(const char* text, std::string interface) {
  return {prefix(text), {.origin = connected_origin, .next_hops = {{std::nullopt, std::move(interface)}}}};
}
Route fixed(const char* text, const char* gateway, std::uint8_t distance = 1, std::string interface = "") {
  return {prefix(text),
          {.origin = static_origin, .distance = distance, .next_hops = {{address(gateway), std::move(interface)}}}};
}
Route learned(const char* text, const char* gateway, std::uint32_t metric, std::uint8_t distance = 90,
              const Origin& origin = eigrp) {
  return {prefix(text),
          {.origin = origin, .distance = distance, .metric = metric, .next_hops = {{address(gateway), "Gi0"}}}};
}

class RibTest : public testing::Test {
 protected:
  RibTest() {
    rib.set_usable_interfaces({"Gi0", "Gi1"});
    rib.replace(connected_origin, {connected("192.0.2.0/24", "Gi0"), connected("198.51.100.0/24", "Gi1")});
  }
  // Where the prefix leads, "192.0.2.1 Gi0 x2, ..."; empty where it is not in use.
  std::string way(const char* text) const {
    const auto found = rib.find(prefix(text));
    std::string all;
    if (!found) return all;
    for (const auto& hop : *found->resolved)
      all += fmt::format("{}{} {}{}", all.empty() ? "" : ", ", hop.gateway ? hop.gateway->to_string() : "-",
                         hop.interface, hop.weight == 1 ? "" : fmt::format(" x{}", hop.weight));
    return all;
  }
  void statics(std::vector<Route> routes) {
    rib.replace(static_origin, std::move(routes));
    rib.settle(now);
  }

  Rib rib;
  net::Time now{};
};

TEST_F(RibTest, StaticResolvesThroughConnected) {
  rib.replace(static_origin, {fixed("0.0.0.0/0", "192.0.2.1")});
  const auto changes = rib.settle(now);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(way("0.0.0.0/0"), "192.0.2.1 Gi0");
  EXPECT_TRUE(rib.settle(now).empty()) << "nothing changed";
  rib.replace(connected_origin, {connected("198.51.100.0/24", "Gi1")});
  const auto gone = rib.settle(now);
  ASSERT_EQ(gone.size(), 2u);
  EXPECT_EQ(gone[0].prefix, prefix("0.0.0.0/0"));
  EXPECT_EQ(gone[0].next_hops, nullptr);
  EXPECT_EQ(gone[1].prefix, prefix("192.0.2.0/24"));
  EXPECT_EQ(rib.size(), 1u);
}

TEST_F(RibTest, RecursionEndsAndNeverResolvesThroughItself) {
  statics({fixed("10.3.0.0/16", "10.2.0.1"), fixed("10.2.0.0/16", "10.1.0.1"), fixed("10.1.0.0/16", "192.0.2.9"),
           fixed("10.8.0.0/16", "10.9.0.1"), fixed("10.9.0.0/16", "10.8.0.1"), fixed("10.7.0.0/16", "10.7.0.1")});
  EXPECT_EQ(way("10.3.0.0/16"), "192.0.2.9 Gi0");
  EXPECT_EQ(way("10.8.0.0/16"), "");
  EXPECT_EQ(way("10.9.0.0/16"), "");
  EXPECT_EQ(way("10.7.0.0/16"), "");
}

// The loop leads nowhere by itself, but what is shorter around it does.
TEST_F(RibTest, ALoopFallsBackToTheShorterPrefix) {
  statics({fixed("0.0.0.0/0", "192.0.2.1"), fixed("10.8.0.0/16", "10.9.0.1"), fixed("10.9.0.0/16", "10.8.0.1")});
  EXPECT_EQ(way("10.8.0.0/16"), "192.0.2.1 Gi0");
  EXPECT_EQ(way("10.9.0.0/16"), "192.0.2.1 Gi0");
  statics({fixed("10.8.0.0/16", "10.9.0.1"), fixed("10.9.0.0/16", "10.8.0.1")});
  EXPECT_EQ(rib.size(), 2u) << "the connected ones";
}

// Thirty prefixes around each other's gateways, and none that leads out: the question ends.
TEST_F(RibTest, ManyLoopsAreRefusedInLittleTime) {
  std::vector<Route> routes;
  for (int length = 3; length <= 32; ++length)
    routes.push_back({net::Prefix{address("10.0.0.0"), static_cast<std::uint8_t>(length)}.network(),
                      {.origin = static_origin, .distance = 1, .next_hops = {{address("10.0.0.0"), ""}}}});
  statics(routes);
  EXPECT_EQ(rib.size(), 2u);
}

TEST_F(RibTest, OwnAddressIsNoGateway) {
  rib.replace(local_origin, {{prefix("192.0.2.1/32"), {.origin = local_origin, .next_hops = {{std::nullopt, "Gi0"}}}}});
  statics({fixed("10.0.0.0/8", "192.0.2.1")});
  EXPECT_EQ(way("10.0.0.0/8"), "");
}

TEST_F(RibTest, GatewaysAreResolvedAgainWhenTheirWayChanges) {
  statics({fixed("10.0.0.0/8", "172.16.0.1"), fixed("172.16.0.0/12", "192.0.2.1")});
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0");
  rib.update(eigrp, {.routes = {learned("172.16.0.0/24", "192.0.2.77", 5)}, .withdrawn = {}});
  const auto changes = rib.settle(now);
  ASSERT_EQ(changes.size(), 2u) << "the new route, and the one that leads through it";
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.77 Gi0");
  rib.update(eigrp, {.routes = {}, .withdrawn = {prefix("172.16.0.0/24")}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0");
}

TEST_F(RibTest, AProtocolHearsThatItsRouteLostAndThatItIsInUseAgain) {
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 7)}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_TRUE(rib.take_verdicts().empty()) << "in use, as it was taken for";
  statics({fixed("10.0.0.0/8", "192.0.2.1")});
  EXPECT_EQ(rib.take_verdicts(), (std::vector<Verdict>{{eigrp, prefix("10.0.0.0/8"), true}}));
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 9)}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_TRUE(rib.take_verdicts().empty()) << "another metric, beaten still";
  rib.set_usable_interfaces({"Gi1"});
  rib.replace(static_origin, {fixed("10.0.0.0/8", "192.0.2.1", 1, "Gi0")});
  rib.settle(now);
  EXPECT_EQ(rib.take_verdicts(), (std::vector<Verdict>{{eigrp, prefix("10.0.0.0/8"), false}})) << "nothing leads there";
  rib.set_usable_interfaces({"Gi0", "Gi1"});
  rib.settle(now);
  rib.take_verdicts();
  statics({});
  EXPECT_EQ(rib.take_verdicts(), (std::vector<Verdict>{{eigrp, prefix("10.0.0.0/8"), false}}));
}

TEST_F(RibTest, DistanceChoosesThenSourceThenMetric) {
  statics({fixed("10.0.0.0/8", "192.0.2.1", 90)});
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 7)}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0") << "static before EIGRP at the same distance";
  statics({fixed("10.0.0.0/8", "192.0.2.1", 91)});
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.2 Gi0");
  rib.update(other_eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.3", 6, 90, other_eigrp)}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.3 Gi0") << "the better metric of two systems";
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 6)}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.2 Gi0") << "the lower system where metrics are equal";
  statics({fixed("10.0.0.0/8", "192.0.2.1", 255)});
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 6, 255)}, .withdrawn = {}});
  rib.update(other_eigrp, {.routes = {}, .withdrawn = {prefix("10.0.0.0/8")}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "") << "255 is never used";
}

TEST_F(RibTest, FloatingStaticTakesOverAndGivesBack) {
  statics({fixed("10.0.0.0/8", "192.0.2.1"), fixed("10.0.0.0/8", "198.51.100.1", 200)});
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0");
  rib.set_usable_interfaces({"Gi1"});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "198.51.100.1 Gi1");
  rib.set_usable_interfaces({"Gi0", "Gi1"});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0");
}

TEST_F(RibTest, InterfacesAndPermanentRoutes) {
  auto permanent = fixed("10.2.0.0/16", "192.0.2.1", 1, "Gi0"), recursive = fixed("10.3.0.0/16", "192.0.2.1");
  permanent.path.permanent = recursive.path.permanent = true;
  statics({fixed("10.1.0.0/16", "192.0.2.1", 1, "Gi0"),
           permanent,
           recursive,
           fixed("10.4.0.0/16", "192.0.2.1"),
           {prefix("10.5.0.0/16"), {.origin = static_origin, .distance = 1, .next_hops = {{std::nullopt, "Null0"}}}}});
  rib.set_usable_interfaces({"Gi1"});
  rib.settle(now);
  EXPECT_EQ(way("10.1.0.0/16"), "");
  EXPECT_EQ(way("10.2.0.0/16"), "192.0.2.1 Gi0");
  EXPECT_EQ(way("10.3.0.0/16"), "192.0.2.1 Gi0") << "keeps the way it had";
  EXPECT_EQ(way("10.4.0.0/16"), "");
  EXPECT_EQ(way("10.5.0.0/16"), "- Null0");
  rib.set_usable_interfaces({"Gi0", "Gi1"});
  rib.settle(now);
  EXPECT_EQ(way("10.1.0.0/16"), "192.0.2.1 Gi0");
}

TEST_F(RibTest, EqualStaticsShareAndWeightsMultiply) {
  statics({fixed("10.0.0.0/8", "192.0.2.1"), fixed("10.0.0.0/8", "198.51.100.1"), fixed("11.0.0.0/8", "10.0.0.1"),
           fixed("11.0.0.0/8", "192.0.2.9")});
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0, 198.51.100.1 Gi1");
  EXPECT_EQ(rib.find(prefix("10.0.0.0/8"))->paths.size(), 2u);
  auto unequal = learned("12.0.0.0/8", "192.0.2.1", 10);
  unequal.path.next_hops = {{address("192.0.2.1"), "Gi0", 4}, {address("198.51.100.1"), "Gi1", 2}};
  auto recursive = learned("13.0.0.0/8", "192.0.2.1", 10);
  recursive.path.next_hops = {{address("192.0.2.8"), "Gi0", 1}, {address("12.0.0.1"), "", 1}};
  rib.update(eigrp, {.routes = {unequal, recursive}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_EQ(way("12.0.0.0/8"), "192.0.2.1 Gi0 x2, 198.51.100.1 Gi1");
  EXPECT_EQ(way("13.0.0.0/8"), "192.0.2.1 Gi0 x2, 192.0.2.8 Gi0 x3, 198.51.100.1 Gi1");
}

// As `traffic-share min across-interfaces` leaves it of what `variance` let in.
TEST_F(RibTest, WaysWithoutAShareAreShownAndCarryNothing) {
  auto route = learned("10.0.0.0/8", "192.0.2.1", 10);
  route.path.next_hops = {{address("192.0.2.1"), "Gi0", 1}, {address("198.51.100.1"), "Gi1", 0, 20}};
  rib.update(eigrp, {.routes = {route}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0");
  EXPECT_EQ(rib.find(prefix("10.0.0.0/8"))->path().next_hops.size(), 2u);
  rib.set_usable_interfaces({"Gi1"});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "") << "EIGRP chooses again, not the table";
}

TEST_F(RibTest, NoMoreNextHopsThanAreAllowed) {
  std::vector<Route> routes;
  for (int i = 1; i <= 80; ++i) routes.push_back(fixed("10.0.0.0/8", fmt::format("192.0.2.{}", i).c_str()));
  statics(routes);
  EXPECT_EQ(rib.find(prefix("10.0.0.0/8"))->resolved->size(), Rib::paths_max);
}

TEST_F(RibTest, AgeStaysWhereTheRouteStays) {
  rib.settle(net::Time(seconds(5)));
  rib.replace(connected_origin, {connected("192.0.2.0/24", "Gi0"), connected("203.0.113.0/24", "Gi1")});
  rib.settle(net::Time(seconds(9)));
  EXPECT_EQ(rib.find(prefix("192.0.2.0/24"))->since, net::Time(seconds(5)));
  EXPECT_EQ(rib.find(prefix("203.0.113.0/24"))->since, net::Time(seconds(9)));
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 7)}, .withdrawn = {}});
  rib.settle(net::Time(seconds(10)));
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 8)}, .withdrawn = {}});
  EXPECT_TRUE(rib.settle(net::Time(seconds(11))).empty()) << "another metric, the same way";
  EXPECT_EQ(rib.find(prefix("10.0.0.0/8"))->since, net::Time(seconds(11)));
  EXPECT_EQ(rib.find(prefix("10.0.0.0/8"))->path().metric, 8u);
}

// A protocol's new word on a prefix takes the place of its former one, and of nobody else's.
TEST_F(RibTest, UpdatesReplaceTheRouteOfTheirOrigin) {
  statics({fixed("10.0.0.0/8", "192.0.2.1", 200)});
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.2", 7)}, .withdrawn = {}});
  rib.update(eigrp, {.routes = {learned("10.0.0.0/8", "192.0.2.3", 9)}, .withdrawn = {}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.3 Gi0");
  rib.update(other_eigrp, {.routes = {}, .withdrawn = {prefix("10.0.0.0/8"), prefix("77.0.0.0/8")}});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.3 Gi0");
  rib.replace(eigrp, {});
  rib.settle(now);
  EXPECT_EQ(way("10.0.0.0/8"), "192.0.2.1 Gi0");
}

TEST_F(RibTest, LookupAndWalksSeeWhatIsInUse) {
  statics({fixed("10.0.0.0/8", "192.0.2.1"), fixed("10.1.0.0/16", "203.0.113.1"), fixed("10.2.0.0/16", "192.0.2.2")});
  EXPECT_EQ(rib.lookup(address("10.1.0.1"))->prefix, prefix("10.0.0.0/8")) << "10.1.0.0/16 leads nowhere";
  EXPECT_EQ(rib.lookup(address("10.2.0.1"))->prefix, prefix("10.2.0.0/16"));
  EXPECT_FALSE(rib.lookup(address("11.0.0.1")));
  std::vector<net::Prefix> seen;
  rib.each(prefix("10.0.0.0/8"), [&](const InstalledRoute& route) { seen.push_back(route.prefix); });
  EXPECT_EQ(seen, (std::vector{prefix("10.0.0.0/8"), prefix("10.2.0.0/16")}));
}

}  // namespace
}  // namespace culvert::routing
