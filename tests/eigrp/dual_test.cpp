// DUAL alone: no packets, no metrics, distances as plain numbers.
#include "routing/eigrp/dual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/random.h"

namespace culvert::routing::eigrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// One destination of a router with neighbours 1, 2 and 3, each link costing 5 at first.
class Bench : private Dual::Surroundings {
 public:
  Bench() { dual.set_limits({.variance = 1, .maximum_paths = 4}); }

  void update(NeighborId from, Distance reported) { hear(Input::update, from, reported); }
  void query(NeighborId from, Distance reported) { hear(Input::query, from, reported); }
  void reply(NeighborId from, Distance reported) { hear(Input::reply, from, reported); }
  void link(NeighborId to, Distance cost) {
    link_cost[to] = cost;
    const auto* path = entry.find(Origin::neighbor(to));
    hear(Input::link, to, path ? path->reported_distance : unreachable);
  }
  void lose(NeighborId from) {
    std::erase(neighbors, from);
    begin();
    dual.lose(net::Time{}, entry, Origin::neighbor(from));
  }
  void external(NeighborId from, Distance reported) {
    begin();
    auto path = path_of(from, reported);
    path.extra = std::make_shared<Extra>(Extra{.external = wire::External{}});
    dual.hear(net::Time{}, entry, Input::update, path);
  }

  void tell(Entry& of, Input input, NeighborId from, Distance reported) {
    dual.hear(net::Time{}, of, input, path_of(from, reported));
  }

  std::vector<NeighborId> replies() const { return {entry.todo.replies.begin(), entry.todo.replies.end()}; }
  std::vector<NeighborId> awaited() const {
    std::vector<NeighborId> list;
    if (entry.active)
      for (const auto& a : entry.active->awaited) list.push_back(a.neighbor);
    return list;
  }
  std::vector<NeighborId> successors() const {
    std::vector<NeighborId> list;
    for (const auto& origin : entry.successors) list.push_back(origin.id);
    return list;
  }
  int origin() const { return entry.active ? entry.active->query_origin : -1; }

  Entry entry{.prefix = {net::Address::v4(0x0a000000), 8}};
  Dual dual{*this};
  std::vector<NeighborId> neighbors{1, 2, 3};
  std::map<NeighborId, Distance> link_cost;
  std::vector<int> transitions;  // of the last input

 private:
  void begin() {
    entry.todo = {};
    transitions.clear();
  }
  Path path_of(NeighborId from, Distance reported) {
    const auto cost = link_cost.try_emplace(from, 5).first->second;
    return {.origin = Origin::neighbor(from),
            .interface = static_cast<InterfaceId>(from),
            .reported_distance = reported,
            .distance = reported == unreachable ? unreachable : reported + cost};
  }
  void hear(Input input, NeighborId from, Distance reported) {
    begin();
    dual.hear(net::Time{}, entry, input, path_of(from, reported));
  }
  std::vector<NeighborId> asked(const Entry&) override { return neighbors; }
  void changed(Entry&) override {}
  void transition(const Entry&, const Transition& made) override { transitions.push_back(made.number); }
};

