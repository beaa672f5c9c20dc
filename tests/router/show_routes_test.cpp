// The shows of routes answer whatever address and mask they are asked about: with an empty table, and with one that has
// a default route, a classful network and its parts.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <memory>

#include "routing/commands/show.h"

namespace culvert::routing {
namespace {

class Screen final : public parser::Terminal {
 public:
  void write(std::string_view text) override { shown += text; }
  void ask(std::string, bool, std::function<void(std::string)>) override {}
  void done() override { ++ends; }
  void on_interrupt(std::function<void()>) override {}
  void fail() override {}
  unsigned privilege() const override { return 1; }
  std::size_t width() const override { return 80; }
  std::string user() const override { return "console"; }
  std::string line_name() const override { return "con0"; }

  std::string shown;
  int ends = 0;
};

constexpr const char* addresses[]{"0.0.0.0",   "0.0.0.1",     "10.0.0.0",  "10.1.2.3",  "10.255.255.255",
                                  "127.0.0.1", "192.168.1.1", "224.0.0.5", "240.0.0.1", "255.255.255.255"};
constexpr const char* masks[]{"0.0.0.0",     "128.0.0.0",       "255.0.0.0",       "255.255.0.0",
                              "255.254.0.0", "255.255.255.254", "255.255.255.255", "255.0.255.0",
                              "0.0.0.1",     "0.255.255.255",   "254.255.255.255"};

std::vector<std::string> questions() {
  std::vector<std::string> all{"show ip route", "show ip route summary", "show ip route static",
                               "show ip route eigrp 7"};
  for (const auto* address : addresses) {
    all.push_back(fmt::format("show ip route {}", address));
    all.push_back(fmt::format("show ip route {} longer-prefixes", address));
    all.push_back(fmt::format("show ip cef {}", address));
    for (const auto* mask : masks)
      for (const auto* more : {"", " longer-prefixes"})
        all.push_back(fmt::format("show ip route {} {}{}", address, mask, more));
  }
  return all;
}

void ask_everything(const Rib& rib) {
  const InterfaceTable interfaces;
  parser::ExecCommands commands;
  add_route_shows(commands, {.interfaces = interfaces, .rib = rib, .counters = {}, .from_startup = {}, .now = {}});
  for (const auto& line : questions()) {
    const auto found = commands.tree().match(line);
    ASSERT_TRUE(std::holds_alternative<parser::Matched>(found)) << line;
    const auto& matched = std::get<parser::Matched>(found);
    const auto screen = std::make_shared<Screen>();
    commands[matched.command].run(matched.arguments, screen);
    EXPECT_EQ(screen->ends, 1) << line;
    EXPECT_TRUE(screen->shown.ends_with('\n')) << line;
  }
}

TEST(ShowRoutes, AnEmptyTableAnswersEverything) { ask_everything(Rib()); }

TEST(ShowRoutes, AFullTableAnswersEverything) {
  const Origin fixed{Source::static_route}, eigrp{Source::eigrp, 7};
  const auto to = [](const char* prefix, const Origin& origin, NextHop hop) {
    return Route{*net::Prefix::parse(prefix), {.origin = origin, .distance = 1, .next_hops = {std::move(hop)}}};
  };
  const auto gateway = *net::Address::parse("10.0.0.2");
  Rib rib;
  rib.set_usable_interfaces({"Gi0"});
  rib.replace({Source::connected}, {to("10.0.0.0/24", {Source::connected}, {std::nullopt, "Gi0"})});
  rib.replace({Source::local}, {to("10.0.0.1/32", {Source::local}, {std::nullopt, "Gi0"})});
  rib.replace(fixed, {to("0.0.0.0/0", fixed, {gateway, ""}), to("128.0.0.0/1", fixed, {std::nullopt, "Null0"}),
                      to("10.0.0.0/8", fixed, {gateway, ""}), to("10.1.2.3/32", fixed, {gateway, ""})});
  rib.replace(eigrp, {to("10.2.0.0/15", eigrp, {gateway, "Gi0"}), to("255.255.255.254/31", eigrp, {gateway, "Gi0"})});
  rib.settle({});
  ASSERT_EQ(rib.size(), 8u);
  ask_everything(rib);
}

}  // namespace
}  // namespace culvert::routing
