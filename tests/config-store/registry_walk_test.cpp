#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config-store/sample_registry.h"
#include "tests/support/registry_test.h"

namespace culvert::config {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Row {
  std::string name;
  std::optional<std::uint32_t> lifetime_s;
};

Registry one_mode(LeafDefinition leaf) {
  Registry registry;
  std::vector<LeafDefinition> leaves;
  leaves.push_back(std::move(leaf));
  registry.add(mode<Row>({.enter = "thing <name:word>",
                          .help = {"A thing", "Its name"},
                          .key = &Row::name,
                          .prompt = "config-thing",
                          .leaves = std::move(leaves)}));
  registry.complete();
  return registry;
}

TEST(RegistryWalk, SampleRegistryIsWithoutFault) {
  const auto registry = sample::registry();
  EXPECT_THAT(culvert::testing::registry_faults(registry), IsEmpty());
}

TEST(RegistryWalk, FindsMissingHelp) {
  const auto registry = one_mode(leaf("lifetime <seconds:u32>", &Row::lifetime_s, {.help = {"Set lifetime"}}));
  EXPECT_THAT(culvert::testing::registry_faults(registry), Contains(HasSubstr("with its help")));
}

TEST(RegistryWalk, FindsAnImpossibleCheck) {
  const auto never = [](const LeafChange<std::uint32_t>&, const View&) -> Accepted {
    return std::unexpected(Refusal{"never"});
  };
  const auto registry =
      one_mode(leaf("lifetime <seconds:u32>", &Row::lifetime_s, {.help = {"Set lifetime", "Seconds"}, .check = never}));
  EXPECT_THAT(culvert::testing::registry_faults(registry), Contains(HasSubstr("name one by .examples")));
}

TEST(RegistryWalk, FindsTextThatCannotBeReadBack) {
  const auto registry = one_mode(leaf("lifetime <seconds:u32>", &Row::lifetime_s,
                                      {.help = {"Set lifetime", "Seconds"}, .render_absent = "no such thing"}));
  EXPECT_THAT(culvert::testing::registry_faults(registry), Contains(HasSubstr("is refused")));
}

}  // namespace
}  // namespace culvert::config
