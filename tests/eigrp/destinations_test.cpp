// The table of destinations against std::map, and paths that are shared against themselves.
#include "routing/eigrp/destinations.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "net/random.h"
#include "routing/eigrp/shared_paths.h"

namespace culvert::routing::eigrp {
namespace {

net::Prefix some_prefix(net::Random& random) {
  const auto length = static_cast<std::uint8_t>(22 + random.below(11));
  return net::Prefix{net::Address::v4(0x0a000000 + static_cast<std::uint32_t>(random.below(1024))), length}.network();
}

std::vector<net::Prefix> prefixes_of(const Destinations& destinations) {
  std::vector<net::Prefix> all;
  for (const auto& entry : destinations) all.push_back(entry.prefix);
  return all;
}

TEST(Destinations, AgreeWithMap) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    net::SeededRandom random(seed);
    Destinations destinations;
    std::map<net::Prefix, Entry*> model;
    for (int step = 0; step < 2000; ++step) {
      const auto prefix = some_prefix(random);
      const auto known = model.find(prefix);
      switch (random.below(4)) {
        case 0: ASSERT_EQ(destinations.find(prefix), known == model.end() ? nullptr : known->second); break;
        case 1:
          if (known == model.end()) break;
          destinations.erase(*known->second);
          model.erase(known);
          break;
        default: {
          auto& entry = destinations.at(prefix);
          ASSERT_EQ(entry.prefix, prefix);
          ASSERT_TRUE(known == model.end() || known->second == &entry);
          model[prefix] = &entry;
        }
      }
      if (step % 100 != 0) continue;
      std::vector<net::Prefix> expected, within, expected_within;
      const net::Prefix range{net::Address::v4(0x0a000100), 24};
      for (const auto& [key, entry] : model) {
        expected.push_back(key);
        if (range.contains(key.address)) expected_within.push_back(key);
      }
      destinations.for_each_within(range, [&](const Entry& entry) { within.push_back(entry.prefix); });
      ASSERT_EQ(prefixes_of(destinations), expected) << "seed " << seed << ", step " << step;
      ASSERT_EQ(within, expected_within) << "seed " << seed << ", step " << step;
    }
  }
}

TEST(SharedPaths, WhatIsAlikeIsOneAndWhatIsNotIsItself) {
  SharedPaths paths;
  net::SeededRandom random(5);
  std::size_t shared = 0;
  net::Shared<Path> last;
  for (int step = 0; step < 5000; ++step) {
    Path path{.origin = Origin::neighbor(static_cast<NeighborId>(1 + random.below(2))),
              .interface = static_cast<InterfaceId>(random.below(2)),
              .next_hop = net::Address::v4(static_cast<std::uint32_t>(random.below(2))),
              .reported = {.delay = random.below(2)},
              .metric = {.delay = random.below(2), .hop_count = static_cast<std::uint8_t>(random.below(2))},
              .reported_distance = random.below(2),
              .distance = 5 + random.below(2)};
    if (random.below(2))
      path.extra = std::make_shared<Extra>(
          Extra{.external = wire::External{.tag = static_cast<std::uint32_t>(random.below(2))}});
    const auto held = paths.share(path);
    ASSERT_TRUE(held->origin == path.origin && held->interface == path.interface && held->next_hop == path.next_hop &&
                held->reported == path.reported && held->metric == path.metric &&
                held->reported_distance == path.reported_distance && held->distance == path.distance &&
                held->same_extra(path))
        << "step " << step;
    ASSERT_TRUE(paths.share(path) == held);
    shared += last && held == last;
    last = held;
  }
  EXPECT_GT(shared, 0u);
}

}  // namespace
}  // namespace culvert::routing::eigrp
