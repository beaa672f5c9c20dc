#include <gtest/gtest.h>

#include "cli/line_display.h"
#include "cli/output_filter.h"
#include "cli/pager.h"

namespace culvert::cli {
namespace {

// A screen of one endless line that knows backspace, so that what a person would see can be compared.
struct Screen {
  std::string cells;
  std::size_t column = 0;
  void write(const std::string& text) {
    for (const char c : text) {
      if (c == '\b') {
        ASSERT_GT(column, 0u);
        --column;
        continue;
      }
      if (column == cells.size()) cells += ' ';
      cells[column++] = c;
    }
  }
};

TEST(LineDisplay, TypedCharactersAreWrittenAsThemselves) {
  LineDisplay display;
  EXPECT_EQ(display.begin("R1#"), "R1#");
  EXPECT_EQ(display.show(L"s", 1), "s");
  EXPECT_EQ(display.show(L"sh", 2), "h");
  EXPECT_EQ(display.show(L"sh", 2), "");
}

TEST(LineDisplay, EditsUseBackspacesOnly) {
  LineDisplay display;
  display.begin("R1#");
  display.show(L"show ip", 7);
  EXPECT_EQ(display.show(L"show i", 6), "\b \b");
  EXPECT_EQ(display.show(L"show i", 0), "\b\b\b\b\b\b");
  EXPECT_EQ(display.show(L"Xshow i", 1), "Xshow i\b\b\b\b\b\b");
  EXPECT_EQ(display.to_end(), "show i");
}

TEST(LineDisplay, ALongLineScrollsSideways) {
  LineDisplay display;
  display.set_width(20);
  Screen screen;
  screen.write(display.begin("R1#"));
  std::wstring line;
  for (int i = 0; i < 40; ++i) {
    line += static_cast<wchar_t>(L'a' + i % 26);
    screen.write(display.show(line, line.size()));
    EXPECT_LE(screen.cells.size(), 20u);
    EXPECT_EQ(screen.cells[screen.column - 1], static_cast<char>(line.back())) << i;
  }
  EXPECT_EQ(screen.cells.substr(0, 4), "R1#$");
  screen.write(display.show(line, 0));
  EXPECT_EQ(screen.cells.substr(0, 8), "R1#abcde");
  EXPECT_EQ(screen.column, 3u);
}

TEST(LineDisplay, WithoutAWidthNothingScrolls) {
  LineDisplay display;
  display.set_width(0);
  display.begin("R1#");
  const std::wstring line(3000, L'x');
  EXPECT_EQ(display.show(line, line.size()), std::string(3000, 'x'));
}

TEST(Utf8, WrongOctetsAreLeftOut) {
  EXPECT_EQ(to_utf8(to_wide("gr\xc3\xbc\xc3\x9f")), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(to_utf8(to_wide("a\xff\xc3z\xe2\x82")), "az");
}

std::string filtered(std::string_view filters, std::string_view text) {
  auto filter = OutputFilter::parse(filters);
  if (!filter) return "refused";
  std::string shown;
  for (const char c : text) shown += filter->feed({&c, 1});
  return shown + filter->finish();
}

struct FilterCase {
  int number;
  const char* filters;
  const char* shown;
};

TEST(OutputFilter, Table) {
  constexpr const char* text =
      "hostname R1\ninterface Tunnel0\n ip address 10.0.0.1\n!\ninterface Tunnel1\n mtu 1400\n  deep\nip route a";
  const FilterCase cases[]{
      {1, " include ^interface", "interface Tunnel0\ninterface Tunnel1\n"},
      {2, " inc route|hostname", "hostname R1\nip route a\n"},
      {3, "i ip ", " ip address 10.0.0.1\nip route a\n"},
      {4, " exclude ^( |!)", "hostname R1\ninterface Tunnel0\ninterface Tunnel1\nip route a\n"},
      {5, " begin Tunnel1", "interface Tunnel1\n mtu 1400\n  deep\nip route a\n"},
      {6, " section ^interface", "interface Tunnel0\n ip address 10.0.0.1\ninterface Tunnel1\n mtu 1400\n  deep\n"},
      {7, " section mtu", " mtu 1400\n  deep\n"},
      {8, " count Tunnel", "Number of lines which match regexp = 2\n"},
      {9, " section interface | include mtu|deep", " mtu 1400\n  deep\n"},
      {10, " include ^hostname |^ip route", "hostname R1\nip route a\n"},
      {11, " include HOST", ""},
      {12, " include (", "refused"},
      {13, " nonsense x", "refused"},
      {14, " include", "refused"},
      {15, "", "refused"},
  };
  for (const auto& c : cases) EXPECT_EQ(filtered(c.filters, text), c.shown) << "case " << c.number;
}

TEST(OutputFilter, AnExpressionThatWouldBacktrackForeverEnds) {
  EXPECT_EQ(filtered(" include (a*)*b", std::string(500, 'a') + "\n"), "");
  EXPECT_EQ(filtered(" include " + std::string(300, 'a'), "a\n"), "refused");
  EXPECT_EQ(filtered(" include ((((a{99}){99}){99}){99}){99}", "a\n"), "refused");
}

TEST(Pager, HoldsPagesBack) {
  Pager pager;
  pager.start(4);
  EXPECT_EQ(pager.feed("1\n2\n"), "1\n2\n");
  EXPECT_FALSE(pager.waiting());
  EXPECT_EQ(pager.feed("3\n4\n5\n6\n7\n8\n9\n"), "3\n");
  EXPECT_TRUE(pager.waiting());
  EXPECT_EQ(pager.key(" "), "4\n5\n6\n");
  EXPECT_EQ(pager.key(""), "7\n");
  EXPECT_EQ(pager.key("q"), "");
  EXPECT_FALSE(pager.waiting());
  EXPECT_EQ(pager.feed("10\n"), "");
  pager.start(0);
  EXPECT_EQ(pager.feed(std::string(1000, '\n')), std::string(1000, '\n'));
}

}  // namespace
}  // namespace culvert::cli
