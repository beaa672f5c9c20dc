#include "trees.h"

namespace culvert::parser {
namespace {

CommandTree profile_tree() {
  CommandTree tree;
  const CommandOptions negatable{.negatable = true};
  tree.add(0, compiled("lifetime <seconds:u32(120-86400)>", {"Set lifetime of the IKE SA", "Seconds"}), negatable);
  tree.add(1,
           compiled("tunnel protection ipsec profile <name:word> [shared:(shared)]",
                    {"Tunnel interface", "Protection", "IPsec", "The profile", "Profile name",
                     "Use a shared socket for the crypto connection."}),
           negatable);
  tree.add(2,
           compiled("tunnel source (<address:ipv4>|<interface:interface>)",
                    {"", "Source of packets", "IP address", "Interface"}),
           negatable);
  tree.add(3, compiled("tunnel mode ipsec ipv4"), negatable);
  tree.add(4, compiled("description <text:line>", {"A description", "Up to 200 characters"}), negatable);
  tree.add(5, compiled("exit", {"Leave this mode"}));
  tree.add(6, compiled("lifeboat"), {.hidden = true});
  return tree;
}

std::string page(const char* typed) { return help_text(profile_tree().help(typed)); }

TEST(Help, BareQuestionMarkListsTheMode) {
  EXPECT_EQ(page(""),
            "  default      Set a command to its defaults\n"
            "  description  A description\n"
            "  exit         Leave this mode\n"
            "  lifetime     Set lifetime of the IKE SA\n"
            "  no           Negate a command or set its defaults\n"
            "  tunnel       Tunnel interface\n");
}

TEST(Help, RowsOfWhatMayComeNext) {
  EXPECT_EQ(page("lifetime "), "  <120-86400>  Seconds\n");
  EXPECT_EQ(page("no lifetime "), "  <120-86400>  Seconds\n  <cr>         <cr>\n");
  EXPECT_EQ(page("lifetime 300 "), "  <cr>  <cr>\n");
  EXPECT_EQ(page("tunnel protection ipsec profile PROF "),
            "  shared  Use a shared socket for the crypto connection.\n"
            "  <cr>    <cr>\n");
  EXPECT_EQ(page("tunnel source "),
            "  A.B.C.D          IP address\n"
            "  GigabitEthernet  GigabitEthernet IEEE 802.3z\n"
            "  Loopback         Loopback interface\n"
            "  Null             Null interface\n"
            "  Serial           Serial\n"
            "  Tunnel           Tunnel interface\n");
  EXPECT_EQ(page("tunnel source tun "), "  <0-2147483647>  Tunnel interface number\n");
  EXPECT_EQ(page("tunnel source tun 1 "), "  <cr>  <cr>\n");
  EXPECT_EQ(page("description "), "  LINE  Up to 200 characters\n");
  EXPECT_EQ(page("description to the hub "), "  LINE  Up to 200 characters\n  <cr>  <cr>\n");
  EXPECT_EQ(page("tunnel mode "), "  ipsec\n");
}

TEST(Help, WordsThatATouchedWordMayBecome) {
  EXPECT_EQ(page("de"), "default      description\n");
  EXPECT_EQ(page("n"), "no\n");
  EXPECT_EQ(page("life"), "lifetime\n");
  EXPECT_EQ(page("lifetime 1"), "<120-86400>\n");
  EXPECT_EQ(page("tunnel source g"), "GigabitEthernet\n");
  EXPECT_EQ(page("tunnel source gi0/"), "<0-9>\n");
  EXPECT_EQ(page("tunnel source gi 0"), "<0-9>\n");
  EXPECT_EQ(page("tunnel source 10."), "A.B.C.D\n");
  EXPECT_EQ(page("description to the h"), "LINE\n");
}

TEST(Help, NothingFits) {
  EXPECT_EQ(page("zebra"), "% Unrecognized command\n");
  EXPECT_EQ(page("zebra "), "% Unrecognized command\n");
  EXPECT_EQ(page("exit now"), "% Unrecognized command\n");
  EXPECT_EQ(page("lifetime 9999999"), "% Unrecognized command\n");
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(profile_tree().help("de ")));
}

TEST(Help, PrivilegeCounts) {
  CommandTree tree;
  tree.add(0, compiled("show version"));
  tree.add(1, compiled("show running-config"), {.privilege = 15});
  EXPECT_EQ(help_text(tree.help("show ", 1)), "  version\n");
  EXPECT_EQ(help_text(tree.help("show ", 15)), "  running-config\n  version\n");
}

TEST(Help, CapitalsAndDigitsSortAsAscii) {
  const auto tree = tree_of({"x call", "x RSA-key-pair", "x 3des", "x <n:u32>", "x <w:word>", "x <a:ipv4>"});
  EXPECT_EQ(help_text(tree.help("x ")), "  <0-4294967295>\n  A.B.C.D\n  WORD\n  3des\n  RSA-key-pair\n  call\n");
}

TEST(Help, LongTextsWrapUnderTheirColumn) {
  const HelpRows rows{{{"append", "Append redirected output to URL (URLs supporting append operation only)"}}};
  EXPECT_EQ(help_text(rows, 50),
            "  append  Append redirected output to URL (URLs\n"
            "          supporting append operation only)\n");
  EXPECT_EQ(help_text(rows, 0), "  append  Append redirected output to URL (URLs supporting append operation only)\n");
  EXPECT_EQ(help_text(rows, 5), "  append  Append redirected output to URL (URLs supporting append operation only)\n");
}

TEST(Help, WordsStandInColumns) {
  const HelpWords words{{"access-list", "address", "aes", "all", "any"}};
  EXPECT_EQ(help_text(words, 30), "access-list  address\naes          all\nany\n");
  EXPECT_EQ(help_text(words, 0), "access-list  address      aes          all          any\n");
  EXPECT_EQ(help_text(words, 3), "access-list\naddress\naes\nall\nany\n");
}

}  // namespace
}  // namespace culvert::parser
