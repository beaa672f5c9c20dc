// Access lists as they are configured: numbers, order, both spellings, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access-lists/commands/definitions.h"
#include "access-lists/commands/show.h"
#include "config-store/store.h"
#include "router/router.h"

namespace culvert::access_lists {
namespace {

using ::testing::HasSubstr;

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    router::define_configuration(*one, {"GigabitEthernet0/0"});
    return one;
  }();
  return *made;
}

struct Typed {
  std::unique_ptr<config::Store> store = config::Store::in_memory(registry());
  config::Context context;

  Typed() { store->add_permanent("interface", "GigabitEthernet0/0"); }
  // The first complaint, or "".
  std::string type(const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
      const auto outcome = store->execute(context, line);
      if (!outcome.ok()) return outcome.kind == config::Outcome::Kind::refused ? outcome.refusal.text : "mistaken";
    }
    return {};
  }
  // The running-config from the first access list on.
  std::string lists() const {
    const auto text = store->render_running();
    const auto at = std::min(text.find("\nip access-list "), text.find("\naccess-list "));
    return at == std::string::npos ? "" : text.substr(at + 1);
  }
  void reads_back() const {
    const auto text = store->render_running();
    const auto other = config::Store::in_memory(registry());
    other->add_permanent("interface", "GigabitEthernet0/0");
    EXPECT_TRUE(other->load(text).empty());
    EXPECT_EQ(other->render_running(), text);
  }
};

TEST(AccessListCommands, NumbersFollowInTens) {
  Typed t;
  EXPECT_EQ(t.type({"ip access-list extended A", "permit tcp any any eq 80", "deny udp any any",
                    "15 permit icmp any any echo"}),
            "");
  EXPECT_EQ(t.lists(),
            "ip access-list extended A\n 10 permit tcp any any eq www\n 15 permit icmp any any echo\n"
            " 20 deny udp any any\n!\n");
  t.reads_back();
}

TEST(AccessListCommands, LinesBecomeCanonical) {
  Typed t;
  EXPECT_EQ(
      t.type({"ip access-list extended A", "permit ip 10.1.1.5 0.0.0.255 10.9.8.7 0.0.0.0",
              "permit 6 0.0.0.0 255.255.255.255 any", "permit tcp any any range 3000 2000", "permit icmp any any 3 13",
              "permit ip 10.1.2.3 0.255.0.255 any dscp 46 log", "permit udp any eq 53 514 any neq 69",
              "permit tcp any any match-all -fin +ack", "permit tcp any any match-any +syn"}),
      "");
  EXPECT_EQ(t.lists(),
            "ip access-list extended A\n 10 permit ip 10.1.1.0 0.0.0.255 host 10.9.8.7\n"
            " 20 permit tcp any any\n 30 permit tcp any any range 2000 3000\n"
            " 40 permit icmp any any administratively-prohibited\n"
            " 50 permit ip 10.0.2.0 0.255.0.255 any dscp ef log\n 60 permit udp any eq domain syslog any neq tftp\n"
            " 70 permit tcp any any match-all +ack -fin\n 80 permit tcp any any syn\n!\n");
  t.reads_back();
}

TEST(AccessListCommands, NumberedListsAreLinesOfTheirOwn) {
  Typed t;
  EXPECT_EQ(t.type({"access-list 101 remark the web", "access-list 101 permit tcp any any eq www",
                    "access-list 1 permit 10.0.0.9 0.0.0.255", "access-list 1 deny any log",
                    "ip access-list extended 101", "5 deny ip host 10.0.0.1 any"}),
            "");
  EXPECT_EQ(t.lists(),
            "access-list 1 permit 10.0.0.0 0.0.0.255\naccess-list 1 deny any log\n!\n"
            "access-list 101 deny ip host 10.0.0.1 any\naccess-list 101 remark the web\n"
            "access-list 101 permit tcp any any eq www\n!\n");
  t.reads_back();
  EXPECT_EQ(t.type({"no access-list 1"}), "");
  EXPECT_THAT(t.lists(), ::testing::Not(HasSubstr("access-list 1 ")));
}

TEST(AccessListCommands, RemarksStandBeforeTheirEntry) {
  Typed t;
  EXPECT_EQ(t.type({"ip access-list standard S", "remark one", "remark two", "permit host 10.0.0.1", "remark last"}),
            "");
  EXPECT_EQ(t.lists(),
            "ip access-list standard S\n 10 remark one\n 10 remark two\n 10 permit 10.0.0.1\n 20 remark last\n!\n");
  t.reads_back();
  EXPECT_EQ(t.type({"no 10 remark one", "no 10"}), "");
  EXPECT_EQ(t.lists(), "ip access-list standard S\n 10 remark two\n 20 remark last\n!\n");
}

