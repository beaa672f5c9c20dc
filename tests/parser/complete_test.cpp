#include "trees.h"

namespace culvert::parser {
namespace {

struct Case {
  int line;
  const char* typed;
  const char* completed;  // nullptr: nothing
};

TEST(Complete, Table) {
  CommandTree tree;
  tree.add(0, compiled("show ip route"));
  tree.add(1, compiled("show ipv6 route"));
  tree.add(2, compiled("ip address <address:ipv4>"), {.negatable = true});
  tree.add(3, compiled("source <interface:interface>"));
  tree.add(4, compiled("shadow"), {.hidden = true});
  tree.add(5, compiled("enable"), {.privilege = 15});
  constexpr Case cases[]{{1, "sh", "show "},
                         {2, "s", nullptr},
                         {3, "SH", "show "},
                         {4, "sh  ipv", "sh  ipv6 "},
                         {5, "sh ip", "sh ip "},
                         {6, "sh i", nullptr},
                         {7, "show ", nullptr},
                         {8, "", nullptr},
                         {9, "no ip a", "no ip address "},
                         {10, "n", "no "},
                         {11, "source gi", "source GigabitEthernet "},
                         {12, "source gi0/1", nullptr},
                         {13, "source gi 0", nullptr},
                         {14, "zebra", nullptr},
                         {15, "ip address 10", nullptr},
                         {16, "en", nullptr},
                         {17, "show ip route x", nullptr}};
  for (const auto& c : cases)
    EXPECT_EQ(tree.complete(c.typed, 1).value_or("nothing"), c.completed ? c.completed : "nothing")
        << "case " << c.line;
}

}  // namespace
}  // namespace culvert::parser
