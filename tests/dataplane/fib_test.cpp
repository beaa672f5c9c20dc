// The forwarding table against a model so simple that it must be right: a map searched from the longest prefix down.
#include <gtest/gtest.h>

#include <map>
#include <random>

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
  auto fib = Fib::create("model", {.routes = 4096, .long_groups = 256}).value();
  Model model;
  for (int round = 0; round < 2000; ++round) {
    const auto length = static_cast<unsigned>(random() % 4 == 0 ? random() % 17 : 16 + random() % 17);
    const auto network = some_address(random) & Model::mask(length);
    const net::Prefix prefix{net::Address::v4(network), static_cast<std::uint8_t>(length)};
    if (random() % 3 == 0) {
      fib.remove(prefix);
      model.remove(network, length);
    } else {
      const auto next_hop = static_cast<std::uint16_t>(1 + random() % Fib::next_hop_max);
      ASSERT_TRUE(fib.set(prefix, next_hop));
      model.set(network, length, next_hop);
    }
    for (int i = 0; i < 500; ++i) {
      const auto address = random() % 16 == 0 ? static_cast<std::uint32_t>(random()) : some_address(random);
      ASSERT_EQ(fib.lookup(address), model.lookup(address))
          << net::Address::v4(address).to_string() << "; "
          << test::repeat(seed, "dataplane_test", "Fib.AgreesWithLongestMatch");
    }
  }
}

// Groups come in sixty-fours.
TEST(Fib, SaysWhenItIsFull) {
  auto fib = Fib::create("small", {.routes = 256, .long_groups = 64}).value();
  const auto host = [](std::uint32_t network) {
    return net::Prefix::host(net::Address::v4(0x0a000001 + network * 256));
  };
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_TRUE(fib.set(host(i), 1));
  EXPECT_FALSE(fib.set(host(64), 1));
  fib.remove(host(0));
  EXPECT_TRUE(fib.set(host(64), 1));
}

}  // namespace
}  // namespace culvert::dataplane
