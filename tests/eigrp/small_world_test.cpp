// Small worlds: routers find each other, learn, and find another way.
#include <gtest/gtest.h>

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

TEST(SmallWorlds, TriangleFindsTheOtherWay) {
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
  world.advance(3s);
  EXPECT_EQ(world.node(a).routes[behind_b].metric, 3328u);
  EXPECT_EQ(world.broken, "");
}

}  // namespace
}  // namespace culvert::routing::eigrp::testing