// Each of the sixteen is reached, by the way Figure 1 draws it.
TEST(Checklist34, Line21_AllSixteenTransitions) {
  Bench b;
  b.update(1, 10);
  EXPECT_THAT(b.transitions, ElementsAre(2));
  b.query(2, 20);
  EXPECT_THAT(b.transitions, ElementsAre(1));
  EXPECT_THAT(b.replies(), ElementsAre(2));

  b.update(1, 30);
  EXPECT_THAT(b.transitions, ElementsAre(4));
  b.update(3, 50);
  EXPECT_THAT(b.transitions, ElementsAre(7));
  b.query(3, 50);
  EXPECT_THAT(b.transitions, ElementsAre(6));
  EXPECT_THAT(b.replies(), ElementsAre(3));
  b.update(1, 40);
  EXPECT_THAT(b.transitions, ElementsAre(9));
  b.reply(2, 60);
  EXPECT_THAT(b.transitions, ElementsAre(8));
  b.reply(3, 50);
  b.reply(1, 40);
  EXPECT_THAT(b.transitions, ElementsAre(8, 11)) << "nobody below 35, the distance that was told";
  b.reply(1, 40);
  b.reply(2, 60);
  b.reply(3, 50);
  EXPECT_THAT(b.transitions, ElementsAre(8, 15));
  EXPECT_EQ(b.entry.feasible, 45u);

  b.link(1, 30);  // 70 instead of 45; the next is 3 at 55, which reports 50
  EXPECT_THAT(b.transitions, ElementsAre(4));
  b.link(1, 40);
  EXPECT_THAT(b.transitions, ElementsAre(9));
  b.reply(1, 40);
  b.reply(2, 60);
  b.reply(3, 50);
  EXPECT_THAT(b.transitions, ElementsAre(8, 14)) << "3 reports less than the 70 that were told";
  EXPECT_EQ(b.entry.feasible, 55u);

  b.query(3, 100);
  EXPECT_THAT(b.transitions, ElementsAre(3));
  b.link(3, 10);
  EXPECT_THAT(b.transitions, ElementsAre(10));
  EXPECT_EQ(b.origin(), 2);
  b.update(3, 110);
  EXPECT_THAT(b.transitions, ElementsAre(7));
  b.reply(1, unreachable);
  b.reply(2, 200);
  b.reply(3, 110);
  EXPECT_THAT(b.transitions, ElementsAre(8, 12)) << "nobody below 105";
  b.reply(1, unreachable);
  b.reply(2, 200);
  b.reply(3, 110);
  EXPECT_THAT(b.transitions, ElementsAre(8, 13));
  EXPECT_THAT(b.replies(), ElementsAre(3));

  b.update(3, 300);
  EXPECT_THAT(b.transitions, ElementsAre(4));
  b.query(3, 300);
  EXPECT_THAT(b.transitions, ElementsAre(5));
  EXPECT_EQ(b.origin(), 2);
  b.reply(1, unreachable);
  b.reply(3, 300);
  b.reply(2, 200);
  EXPECT_THAT(b.transitions, ElementsAre(8, 16)) << "2 reports less than the 310 that were told";
  EXPECT_THAT(b.replies(), ElementsAre(3));
}

TEST(Checklist34, Line19_NothingChangesWhileActive) {
  Bench b;
  b.update(1, 10);
  b.update(2, 20);
  b.update(1, 30);
  ASSERT_TRUE(b.entry.active);
  const auto told = b.entry.advertised.distance;
  const auto feasible = b.entry.feasible;
  b.update(3, 1);
  EXPECT_THAT(b.successors(), ElementsAre(1)) << "3 is the shortest now, and not yet chosen";
  EXPECT_EQ(b.entry.advertised.distance, told);
  EXPECT_EQ(b.entry.feasible, feasible);
  for (const NeighborId n : {1, 2, 3}) b.reply(n, n == 3 ? 1 : 30);
  EXPECT_FALSE(b.entry.active);
  EXPECT_THAT(b.successors(), ElementsAre(3));
}

TEST(Checklist34, Line20_FeasibleMeansStrictlyBelowTheHistoricMinimum) {
  Bench b;
  b.update(1, 10);
  EXPECT_EQ(b.entry.feasible, 15u);
  b.link(1, 8);
  EXPECT_EQ(b.entry.advertised.distance, 18u);
  EXPECT_EQ(b.entry.feasible, 15u) << "the least since the last ACTIVE to PASSIVE, not the present distance";
  b.update(2, 14);
  b.lose(1);
  EXPECT_FALSE(b.entry.active) << "14 is below 15";
  EXPECT_THAT(b.successors(), ElementsAre(2));
  Bench equal;
  equal.update(1, 10);
  equal.update(2, 15);
  equal.lose(1);
  EXPECT_TRUE(equal.entry.active) << "15 is not below 15";
}

TEST(Checklist34, Line22_FeasibleDistanceIsResetAfterAnOwnQuery) {
  Bench b;
  b.update(1, 10);
  b.update(2, 90);
  b.lose(1);
  ASSERT_TRUE(b.entry.active);
  EXPECT_EQ(b.entry.feasible, 15u);
  b.reply(2, 90);
  b.reply(3, unreachable);
  EXPECT_EQ(b.entry.feasible, 95u);
  EXPECT_THAT(b.transitions, ElementsAre(8, 15));
}

