#include <string>

#include "trees.h"

namespace culvert::parser {
namespace {

struct Case {
  int line;
  const char* typed;
  const char* expected;
};

template <std::size_t N>
void expect(const CommandTree& tree, const Case (&cases)[N]) {
  for (const auto& c : cases) EXPECT_EQ(shown(tree.match(c.typed)), c.expected) << "case " << c.line << ": " << c.typed;
}

TEST(Match, ExecLines) {
  const auto tree =
      tree_of({"show version", "show ip (route [<prefix:prefix>]|interface [<interface:interface>] brief)",
               "show running-config [all:(all)]", "shutdown", "ping <host:word> [repeat <count:u32(1-1000)>]",
               "write [memory]", "banner <text:line>", "tcl", "configure [terminal]", "copy <from:word> <to:word>"});
  const Case cases[]{
      {1, "show version", "0"},
      {2, "SH VER", "0"},  // `sh` may be shutdown, which takes no `ver`
      {3, "sho ver", "0"},
      {4, "sh", "ambiguous"},
      {5, "show", "incomplete"},
      {6, "show ip", "incomplete"},
      {7, "show ip route 10.0.0.0/8", "1 prefix=10.0.0.0/8"},
      {8, "show ip int gi0/1 br", "1 interface=GigabitEthernet0/1"},
      {9, "show ip int Gi 0/1 br", "1 interface=GigabitEthernet0/1"},
      {10, "show ip int brief", "1"},
      {11, "show ip int gi", "incomplete"},
      {12, "show ip int gi 0/x", "invalid 17"},
      {13, "show run", "2"},
      {14, "show run ALL", "2 all=all"},
      {15, "show run al extra", "invalid 12"},
      {16, "   shutdown  ", "3"},
      {17, "shutdown now", "invalid 9"},
      {18, "ping r2 repeat 0010", "4 host=r2 count=10"},
      {19, "ping r2 repeat 1001", "invalid 15"},
      {20, "ping r2 repeat 10x", "invalid 17"},
      {21, "ping r2 r 5", "4 host=r2 count=5"},
      {22, "write", "5"},
      {23, "write mem", "5"},
      {24, "banner  ^C hello   all ^C  ", "6 text=^C hello   all ^C"},
      {25, "banner", "incomplete"},
      {26, "tclsh", "invalid 3"},
      {27, "", "empty"},
      {28, " \t ", "empty"},
      {29, "! show version", "empty"},
      {30, "  !", "empty"},
      {31, "zebra", "invalid 0"},
      {32, "configure network", "invalid 10"},
      {33, "configurex", "invalid 9"},
      {34, "co run start", "9 from=run to=start"},
      {35, "co t", "ambiguous"},
      {36, "show\tversion", "0"},
      {37, "show ip route 10.0.0.0/", "invalid 23"},
  };
  expect(tree, cases);
}

// The table of real devices in which only the character counts that no keyword can continue.
TEST(Match, CaretStandsUnderTheFirstCharacterThatNothingContinues) {
  const auto tree = tree_of({"configuration mode", "connect <host:word>", "dialer list", "shell run",
                             "terminal-queue entry <retries:u32>", "show ip community-list", "show running-config",
                             "username <name:word>", "unit one"});
  const Case cases[]{{1, "configure terminal", "invalid 8"},
                     {2, "tclsh", "invalid 1"},
                     {3, "disable", "invalid 2"},
                     {4, "show ip config", "invalid 10"},
                     {5, "terminal width 512", "invalid 9"},
                     {6, "show rux", "invalid 7"}};
  expect(tree, cases);
}

TEST(Match, AmbiguousWordIsSettledByWhatFollows) {
  const auto tree = tree_of({"show version", "shutdown", "shell run", "clear arp", "clear access-list", "cluster run"});
  const Case cases[]{{1, "sh ver", "0"},       {2, "sh r", "2"},           {3, "sh", "ambiguous"},
                     {4, "sh x", "invalid 3"}, {5, "sh vex", "invalid 5"}, {6, "cl ar", "3"},
                     {7, "cl a", "ambiguous"}, {8, "cl", "ambiguous"},     {9, "cl r", "5"}};
  expect(tree, cases);
}

TEST(Match, KeywordsBeatValues) {
  const auto tree = tree_of({"match (any|address <address:ipv4>|<name:word>)", "key [side:(local|remote)] <key:line>",
                             "name <n:u32>", "name <ip:ipv4>", "name <w:word>", "group <g:word>"});
  const Case cases[]{{1, "match any", "0"},
                     {2, "match an", "0"},
                     {3, "match anyone", "0 name=anyone"},
                     {4, "match a", "ambiguous"},
                     {5, "match x", "0 name=x"},
                     {6, "key local secret  word", "1 side=local key=secret  word"},
                     {7, "key l", "incomplete"},
                     {8, "key locals", "1 key=locals"},
                     {9, "name 7", "2 n=7"},
                     {10, "name 7.7.7.7", "3 ip=7.7.7.7"},
                     {11, "name 7.7.7", "4 w=7.7.7"},
                     {12, "group 7 8", "invalid 8"}};
  expect(tree, cases);
}

TEST(Match, ExactWordBeatsLongerOnes) {
  const auto tree = tree_of({"ip route", "ipv6 route", "esp-sha-hmac", "esp-sha256-hmac", "esp-sha"});
  const Case cases[]{{1, "ip route", "0"},
                     {2, "i route", "ambiguous"},
                     {3, "esp-sha", "4"},
                     {4, "esp-sha-", "2"},
                     {5, "esp-s", "ambiguous"}};
  expect(tree, cases);
}

TEST(Match, RepeatedItemsKeepTheirOrder) {
  const auto tree = tree_of({"encryption algorithm:(3des|aes-cbc-128|aes-cbc-256)...", "group <group:u32(1-24)>...",
                             "set (a <x:u32>|b <y:u32>)...", "use [<i:interface>]... end"});
  const Case cases[]{{1, "enc aes-cbc-256 3 aes-cbc-1", "0 algorithm=aes-cbc-256 algorithm=3des algorithm=aes-cbc-128"},
                     {2, "enc", "incomplete"},
                     {3, "enc aes", "ambiguous"},
                     {4, "enc aes aes aes aes aes aes aes aes aes aes aes", "ambiguous"},
                     {5, "group 19 14 5", "1 group=19 group=14 group=5"},
                     {6, "group 19 25", "invalid 9"},
                     {7, "set b 1 a 2 b 3", "2 y=1 x=2 y=3"},
                     {8, "use gi 0/1 tu1 lo 0 end", "3 i=GigabitEthernet0/1 i=Tunnel1 i=Loopback0"},
                     {9, "use end", "3"}};
  expect(tree, cases);
}

TEST(Match, NoAndDefaultMayStopEarly) {
  CommandTree tree;
  const CommandOptions negatable{.negatable = true};
  tree.add(0, compiled("lifetime <seconds:u32(120-86400)>"), negatable);
  tree.add(1, compiled("ip address <address:ipv4> <mask:mask> [secondary:(secondary)]"), negatable);
  tree.add(2, compiled("ip mtu <mtu:u32>"), negatable);
  tree.add(3, compiled("tunnel mode ipsec ipv4"), negatable);
  tree.add(4, compiled("authentication side:(local|remote) pre-share"), negatable);
  tree.add(5, compiled("exit"));
  tree.add(6, compiled("description <text:line>"), negatable);
  tree.add(7, compiled("default interface <interface:interface>"));
  tree.add(8, compiled("nothing"));
  const Case cases[]{{1, "no lifetime", "0 no"},
                     {2, "no lifetime 300", "0 no seconds=300"},
                     {3, "no lifetime 5", "invalid 12"},
                     {4, "no ip address", "1 no"},
                     {5, "no ip address 10.0.0.1", "1 no address=10.0.0.1"},
                     {6, "no ip", "incomplete"},
                     {7, "no", "incomplete"},
                     {8, "n lifetime", "invalid 2"},
                     {9, "def lifetime", "0 default"},
                     {10, "de", "ambiguous"},
                     {11, "no tunnel", "3 no"},
                     {12, "no auth", "4 no"},
                     {13, "no auth rem", "4 no side=remote"},
                     {14, "no auth rem pre", "4 no side=remote"},
                     {15, "no exit", "invalid 3"},
                     {16, "no description  old  text", "6 no text=old  text"},
                     {17, "no no lifetime", "invalid 3"},
                     {18, "default interface gi0/1", "7 interface=GigabitEthernet0/1"},
                     {19, "default", "incomplete"},
                     {20, "no mtu", "invalid 3"},
                     {21, "No Lifetime", "0 no"}};
  expect(tree, cases);
  EXPECT_EQ(shown(tree.match("n")), "8") << "`no` is typed in full";
}

// Where a slip of the hand would remove too much, `no` says more.
TEST(Match, NoMayHaveToSayMore) {
  CommandTree tree;
  tree.add(0, compiled("ip route <prefix:ipv4> <mask:mask> (<interface:interface>|<gateway:ipv4>) [name <name:word>]"),
           {.negatable = true, .no_until = "mask"});
  tree.add(1, compiled("hop limit <hops:u32>"), {.negatable = true, .no_until = "hops"});
  const Case cases[]{
      {1, "no ip", "incomplete"},
      {2, "no ip route", "incomplete"},
      {3, "default ip route", "incomplete"},
      {4, "no ip route 10.0.0.0", "incomplete"},
      {5, "no ip route 10.0.0.0 255.0.0.0", "0 no prefix=10.0.0.0 mask=255.0.0.0"},
      {6, "no ip route 10.0.0.0 255.0.0.0 name", "invalid 32"},
      {7, "no ip route 10.0.0.0 255.0.0.0 10.1.1.1 name", "0 no prefix=10.0.0.0 mask=255.0.0.0 gateway=10.1.1.1"},
      {8, "no hop", "incomplete"},
      {9, "no hop limit", "incomplete"},
      {10, "no hop limit 3", "1 no hops=3"}};
  expect(tree, cases);
}

TEST(Match, PrivilegeHidesCommands) {
  CommandTree tree;
  tree.add(0, compiled("show version"));
  tree.add(1, compiled("show running-config"), {.privilege = 15});
  tree.add(2, compiled("shutdown"), {.privilege = 15, .negatable = true});
  EXPECT_EQ(shown(tree.match("sh ver", 1)), "0");
  EXPECT_EQ(shown(tree.match("sh", 1)), "incomplete");
  EXPECT_EQ(shown(tree.match("show run", 1)), "invalid 5");
  EXPECT_EQ(shown(tree.match("show run", 15)), "1");
  EXPECT_EQ(shown(tree.match("no shut", 1)), "invalid 0");
  EXPECT_EQ(shown(tree.match("no shut", 15)), "2 no");
}

TEST(Match, HiddenCommandsMatchInFullOnly) {
  CommandTree tree;
  tree.add(0, compiled("transform algorithm:(esp-md5-hmac|esp-gcm)"));
  tree.add(1, compiled("transform alias:(esp-md5)"), {.hidden = true});
  tree.add(2, compiled("secret-command"), {.hidden = true});
  EXPECT_EQ(shown(tree.match("trans esp-m")), "0 algorithm=esp-md5-hmac") << "the hidden one makes nothing ambiguous";
  EXPECT_EQ(shown(tree.match("trans esp-md5")), "1 alias=esp-md5");
  EXPECT_EQ(shown(tree.match("secret-command")), "2");
  EXPECT_EQ(shown(tree.match("secret")), "invalid 0");
}

TEST(Match, TextsOfIos) {
  EXPECT_EQ(error_text(Invalid{8}, "configure terminal", 17),
            std::string(25, ' ') + "^\n% Invalid input detected at '^' marker.\n\n");
  EXPECT_EQ(error_text(Incomplete{}, "show", 3), "% Incomplete command.\n\n");
  EXPECT_EQ(error_text(Ambiguous{}, "show c", 3), "% Ambiguous command:  \"show c\"\n\n");
  EXPECT_EQ(error_text(Empty{}, "", 3), "");
  EXPECT_EQ(error_text(Invalid{6}, "caf\xc3\xa9 x", 0).find('^'), 5u) << "an octet is not a column";
}

}  // namespace
}  // namespace culvert::parser
