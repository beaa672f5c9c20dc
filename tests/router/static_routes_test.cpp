// Static routes between the configuration and the routing table.
#include <gtest/gtest.h>

#include "config-store/store.h"
#include "router/router.h"
#include "routing/commands/static_route.h"

namespace culvert::router {
namespace {

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, {"GigabitEthernet0/0"});
    return one;
  }();
  return *made;
}

// Only what changes a route has them all read again.
TEST(StaticRoutes, ACommitSaysWhetherItTouchesThem) {
  const auto store = config::Store::in_memory(registry());
  std::vector<bool> touched;
  store->subscribe([&](const config::Changes& changes) { touched.push_back(routing::touches_static_routes(changes)); });
  config::Context context;
  for (const auto* line : {"hostname R1", "ip route 10.0.0.0 255.0.0.0 192.0.2.1", "interface Loopback0",
                           "no ip route 10.0.0.0 255.0.0.0 192.0.2.1"})
    EXPECT_TRUE(store->execute(context, line).ok()) << line;
  EXPECT_EQ(touched, (std::vector{false, true, false, true}));
}

TEST(StaticRoutes, EveryFormBecomesARoute) {
  const auto store = config::Store::in_memory(registry());
  EXPECT_TRUE(store
                  ->load("ip route 10.1.0.0 255.255.0.0 192.0.2.1 200 tag 7 permanent name lasting\n"
                         "ip route 10.2.0.0 255.255.0.0 Null0\n"
                         "ip route 10.3.0.0 255.255.0.0 GigabitEthernet0/0 192.0.2.2\n")
                  .empty());
  const auto routes = routing::static_routes(*store);
  ASSERT_EQ(routes.size(), 3u);
  const routing::Path lasting{.origin = {routing::Source::static_route},
                              .distance = 200,
                              .permanent = true,
                              .tag = 7,
                              .next_hops = {{*net::Address::parse("192.0.2.1"), ""}},
                              .name = "lasting"};
  EXPECT_EQ(routes[0], (routing::Route{*net::Prefix::parse("10.1.0.0/16"), lasting}));
  EXPECT_EQ(routes[1].path.distance, 1);
  EXPECT_EQ(routes[1].path.next_hops, (routing::NextHops{{std::nullopt, "Null0"}}));
  EXPECT_EQ(routes[2].path.next_hops, (routing::NextHops{{*net::Address::parse("192.0.2.2"), "GigabitEthernet0/0"}}));
}

}  // namespace
}  // namespace culvert::router