TEST(Checklist34, Line27_ALostNeighborHasAnswered) {
  Bench b;
  b.update(1, 10);
  b.lose(1);
  EXPECT_THAT(b.awaited(), UnorderedElementsAre(2, 3));
  b.lose(2);
  EXPECT_THAT(b.awaited(), ElementsAre(3));
  b.lose(3);
  EXPECT_FALSE(b.entry.active);
  EXPECT_THAT(b.successors(), IsEmpty());
}

TEST(Checklist34, Line29_InternalBeforeExternal) {
  Bench b;
  b.external(1, 10);
  EXPECT_THAT(b.successors(), ElementsAre(1));
  b.update(2, 12);
  EXPECT_THAT(b.successors(), ElementsAre(2)) << "whatever the metric";
  b.update(2, unreachable);
  EXPECT_THAT(b.successors(), ElementsAre(1));
}

// The internal one is preferred but longer than what was told: no way is told before it is chosen.
TEST(Dual, AnInternalPathThatIsNotFeasibleBesideAnExternalOne) {
  for (const bool alone : {false, true}) {
    Bench b;
    b.external(1, 10);
    if (alone) b.neighbors.clear();
    b.update(2, 500);
    for (int round = 0; round < 4 && b.entry.active; ++round) {
      b.reply(2, 500);
      b.reply(3, unreachable);
      b.reply(1, unreachable);
    }
    EXPECT_FALSE(b.entry.active);
    EXPECT_THAT(b.successors(), ElementsAre(2));
    EXPECT_EQ(b.entry.feasible, 505u);
  }
}

TEST(Dual, ReplyThatNobodyAskedForIsNothing) {
  Bench b;
  b.update(1, 10);
  b.reply(2, 1);
  EXPECT_EQ(b.entry.paths.size(), 1u);
  EXPECT_THAT(b.successors(), ElementsAre(1));
}

TEST(Dual, WithoutNeighborsAnUnreachableDestinationIsGoneAtOnce) {
  Bench b;
  b.neighbors.clear();
  b.update(1, 10);
  b.update(1, unreachable);
  EXPECT_THAT(b.transitions, ElementsAre(4, 15));
  EXPECT_FALSE(b.entry.active);
  EXPECT_EQ(b.entry.feasible, unreachable);
}

TEST(Dual, VarianceTakesFeasibleOnesOnly) {
  Bench b;
  b.dual.set_limits({.variance = 3, .maximum_paths = 4});
  b.update(1, 10);
  b.update(2, 14);
  b.update(3, 15);
  EXPECT_THAT(b.successors(), ElementsAre(1, 2)) << "3 costs 20, but reports 15, no less than FD";
  b.link(2, 40);
  EXPECT_THAT(b.successors(), ElementsAre(1)) << "54 is more than three times 15";
}

// What destinations share of their past is as if each had its own.
TEST(Dual, EachDestinationRemembersItsOwnPast) {
  Bench b;
  net::SeededRandom random(11);
  std::vector<Entry> entries(4);
  std::vector<std::vector<int>> model(entries.size());
  for (int step = 0; step < 400; ++step) {
    const auto reported = 10 + random.below(3);
    const auto input = random.below(4) ? Input::update : Input::query;
    const bool together = random.below(8) != 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!together && random.below(2)) continue;
      b.transitions.clear();
      b.tell(entries[i], input, 1, reported);
      for (NeighborId neighbor = 1; neighbor <= 3; ++neighbor) b.tell(entries[i], Input::reply, neighbor, reported);
      model[i].insert(model[i].end(), b.transitions.begin(), b.transitions.end());
      std::vector<int> past;
      for (auto at = entries[i].past; at; at = at->before) past.insert(past.begin(), at->made.number);
      ASSERT_LE(past.size(), 2 * Dual::history_max);
      ASSERT_GE(past.size(), std::min(model[i].size(), Dual::history_max));
      ASSERT_TRUE(std::equal(past.rbegin(), past.rend(), model[i].rbegin()))
          << "destination " << i << ", step " << step;
    }
  }
  EXPECT_GT(model[0].size(), 100u);
}

}  // namespace
}  // namespace culvert::routing::eigrp
