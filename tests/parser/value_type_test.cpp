#include "parser/value_type.h"

#include <gtest/gtest.h>

namespace culvert::parser {
namespace {

struct Case {
  int line;
  ValueType type;
  const char* word;
  const char* canonical;  // nullptr: no value
  std::size_t accepted;
};

const Case cases[]{
    {1, {"u32", "120-86400"}, "300", "300", 3},
    {2, {"u32", "120-86400"}, "0000300", "300", 7},
    {3, {"u32", "120-86400"}, "120", "120", 3},
    {4, {"u32", "120-86400"}, "86400", "86400", 5},
    {5, {"u32", "120-86400"}, "119", nullptr, 3},    // 1190 is one
    {6, {"u32", "120-86400"}, "86401", nullptr, 0},  // nothing begins so
    {7, {"u32", "120-86400"}, "5", nullptr, 1},
    {8, {"u32", "120-86400"}, "300s", nullptr, 3},
    {9, {"u32", "120-130"}, "14", nullptr, 0},
    {10, {"u32", "1-9"}, "0", nullptr, 1},
    {11, {"u32", ""}, "4294967295", "4294967295", 10},
    {12, {"u32", ""}, "4294967296", nullptr, 0},
    {13, {"u32", ""}, "99999999999999999999999999", nullptr, 0},
    {14, {"u32", ""}, "-1", nullptr, 0},
    {15, {"u32", ""}, "+1", nullptr, 0},
    {16, {"u32", ""}, "", nullptr, 0},
    {20, {"ipv4", ""}, "10.0.0.1", "10.0.0.1", 8},
    {21, {"ipv4", ""}, "010.000.0.01", "10.0.0.1", 12},
    {22, {"ipv4", ""}, "10.0.0", nullptr, 6},
    {23, {"ipv4", ""}, "10.256.0.1", nullptr, 5},
    {24, {"ipv4", ""}, "10.0.0.1.2", nullptr, 8},
    {25, {"ipv4", ""}, "10..0.1", nullptr, 3},
    {26, {"mask", ""}, "255.255.0.254", "255.255.0.254", 13},
    {27, {"wildcard", ""}, "0.0.0.255", "0.0.0.255", 9},
    {30, {"prefix", ""}, "10.0.0.0/08", "10.0.0.0/8", 11},
    {31, {"prefix", ""}, "10.0.0.0/33", nullptr, 10},
    {32, {"prefix", ""}, "10.0.0.0", nullptr, 8},
    {40, {"time", ""}, "1:2:3", "01:02:03", 5},
    {41, {"time", ""}, "23:59:59", "23:59:59", 8},
    {42, {"time", ""}, "24:00:00", nullptr, 1},
    {43, {"time", ""}, "10:60:00", nullptr, 4},
    {50, {"hex", ""}, "00fFAb", "00ffab", 6},
    {51, {"hex", ""}, "00f", nullptr, 3},
    {52, {"hex", ""}, "00g0", nullptr, 2},
    {60, {"word", ""}, "caf\xc3\xa9!", "caf\xc3\xa9!", 6},
    {61, {"word", ""}, "a\x01z", nullptr, 1},
    {62, {"word", ""}, "", nullptr, 0},
    {70, {"line", ""}, "to  the \t hub  ", "to  the \t hub", 15},
    {71, {"line", ""}, "one\nline two", nullptr, 3},
    {80, {"interface", ""}, "gi0/1", "GigabitEthernet0/1", 5},
    {81, {"interface", ""}, "GigabitEthernet 0/1", "GigabitEthernet0/1", 19},
    {82, {"interface", ""}, "g0/00/1.0010", "GigabitEthernet0/0/1.10", 12},
    {83, {"interface", ""}, "tu1", "Tunnel1", 3},
    {84, {"interface", ""}, "lo0", "Loopback0", 3},
    {85, {"interface", ""}, "S0/0", "Serial0/0", 4},
    {86, {"interface", ""}, "null0", "Null0", 5},
    {87, {"interface", ""}, "tu", nullptr, 2},
    {88, {"interface", ""}, "tux1", nullptr, 2},
    {89, {"interface", ""}, "gi0/", nullptr, 4},
    {90, {"interface", ""}, "gi0/1.2/3", nullptr, 7},
    {91, {"interface", ""}, "lo4294967296", nullptr, 11},
    {92, {"interface", ""}, "0/1", nullptr, 0},
    {93, {"interface", ""}, "Ethernet0", nullptr, 0},
};

TEST(ValueType, Table) {
  for (const auto& c : cases) {
    const auto match = match_value(c.type, c.word);
    EXPECT_EQ(match.canonical.value_or("none"), c.canonical ? c.canonical : "none") << "case " << c.line;
    EXPECT_EQ(match.accepted, c.accepted) << "case " << c.line;
  }
}

TEST(ValueType, CanonicalFormIsItsOwnCanonicalForm) {
  for (const auto& c : cases) {
    if (!c.canonical) continue;
    EXPECT_EQ(match_value(c.type, c.canonical).canonical, c.canonical) << "case " << c.line;
  }
}

TEST(ValueType, ShowsItsPlaceholder) {
  EXPECT_EQ((ValueType{"u32", "120-86400"}.placeholder()), "<120-86400>");
  EXPECT_EQ((ValueType{"u32", ""}.placeholder()), "<0-4294967295>");
  EXPECT_EQ((ValueType{"word", ""}.placeholder()), "WORD");
  EXPECT_EQ((ValueType{"prefix", ""}.placeholder()), "A.B.C.D/nn");
}

TEST(ValueType, KnowsWhatItsArgumentMayBe) {
  EXPECT_TRUE(valid({"u32", "0-4294967295"}));
  for (const auto* range : {"9-1", "1", "1-", "-1", "a-b", "0-4294967296", "1-2-3"})
    EXPECT_FALSE(valid({"u32", range})) << range;
  EXPECT_FALSE(valid({"word", "3"}));
  EXPECT_FALSE(valid({"colour", ""}));
}

}  // namespace
}  // namespace culvert::parser
