#include "ipsec-dataplane/classifier.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <vector>

#include "router/access_list_rules.h"
#include "tests/access-lists/random_lists.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

using access_lists::AccessList;

// The model: one entry after the other.
std::uint32_t model(const AccessList& list, const FlowKey& key) {
  const auto* entry = access_lists::first_match(list, router::fields_of(key));
  return entry == nullptr ? Classifier::no_match : static_cast<std::uint32_t>(entry - list.entries.data());
}

// Lists of one entry and of hundreds, so that both the compared and the compiled form are asked.
TEST(Classifier, AgreesWithTheFirstMatchOnAMillionPackets) {
  const auto seed = test::seed(20260401);
  SCOPED_TRACE(test::repeat(seed, "access_lists_test", "Classifier.AgreesWithTheFirstMatchOnAMillionPackets"));
  std::mt19937_64 random(seed);
  constexpr std::size_t packets = 1'000'000, packets_a_list = 10'000;
  std::size_t compiled = 0, matched = 0;
  for (std::size_t done = 0; done < packets; done += packets_a_list) {
    const auto list = test::random_list(random, 1 + random() % (done % (10 * packets_a_list) == 0 ? 300 : 40));
    const auto classifier = Classifier::build(router::classifier_rules(list));
    compiled += classifier->is_compiled();
    std::vector<FlowKey> keys(packets_a_list);
    for (auto& key : keys) key = test::random_key(random);
    std::vector<std::uint32_t> results(keys.size());
    classifier->look_up(keys, results);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto expected = model(list, keys[i]);
      matched += expected != Classifier::no_match;
      ASSERT_EQ(results[i], expected) << "packet " << i << " of list " << done / packets_a_list;
    }
  }
  EXPECT_GT(compiled, 50u);
  EXPECT_GT(matched, packets / 4);
  EXPECT_LT(matched, packets);
}

TEST(Classifier, WithoutRulesNothingMatches) {
  const auto classifier = Classifier::build({});
  const std::vector<FlowKey> keys(3);
  std::vector<std::uint32_t> results(3, 7);
  classifier->look_up(keys, results);
  EXPECT_EQ(results, std::vector(3, Classifier::no_match));
}

TEST(Classifier, EveryBuildIsAnotherGeneration) {
  const auto first = Classifier::build({}), second = Classifier::build({});
  EXPECT_NE(first->generation(), second->generation());
  EXPECT_NE(first->generation(), 0u);
}

TEST(Classifier, TakesThousandsOfRules) {
  std::vector<ClassifierRule> rules;
  for (std::uint32_t i = 0; i < 5000; ++i)
    rules.push_back(
        {.protocol = 17, .source = {0x0a000000 + i, 0xffffffff}, .destination_port = {1, 100}, .result = i});
  const auto classifier = Classifier::build(rules);
  ASSERT_TRUE(classifier->is_compiled());
  std::vector<FlowKey> keys;
  for (std::uint32_t i = 0; i < 5000; ++i)
    keys.push_back({.protocol = 17, .source = htonl(0x0a000000 + i), .destination_port = htons(100)});
  std::vector<std::uint32_t> results(keys.size());
  classifier->look_up(keys, results);
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(results[i], i);
}

}  // namespace
}  // namespace culvert::dataplane
