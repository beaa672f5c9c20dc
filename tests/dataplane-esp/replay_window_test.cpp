// The anti-replay window: its edges by a table, the rest beside a model so simple that it must be right.
#include "ipsec-dataplane/replay_window.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

#include <gtest/gtest.h>

#include "tests/dataplane-esp/seed.h"

namespace culvert::dataplane {
namespace {

struct Case {
  int line;
  std::uint32_t sequence;
  bool fresh;
};

void play(ReplayWindow& window, std::span<const Case> cases) {
  for (const auto& c : cases) {
    EXPECT_EQ(window.fresh(c.sequence), c.fresh) << "case " << c.line;
    EXPECT_EQ(window.accept(c.sequence), c.fresh) << "case " << c.line;
  }
}

TEST(ReplayWindow, Table) {
  constexpr Case cases[]{
      {1, 0, false},
      {2, 1, true},
      {3, 1, false},
      {4, 9, true},
      {5, 8, true},
      {6, 8, false},
      {7, 64, true},
      {8, 2, true},
      {9, 65, true},
      {10, 2, false},
      {11, 66, true},
      {12, 3, true},
      {13, 130, true},
      {14, 66, false},
      {15, 67, true},
      {16, 129, true},
      {17, 1194, true},
      {18, 1130, false},
      {19, 1131, true},
      {20, 1193, true},
      {21, 1, false},
      {22, 100000, true},
      {23, 99936, false},
      {24, 99937, true},
      {25, 100000, false},
      {26, 0xffffffff, true},
      {27, 0xfffffffe, true},
      {28, 0xffffffff, false},
      {29, 0xffffffbf, false},
      {30, 0xffffffc0, true},
      {31, 0, false},
      {32, 1, false},
  };
  ReplayWindow window(64);
  play(window, cases);
}

TEST(ReplayWindow, WidestHoldsExactlyItsSize) {
  constexpr Case cases[]{{1, 5000, true},  {2, 3976, false}, {3, 3977, true}, {4, 3977, false}, {5, 5001, true},
                         {6, 3977, false}, {7, 3978, true},  {8, 5063, true}, {9, 4039, false}, {10, 4040, true}};
  ReplayWindow window(1024);
  play(window, cases);
}

TEST(ReplayWindow, LookingChangesNothing) {
  ReplayWindow window(64);
  EXPECT_TRUE(window.fresh(4000000000));
  EXPECT_EQ(window.newest(), 0u);
  EXPECT_TRUE(window.accept(1));
}

TEST(ReplayWindow, SizeZeroIsOff) {
  ReplayWindow window(0);
  for (const std::uint32_t sequence : {0u, 7u, 7u, 1u, 0xffffffffu, 7u}) EXPECT_TRUE(window.accept(sequence));
}

// What the RFC says, in as many words: refuse zero, the old and the known.
class Model {
 public:
  explicit Model(std::uint64_t size) : size_(size) {}
  bool accept(std::uint64_t sequence) {
    if (sequence == 0 || sequence + size_ <= newest_ || !seen_.insert(sequence).second) return false;
    newest_ = std::max(newest_, sequence);
    while (*seen_.begin() + size_ <= newest_) seen_.erase(seen_.begin());
    return true;
  }
  std::uint64_t newest() const { return newest_; }

 private:
  std::uint64_t size_, newest_ = 0;
  std::set<std::uint64_t> seen_;
};

// Mostly near the newest, within and around the window; now and then a leap, sometimes to the end of the numbers.
std::uint32_t next_sequence(net::Random& random, std::uint64_t newest, std::uint32_t size) {
  const auto kind = random.below(1000);
  if (kind == 0) return static_cast<std::uint32_t>(newest + random.below(4096));
  if (kind == 1) return static_cast<std::uint32_t>(random.below(newest + 1));
  const auto ahead = random.below(3) == 0 ? 1 + random.below(4) : 0;
  const auto back = ahead == 0 ? random.below(size + size / 4 + 2) : 0;
  const auto sequence = newest + ahead - std::min(back, newest);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sequence, 0xffffffff));
}

class ReplayWindowSize : public testing::TestWithParam<std::uint32_t> {};