TEST(AccessListCommands, WhatIsThereSaysNothingNew) {
  Typed t;
  EXPECT_EQ(t.type({"ip access-list extended A", "permit ip any any", "permit ip any any", "50 permit ip any any"}),
            "");
  EXPECT_EQ(t.lists(), "ip access-list extended A\n 10 permit ip any any\n!\n");
  EXPECT_EQ(t.type({"10 deny ip any any"}), "% Duplicate sequence number");
  EXPECT_EQ(t.lists(), "ip access-list extended A\n 10 permit ip any any\n!\n");
}

TEST(AccessListCommands, NoRemovesByNumberOrByContent) {
  Typed t;
  EXPECT_EQ(t.type({"ip access-list extended A", "permit tcp any any", "permit tcp any any eq www",
                    "permit udp any any", "no permit tcp any any", "no 30"}),
            "");
  EXPECT_EQ(t.lists(), "ip access-list extended A\n 20 permit tcp any any eq www\n!\n");
}

TEST(AccessListCommands, ResequencingKeepsOrderAndRemarks) {
  Typed t;
  EXPECT_EQ(t.type({"ip access-list extended A", "permit tcp any any", "remark x", "permit udp any any",
                    "15 deny icmp any any", "ip access-list resequence A 100 5"}),
            "");
  EXPECT_EQ(t.lists(),
            "ip access-list extended A\n 100 permit tcp any any\n 105 deny icmp any any\n 110 remark x\n"
            " 110 permit udp any any\n!\n");
  EXPECT_EQ(t.type({"ip access-list resequence A 2147483646 5"}), "% Exceeded maximum sequence number");
  EXPECT_THAT(t.lists(), HasSubstr(" 100 permit tcp any any\n"));
  EXPECT_EQ(t.type({"ip access-list resequence B"}), "% Access list does not exist");
}

TEST(AccessListCommands, RefusalsLeaveNothingBehind) {
  Typed t;
  EXPECT_EQ(t.type({"ip access-list standard S"}), "");
  EXPECT_EQ(t.type({"ip access-list extended S"}), "% A named standard IP access list with this name already exists");
  EXPECT_EQ(t.type({"ip access-list standard 101"}), "% Invalid access list name.");
  EXPECT_EQ(t.type({"access-list 101 permit ip 10.0.0.300 0.0.0.255 any"}), "mistaken");
  EXPECT_EQ(t.type({"access-list 1 permit tcp any any"}), "mistaken");
  EXPECT_EQ(t.type({"access-list 102 permit tcp any any eq 1 2 3 4 5 6 7 8 9 10 11"}),
            "% No more than 10 ports can be given");
  EXPECT_EQ(t.type({"access-list 102 permit tcp any any eq 80 fragments"}),
            "% Later fragments show no ports, flags or messages");
  EXPECT_EQ(t.lists(), "ip access-list standard S\n!\n");
}

TEST(AccessListCommands, InterfacesApplyOneListEachWay) {
  Typed t;
  EXPECT_EQ(t.type({"interface GigabitEthernet0/0", "ip access-group OUT out", "ip access-group 101 in",
                    "ip access-group 102 in"}),
            "");
  EXPECT_THAT(t.store->render_running(), HasSubstr(" ip access-group 102 in\n ip access-group OUT out\n"));
  const auto filters = interface_filters(*t.store);
  ASSERT_EQ(filters.size(), 1u);
  EXPECT_EQ(filters[0].in, "102");
  EXPECT_EQ(filters[0].out, "OUT");
  EXPECT_EQ(t.type({"no ip access-group 102 in", "no ip access-group OUT out"}), "");
  EXPECT_TRUE(interface_filters(*t.store).empty());
}

TEST(AccessListCommands, ShownWithTheirHits) {
  Typed t;
  EXPECT_EQ(
      t.type({"access-list 99 permit 172.16.191.199", "access-list 99 deny any log",
              "access-list 99 permit 10.0.10.0 0.255.0.255", "access-list 101 permit tcp any host 10.1.1.1 eq www",
              "access-list 101 permit tcp any any established log"}),
      "");
  const ShowSources sources{*t.store,
                            [](const std::string&, const Entry& entry) {
                              return entry.sequence == 30 ? 20u : entry.sequence == 20 ? 1u : 0u;
                            },
                            [](const std::string*) {}};
  EXPECT_EQ(show_access_lists(sources, nullptr),
            "Standard IP access list 99\n    10 permit 172.16.191.199\n    20 deny   any log (1 match)\n"
            "    30 permit 10.0.10.0, wildcard bits 0.255.0.255 (20 matches)\n"
            "Extended IP access list 101\n    10 permit tcp any host 10.1.1.1 eq www\n"
            "    20 permit tcp any any established log (1 match)\n");
  const std::string only = "101", none = "55";
  EXPECT_THAT(show_access_lists(sources, &only), ::testing::StartsWith("Extended IP access list 101\n"));
  EXPECT_EQ(show_access_lists(sources, &none), "");
}

}  // namespace
}  // namespace culvert::access_lists
