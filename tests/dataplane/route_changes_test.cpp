// Routes change while workers look up: a worker finds the old way or the new one, and nothing else. What it looks up in
// the FIB it finds described in the snapshot that it has pinned, though that may be an old one.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "ipsec-dataplane/forwarding.h"
#include "net/random.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

constexpr std::uint32_t gateways = 0x0a010000;  // 10.1.x.y: y-th way of the block x

std::shared_ptr<const NextHops> through(const std::set<std::uint32_t>& ways, std::uint32_t block = 0) {
  NextHops hops;
  for (const auto way : ways) hops.push_back({"Gi0/0", net::Address::v4(gateways | block << 8 | way), 1 + way % 3});
  return hops.empty() ? nullptr : std::make_shared<const NextHops>(std::move(hops));
}

ForwardingConfig one_port() {
  return {.interfaces = {{.name = "Gi0/0", .up = true, .addresses = {*net::Prefix::parse("10.1.0.1/16")}}}};
}
std::vector<Forwarding::PortFacts> its_facts() { return {{.name = "Gi0/0", .id = 0, .mac = {}}}; }

class RouteChanges : public testing::Test {
 protected:
  RouteChanges() { plane.apply(one_port()); }

  void lead(const char* prefix, const std::set<std::uint32_t>& ways) {
    ASSERT_TRUE(plane.update_routes({{*net::Prefix::parse(prefix), through(ways)}}));
  }
  // The neighbor that a worker with this snapshot sends by; 0 where it has none.
  static std::uint32_t neighbor(const Tables& tables, const char* destination) {
    const auto to = rte_cpu_to_be_32(net::Address::parse(destination)->v4_value());
    const auto& found = tables.adjacency(tables.way(0, to));
    return found.kind == AdjacencyKind::neighbor ? found.address & 0xff : 0;
  }

  TablePublisher publisher{2};
  Forwarding plane{Fib::create(64).value(), publisher, its_facts()};
};

TEST_F(RouteChanges, AWorkerInItsTurnSeesTheOldWayUntilItKnowsTheNew) {
  lead("20.0.0.0/8", {1});
  publisher.online(0);
  const auto& former = publisher.pin(0);
  lead("20.0.0.0/8", {2});
  EXPECT_EQ(neighbor(former, "20.0.0.1"), 1u);
  lead("20.0.0.0/8", {2, 3});
  lead("21.0.0.0/8", {1});  // to a way that is described, but not before the others
  EXPECT_EQ(neighbor(former, "20.0.0.1"), 1u);
  EXPECT_TRUE(plane.waits());
  const auto& now = publisher.pin(0);
  publisher.collect();
  EXPECT_FALSE(plane.waits());
  const auto chosen = neighbor(now, "20.0.0.1");
  EXPECT_TRUE(chosen == 2 || chosen == 3) << chosen;
  EXPECT_EQ(neighbor(now, "21.0.0.1"), 1u);
  publisher.offline(0);
}

// What the index of a way that is gone meant before, an old snapshot still says.
TEST_F(RouteChanges, AnIndexGetsNoOtherMeaningUnderAWorkerInItsTurn) {
  lead("20.0.0.0/8", {1});
  lead("21.0.0.0/8", {2});
  publisher.online(0);
  publisher.pin(0);
  lead("21.0.0.0/8", {1});
  const auto& former = publisher.pin(0);
  publisher.collect();
  ASSERT_EQ(neighbor(former, "21.0.0.1"), 1u);
  lead("20.0.0.0/8", {3});  // by the index that was way 2
  EXPECT_EQ(neighbor(former, "20.0.0.1"), 1u);
  const auto& now = publisher.pin(0);
  publisher.collect();
  EXPECT_EQ(neighbor(now, "20.0.0.1"), 3u);
  publisher.offline(0);
}

TEST_F(RouteChanges, ANeighborIsLedToWhenAllWorkersKnowIt) {
  lead("10.1.0.0/16", {7});
  publisher.online(0);
  const auto& former = publisher.pin(0);
  const auto interface = plane.index_of("Gi0/0");
  plane.neighbor_resolved(interface, *net::Address::parse("10.1.0.9"), {});
  EXPECT_EQ(neighbor(former, "10.1.0.9"), 7u);
  const auto& now = publisher.pin(0);
  publisher.collect();
  EXPECT_EQ(neighbor(now, "10.1.0.9"), 9u);
  plane.neighbor_lost(interface, *net::Address::parse("10.1.0.9"));
  EXPECT_EQ(neighbor(now, "10.1.0.9"), 7u);
  plane.neighbor_resolved(interface, *net::Address::parse("10.1.0.9"), {});
  plane.neighbor_lost(interface, *net::Address::parse("10.1.0.9"));
  EXPECT_EQ(neighbor(publisher.pin(0), "10.1.0.9"), 7u);
  publisher.collect();
  EXPECT_EQ(neighbor(publisher.current(), "10.1.0.9"), 7u);
  publisher.offline(0);
}

// -- Threads --

constexpr std::uint32_t blocks = 24;  // /16s, each with longer prefixes in it that come and go
constexpr std::array<std::uint8_t, 3> lengths{16, 24, 32};
constexpr std::uint32_t way_count = 12;