TEST_P(ReplayWindowSize, Checklist33Line04AgreesWithTheModel) {
  const auto size = GetParam();
  SCOPED_TRACE(repeat_with());
  net::SeededRandom random(seed() + size);
  // Half of the steps begin at 1, half so that they run into the last number.
  for (const std::uint32_t start : {0u, 0xffffffffu - 200000u}) {
    ReplayWindow window(size);
    Model model(size);
    ASSERT_EQ(window.accept(start), model.accept(start));
    unsigned accepted = 0;
    for (int step = 0; step < 75'000; ++step) {
      const auto sequence = next_sequence(random, model.newest(), size);
      const bool expected = model.accept(sequence);
      ASSERT_EQ(window.fresh(sequence), expected) << "step " << step << ", sequence " << sequence;
      ASSERT_EQ(window.accept(sequence), expected) << "step " << step << ", sequence " << sequence;
      accepted += expected;
    }
    EXPECT_GT(accepted, 10'000u);
    EXPECT_LT(accepted, 74'000u);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReplayWindowSize, testing::Values(64, 96, 128, 200, 256, 512, 1024),
                         testing::PrintToStringParamName());

constexpr std::uint64_t epoch = std::uint64_t{1} << 32;

// RFC 4303 appendix A2 in a sentence: of all numbers with this lower half, the one from the window's bottom on, within
// 2^32. Where that lies before the first packet ever, it is the one of the first epoch.
std::uint64_t extended_by_the_book(std::uint64_t newest, std::uint64_t size, std::uint32_t low) {
  const auto bottom = static_cast<std::int64_t>(newest) - static_cast<std::int64_t>(size) + 1;
  for (auto candidate = static_cast<std::int64_t>((newest / epoch + 1) * epoch + low);; candidate -= epoch)
    if (candidate < bottom + static_cast<std::int64_t>(epoch))
      return candidate < 0 ? low : static_cast<std::uint64_t>(candidate);
}

struct Guess {
  int line;
  std::uint64_t newest;
  std::uint32_t low;
  std::uint64_t whole;
};

TEST(ReplayWindow, Checklist33Line03UpperHalfAtTheBoundaries) {
  constexpr Guess cases[]{
      {1, 0, 1, 1},
      {2, 0, 0xffffffff, 0xffffffff},
      {3, 62, 0xffffffff, 0xffffffff},
      {4, 64, 0, epoch},
      {5, 100, 37, 37},
      {6, 100, 36, epoch + 36},
      {7, epoch - 1, 0, epoch},
      {8, epoch - 1, 0xffffffc0, epoch - 64},
      {9, epoch - 1, 0xffffffbf, 2 * epoch - 65},
      {10, epoch, 0xffffffc1, epoch - 63},
      {11, epoch, 0xffffffc0, 2 * epoch - 64},
      {12, epoch + 62, 0xffffffff, epoch - 1},
      {13, epoch + 63, 0xffffffff, 2 * epoch - 1},
      {14, epoch + 63, 0, epoch},
      {15, 7 * epoch + 5, 0xfffffff0, 7 * epoch - 16},
  };
  for (const auto& c : cases) {
    ReplayWindow window(64);
    ASSERT_EQ(window.accept(c.newest), c.newest != 0);
    EXPECT_EQ(window.extended(c.low), c.whole) << "case " << c.line;
    EXPECT_EQ(extended_by_the_book(c.newest, 64, c.low), c.whole) << "case " << c.line;
  }
}

// A million packets of a sender with extended numbers, near and across the ends of epochs, of which the window sees the
// lower half only.
TEST_P(ReplayWindowSize, Checklist33Line03ExtendedAgreesWithTheModel) {
  const auto size = GetParam();
  SCOPED_TRACE(repeat_with());
  net::SeededRandom random(seed() + size);
  for (const std::uint64_t start : {std::uint64_t{1}, epoch - 40'000, 5 * epoch - 40'000}) {
    ReplayWindow window(size);
    Model model(size);
    ASSERT_EQ(window.accept(start), model.accept(start));
    for (int step = 0; step < 50'000; ++step) {
      const auto back = std::min<std::uint64_t>(random.below(size + 9), model.newest());
      const auto near = model.newest() + (random.below(3) == 0 ? 0 - back : 1 + random.below(8));
      const auto low = static_cast<std::uint32_t>(random.below(5000) == 0 ? near + random.below(3 * epoch / 2) : near);
      const auto whole = extended_by_the_book(model.newest(), size, low);
      ASSERT_EQ(window.extended(low), whole) << "step " << step << ", lower half " << low;
      const bool verifies = whole < model.newest() + 100'000;  // else it was not what the sender meant
      if (!verifies) continue;
      ASSERT_EQ(window.accept(whole), model.accept(whole)) << "step " << step << ", sequence " << whole;
    }
    EXPECT_GT(model.newest(), start + 10'000);
    EXPECT_EQ(window.newest(), model.newest());
  }
}

}  // namespace
}  // namespace culvert::dataplane
