#include "router/packet_filters.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "config-store/store.h"
#include "router/router.h"

namespace culvert::router {
namespace {

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, {"GigabitEthernet0/0"});
    return one;
  }();
  return *made;
}

// Work for the helper waits until the test does it.
struct Control {
  std::unique_ptr<config::Store> store = config::Store::in_memory(registry());
  std::vector<std::pair<std::function<void()>, std::function<void()>>> work;
  int compiled = 0;
  PacketFilters filters{{.elsewhere = [this](auto does, auto done) { work.emplace_back(does, done); },
                         .compiled = [this] { ++compiled; }}};

  Control() { store->add_permanent("interface", "GigabitEthernet0/0"); }
  void say(const std::string& text) {
    for (const auto& refused : store->load(text)) ADD_FAILURE() << refused.line << ": " << refused.message();
    filters.configure(*store, true);
  }
  std::shared_ptr<const dataplane::PacketFilter> in() { return filters.by_interface()["GigabitEthernet0/0"].in; }
  void do_work() {
    while (!work.empty()) {
      const auto [does, done] = work.front();
      work.erase(work.begin());
      does();
      done();
    }
  }
  access_lists::Entry entry(std::uint32_t sequence) {
    return {.sequence = sequence, .source = access_lists::WildcardAddress::host(sequence)};
  }
};

constexpr auto applies = "interface GigabitEthernet0/0\n ip access-group A in\n";

std::string long_list(unsigned lines) {
  std::string text = "ip access-list standard A\n";
  for (unsigned i = 0; i < lines; ++i) text += fmt::format(" permit 10.0.{}.{}\n", i / 250, i % 250 + 1);
  return text;
}

TEST(PacketFilters, AListThatIsNotThereOrEmptyPermitsAll) {
  Control control;
  control.say(applies);
  EXPECT_EQ(control.in(), nullptr);
  control.say("ip access-list standard A\n remark nothing yet\n");
  EXPECT_EQ(control.in(), nullptr);
  control.say("ip access-list standard A\n deny any\n");
  ASSERT_NE(control.in(), nullptr);
  control.say("no ip access-list standard A\n");
  EXPECT_EQ(control.in(), nullptr);
}

TEST(PacketFilters, ALongListIsInForceBeforeItIsCompiled) {
  Control control;
  control.say(long_list(300) + applies);
  const auto plain = control.in();
  ASSERT_NE(plain, nullptr);
  EXPECT_FALSE(plain->classifier->is_compiled());
  EXPECT_EQ(plain->lines.size(), 300u);
  control.do_work();
  EXPECT_EQ(control.compiled, 1);
  ASSERT_NE(control.in(), nullptr);
  EXPECT_TRUE(control.in()->classifier->is_compiled());
  EXPECT_EQ(control.in()->classifier->generation(), plain->classifier->generation());
}

// What was compiled of a list that has changed meanwhile is not used.
TEST(PacketFilters, AChangeWhileCompilingWins) {
  Control control;
  control.say(long_list(20) + applies);
  control.say("ip access-list standard A\n no 10\n");
  ASSERT_EQ(control.work.size(), 1u);
  const auto [does, done] = control.work.front();
  control.work.clear();
  does();
  done();
  EXPECT_EQ(control.compiled, 0);
  EXPECT_EQ(control.in()->lines.size(), 19u);
  control.do_work();
  EXPECT_EQ(control.compiled, 1);
  EXPECT_EQ(control.in()->lines.size(), 19u);
  EXPECT_TRUE(control.in()->classifier->is_compiled());
}

// Counts belong to a line of that number and that content.
TEST(PacketFilters, CountsOutliveUnrelatedEdits) {
  Control control;
  control.say("ip access-list standard A\n permit 0.0.0.10\n permit 0.0.0.20\n permit 0.0.0.30\n" +
              std::string(applies));
  for (const auto& line : control.in()->lines) line.hits->add(0);
  const auto old = control.in();
  control.say("ip access-list standard A\n no 20\n 15 permit 0.0.0.15\n 20 permit 0.0.0.21\n");
  EXPECT_EQ(control.filters.hits("A", control.entry(10)), 1u);
  EXPECT_EQ(control.filters.hits("A", control.entry(15)), 0u);
  EXPECT_EQ(control.filters.hits("A", {.sequence = 20, .source = access_lists::WildcardAddress::host(21)}), 0u);
  EXPECT_EQ(control.filters.hits("A", control.entry(30)), 1u);
  old->lines[0].hits->add(0);  // a worker that still sees the former list
  EXPECT_EQ(control.filters.hits("A", control.entry(10)), 2u);
  const std::string name = "A", other = "B";
  control.filters.clear_hits(&other);
  EXPECT_EQ(control.filters.hits("A", control.entry(10)), 2u);
  control.filters.clear_hits(&name);
  EXPECT_EQ(control.filters.hits("A", control.entry(10)), 0u);
  control.in()->lines[0].hits->add(0);
  EXPECT_EQ(control.filters.hits("A", control.entry(10)), 1u);
}

TEST(PacketFilters, ReportsKnowTheirLine) {
  Control control;
  control.say("ip access-list standard A\n deny 10.0.0.1 log-input\n permit any\n" + std::string(applies));
  EXPECT_EQ(control.in()->lines[1].log, 0u);
  const auto* line = control.filters.logged(control.in()->lines[0].log);
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->list, "A");
  EXPECT_FALSE(line->permit);
  EXPECT_TRUE(line->with_interface);
  const auto log = control.in()->lines[0].log;
  control.say("ip access-list standard A\n no 10\n");
  EXPECT_EQ(control.filters.logged(log), nullptr);
}

}  // namespace
}  // namespace culvert::router