std::uint32_t network_of(std::uint32_t block) { return 20u << 24 | block << 16; }
// One that is in the prefix of each length, and in none that is longer.
constexpr std::array<std::uint32_t, 3> hosts{0x0101, 0x7702, 0x7703};

// The ways that an address of each block and length may be seen to take: while it changes, both.
using Allowed = std::array<std::array<std::atomic<std::uint32_t>, lengths.size()>, blocks>;

// A worker as far as it looks up. Like a real one, it keeps its snapshot over several turns where it is not asked.
void look_up(TablePublisher& publisher, unsigned worker, const Allowed& allowed, const std::atomic<bool>& stop,
             std::atomic<std::uint64_t>& lookups, std::atomic<std::uint64_t>& wrong) {
  net::SeededRandom random(worker);
  publisher.online(worker);
  const auto* tables = &publisher.pin(worker);
  for (std::uint64_t turn = 0; !stop.load(std::memory_order_relaxed); ++turn) {
    if (publisher.asked(worker) || turn % 8 == 0) tables = &publisher.pin(worker);
    for (int i = 0; i < 64; ++i) {
      const auto block = static_cast<std::uint32_t>(random.below(blocks));
      const auto length = random.below(lengths.size());
      const auto before = allowed[block][length].load(std::memory_order_relaxed);
      const auto way = tables->way(rte_cpu_to_be_32(static_cast<std::uint32_t>(turn)),
                                   rte_cpu_to_be_32(network_of(block) | hosts[length]));
      const auto& found = tables->adjacency(way);
      const auto after = allowed[block][length].load(std::memory_order_relaxed);
      const bool its_own = found.kind == AdjacencyKind::neighbor && found.address >> 8 == (gateways >> 8 | block);
      wrong += !its_own || ((before | after) >> (found.address & 0xff) & 1) == 0;
    }
    lookups += 64;
  }
  publisher.offline(worker);
}

// Control: what it last said of each prefix.
class Control {
 public:
  Control(Forwarding& plane, TablePublisher& publisher, Allowed& allowed, std::uint64_t seed)
      : plane_(plane), publisher_(publisher), allowed_(allowed), random_(seed) {
    for (std::uint32_t block = 0; block < blocks; ++block) change(block, 0);
  }

  void step() { change(static_cast<std::uint32_t>(random_.below(blocks)), random_.below(lengths.size())); }

 private:
  // The /16 is always there; of the others every third change is the end.
  void change(std::uint32_t block, std::size_t length) {
    auto& said = said_[block];
    ++changes_[block];
    said[length].clear();
    if (length == 0 || random_.below(3) != 0)
      for (auto count = 1 + random_.below(3); count-- > 0;)
        said[length].insert(static_cast<std::uint32_t>(random_.below(way_count)));
    for (std::size_t i = 0; i < lengths.size(); ++i) allowed_[block][i] |= mask(block, i);
    const auto network = net::Prefix{net::Address::v4(network_of(block) | hosts[length]), lengths[length]}.network();
    ASSERT_TRUE(plane_.update_routes({{network, through(said[length], block)}}));
    // Once the FIB is changed, and a grace period more.
    const auto number = changes_[block];
    publisher_.after_grace(
        [this, block, number] { publisher_.after_grace([this, block, number] { narrow(block, number); }); });
  }
  void narrow(std::uint32_t block, std::uint64_t number) {
    if (changes_[block] != number) return;  // a later change does it
    for (std::size_t i = 0; i < lengths.size(); ++i) allowed_[block][i] = mask(block, i);
  }
  std::uint32_t mask(std::uint32_t block, std::size_t length) const {
    while (said_[block][length].empty()) --length;
    std::uint32_t all = 0;
    for (const auto way : said_[block][length]) all |= 1u << way;
    return all;
  }

  Forwarding& plane_;
  TablePublisher& publisher_;
  Allowed& allowed_;
  net::SeededRandom random_;
  std::array<std::array<std::set<std::uint32_t>, lengths.size()>, blocks> said_;
  std::array<std::uint64_t, blocks> changes_{};
};

TEST(RouteChangesUnderTraffic, WorkersSeeTheOldWayOrTheNew) {
  constexpr unsigned workers = 3;
  const auto seed = test::seed(31);
  TablePublisher publisher(workers);
  Forwarding plane(Fib::create(blocks * 3).value(), publisher, its_facts());
  plane.apply(one_port());
  Allowed allowed{};
  Control control(plane, publisher, allowed, seed);
  std::atomic<bool> stop{false};
  std::array<std::atomic<std::uint64_t>, workers> lookups{};
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned w = 0; w < workers; ++w)
    threads.emplace_back([&, w] { look_up(publisher, w, allowed, stop, lookups[w], wrong); });
  // So many changes, and until every worker has looked up while they were made.
  for (std::uint64_t step = 0; step < 4000 || lookups[0] == 0 || lookups[1] == 0 || lookups[2] == 0; ++step) {
    control.step();
    publisher.collect();
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  publisher.collect();
  EXPECT_EQ(wrong, 0u) << "of " << lookups[0] + lookups[1] + lookups[2] << "; "
                       << test::repeat(seed, "out/debug/dataplane_test", "RouteChanges*");
}

}  // namespace
}  // namespace culvert::dataplane
