// Few against std::vector, through random operations; the elements count themselves, so that none is lost or doubled.
#include "net/few.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "net/random.h"

namespace culvert::net {
namespace {

// An element that owns something: the sanitizers see each that is not destroyed once.
struct Owner {
  Owner(std::uint64_t number) : owned(std::make_shared<std::uint64_t>(number)) {}
  bool operator==(const Owner& other) const { return *owned == *other.owned; }
  std::shared_ptr<std::uint64_t> owned;
};

template <class T>
bool equal(const Few<T>& few, const std::vector<T>& model) {
  return std::equal(few.begin(), few.end(), model.begin(), model.end());
}

template <class T>
void live(std::uint64_t seed) {
  SeededRandom random(seed);
  Few<T> few;
  std::vector<T> model;
  for (int step = 0; step < 2000; ++step) {
    const auto number = random.below(4);
    switch (random.below(7)) {
      case 0:
      case 1:
      case 2:
        few.push_back(T(number));
        model.push_back(T(number));
        break;
      case 3: {
        const auto is_it = [&](const T& element) { return element == T(number); };
        ASSERT_EQ(erase_if(few, is_it), std::erase_if(model, is_it)) << "seed " << seed << ", step " << step;
        break;
      }
      case 4: {
        auto copy = few;
        ASSERT_TRUE(copy == few);
        few = random.below(2) ? Few<T>(few) : std::move(copy);
        break;
      }
      case 5: {
        const auto first = random.below(model.size() + 1), last = first + random.below(model.size() - first + 1);
        few.erase(few.begin() + first, few.begin() + last);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(first),
                    model.begin() + static_cast<std::ptrdiff_t>(last));
        break;
      }
      default: {
        const Few<T> other{T(number)};
        ASSERT_EQ(few == other, (model == std::vector{T(number)}));
        if (model.size() > 6) few.clear(), model.clear();
      }
    }
    ASSERT_TRUE(equal(few, model)) << "seed " << seed << ", step " << step;
    ASSERT_EQ(few.empty(), model.empty());
  }
}

TEST(Few, AgreesWithVector) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    live<std::uint16_t>(seed);
    live<std::uint64_t>(seed);
    live<Owner>(seed);
  }
}

TEST(Few, OneElementLiesWithin) {
  static_assert(sizeof(Few<std::uint64_t>) == 16 && sizeof(Few<std::uint16_t>) == 16);
  Few<std::uint64_t> few{7};
  const auto* const at = reinterpret_cast<const std::byte*>(&few.front());
  EXPECT_TRUE(at >= reinterpret_cast<const std::byte*>(&few) && at < reinterpret_cast<const std::byte*>(&few + 1));
}

}  // namespace
}  // namespace culvert::net
