// Small worlds and a large one: routers find each other, learn, and find another way.
#include <gtest/gtest.h>

#include "routing/eigrp/wire/packet.h"
#include "tests/eigrp/model.h"
#include "tests/eigrp/world.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;

TEST(SmallWorlds, TwoRoutersLearn) {
  World world(1);
  const auto a = world.add_node("A"), b = world.add_node("B");
  world.connect({a, b});
  const auto behind_a = world.add_network(a), behind_b = world.add_network(b);
  world.start();
  world.advance(3s);
  ASSERT_TRUE(world.node(a).routes.contains(behind_b));
  ASSERT_TRUE(world.node(b).routes.contains(behind_a));
  EXPECT_EQ(world.node(a).routes[behind_b].metric, 3072u) << "seen on IOS-XE for two gigabits";
  EXPECT_TRUE(world.node(a).said("EIGRP-IPv4 100: Neighbor 10.0.0.2 (Gi0) is up: new adjacency"));
  for (const auto refused : world.node(a).engine->traffic().refused) EXPECT_EQ(refused, 0u);
}

// A reaches B's network directly, and by C, which is feasible: the cut is healed in the instant it is seen.
TEST(SmallWorlds, AFeasibleSuccessorTakesOverWithoutAQuery) {
  World world(1);
  const auto a = world.add_node("A"), b = world.add_node("B"), c = world.add_node("C");
  const auto direct = world.connect({a, b});
  world.connect({b, c});
  const auto around = world.connect({a, c});
  const auto behind_b = world.add_network(b);
  world.node(a).interface("Gi" + std::to_string(around)).link.delay_ps = 40'000'000;
  world.node(b).interface("Loopback0").link.delay_ps = 10'000'000;
  world.node(a).interface("Gi" + std::to_string(direct)).link.delay_ps = 30'000'000;
  world.start();
  world.advance(3s);
  EXPECT_EQ(world.node(a).routes[behind_b].next_hops[0].interface, "Gi0");
  const auto queries = world.node(a).engine->why(world.now, behind_b)->history.size();
  world.set_segment(direct, false);
  EXPECT_EQ(world.node(a).routes[behind_b].next_hops[0].interface, "Gi2") << "no time has passed";
  const auto why = world.node(a).engine->why(world.now, behind_b);
  EXPECT_FALSE(why->topology.active);
  EXPECT_EQ(why->history.size(), queries + 1);
  EXPECT_TRUE(why->history.back().what.starts_with("(2)"));
}

TEST(SmallWorlds, WithoutOneThereIsADiffusingComputation) {
  World world(1);
  const auto a = world.add_node("A"), b = world.add_node("B"), c = world.add_node("C");
  const auto direct = world.connect({a, b});
  world.connect({b, c});
  world.connect({a, c});
  const auto behind_b = world.add_network(b);
  world.start();
  world.advance(3s);
  EXPECT_EQ(world.node(a).routes[behind_b].metric, 3072u);
  world.set_segment(direct, false);
  EXPECT_TRUE(world.node(a).engine->topology(world.now, behind_b)->active) << "C reports no less than A's FD";
  world.advance(100ms);
  EXPECT_EQ(world.node(a).routes[behind_b].metric, 3328u);
  EXPECT_GE(world.node(a).engine->traffic().queries.sent, 1u);
  EXPECT_EQ(world.broken, "");
}

TEST(LargeWorld, AHundredRoutersConverge) {
  World world(100);
  for (std::size_t i = 0; i < 100; ++i) world.add_node("R" + std::to_string(i + 1));
  for (std::size_t i = 1; i < 100; ++i) world.connect({i, world.random.below(i)});
  for (int extra = 0; extra < 40; ++extra) {
    const auto a = world.random.below(100), b = world.random.below(100);
    if (a != b) world.connect({a, b});
  }
  for (std::size_t i = 0; i < 100; i += 10) world.add_network(i);
  world.start();
  EXPECT_TRUE(world.settle());
  EXPECT_EQ(Model(world).compare(), "");
  world.set_segment(0, false);
  EXPECT_TRUE(world.settle());
  EXPECT_EQ(Model(world).compare(), "");
  EXPECT_EQ(world.broken, "");
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
