// The forwarding table against a model so simple that it must be right: a map searched from the longest prefix down.
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "ipsec-dataplane/fib.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

class Model {
 public:
  void set(std::uint32_t network, unsigned length, std::uint16_t next_hop) { routes_[{length, network}] = next_hop; }
  void remove(std::uint32_t network, unsigned length) { routes_.erase({length, network}); }
  std::uint16_t lookup(std::uint32_t address) const {
    for (unsigned length = 33; length-- > 0;) {
      const auto found = routes_.find({length, address & mask(length)});
      if (found != routes_.end()) return found->second;
    }
    return Fib::no_route;
  }
  // A route that is there, if any is: length and network.
  std::pair<unsigned, std::uint32_t> some_route(std::mt19937_64& random) const {
    if (routes_.empty()) return {0, 0};
    return std::next(routes_.begin(), static_cast<std::ptrdiff_t>(random() % routes_.size()))->first;
  }
  static std::uint32_t mask(unsigned length) { return length == 0 ? 0 : ~0u << (32 - length); }

 private:
  std::map<std::pair<unsigned, std::uint32_t>, std::uint16_t> routes_;
};

// Few networks, so that prefixes nest and addresses hit them.
std::uint32_t some_address(std::mt19937_64& random) {
  return 0x0a000000u | (random() % 4) << 16 | (random() % 8) << 8 | random() % 256;
}

TEST(Fib, AgreesWithLongestMatch) {
  const auto seed = test::seed(20261);
  std::mt19937_64 random(seed);
  auto fib = Fib::create().value();
  Model model;
  for (int round = 0; round < 2000; ++round) {
    const bool removes = random() % 3 == 0;
    auto length = static_cast<unsigned>(random() % 4 == 0 ? random() % 17 : 16 + random() % 17);
    auto network = some_address(random) & Model::mask(length);
    if (removes && random() % 2 == 0) std::tie(length, network) = model.some_route(random);
    const net::Prefix prefix{net::Address::v4(network), static_cast<std::uint8_t>(length)};
    if (removes) {
      fib.remove(prefix);
      model.remove(network, length);
    } else {
      const auto next_hop = static_cast<std::uint16_t>(1 + random() % Fib::next_hop_max);
      ASSERT_TRUE(fib.set(prefix, next_hop));
      model.set(network, length, next_hop);
    }
    for (int i = 0; i < 500; ++i) {
      auto address = random() % 16 == 0 ? static_cast<std::uint32_t>(random()) : some_address(random);
      if (i < 2) address = i == 0 ? network : network | ~Model::mask(length);  // the ends of what has changed
      ASSERT_EQ(fib.lookup(address), model.lookup(address))
          << net::Address::v4(address).to_string() << "; "
          << test::repeat(seed, "dataplane_test", "Fib.AgreesWithLongestMatch");
    }
  }
}

// 65 groups: one for the /16 that all the hosts are in, one for the /24 of each.
TEST(Fib, SaysWhenItIsFull) {
  auto fib = Fib::create(65).value();
  const auto host = [](std::uint32_t network) {
    return net::Prefix::host(net::Address::v4(0x0a000001 + network * 256));
  };
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_TRUE(fib.set(host(i), 1));
  EXPECT_FALSE(fib.set(host(64), 1));
  fib.remove(host(0));
  EXPECT_TRUE(fib.set(host(64), 1));
}

// A group is used again only when no look-up can be in it any more.
TEST(Fib, KeepsGroupsThroughTheGracePeriod) {
  auto fib = Fib::create(2).value();
  std::vector<std::function<void()>> waiting;
  fib.after_grace([&](std::function<void()> action) { waiting.push_back(std::move(action)); });
  const auto host = net::Prefix::host(*net::Address::parse("10.0.0.1"));
  const auto other = net::Prefix::host(*net::Address::parse("10.1.0.1"));
  ASSERT_TRUE(fib.set(host, 1));
  fib.remove(host);
  EXPECT_EQ(waiting.size(), 2u);
  EXPECT_FALSE(fib.set(other, 1));
  for (const auto& action : waiting) action();
  EXPECT_TRUE(fib.set(other, 1));
}

TEST(Fib, HoldsAMillionRoutes) {
  auto fib = Fib::create().value();
  const auto network = [](std::uint32_t i) { return net::Prefix{net::Address::v4(0x01000000 + i * 256), 24}; };
  for (std::uint32_t i = 0; i < 1000000; ++i) ASSERT_TRUE(fib.set(network(i), static_cast<std::uint16_t>(1 + i % 7)));
  for (std::uint32_t i = 0; i < 1000000; i += 997) EXPECT_EQ(fib.lookup(0x01000000 + i * 256 + 9), 1 + i % 7);
  EXPECT_EQ(fib.lookup(0x01000000 + 1000000u * 256), Fib::no_route);
}

}  // namespace
}  // namespace culvert::dataplane
