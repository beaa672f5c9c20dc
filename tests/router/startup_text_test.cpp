// What the router reads out of a startup-config that somebody may have written by hand.
#include "router/startup_text.h"

#include <gtest/gtest.h>

namespace culvert::router {
namespace {

TEST(StartupText, AnInterfaceIsFoundHoweverItIsWritten) {
  constexpr auto port = "GigabitEthernet0/0";
  for (const auto* text : {"interface GigabitEthernet0/0\n", "hostname x\nint gi0/0\n no shutdown\n",
                           "interface GigabitEthernet 0/0", "Interface gigabitethernet0/0 \r\n shutdown\r\n"})
    EXPECT_TRUE(speaks_of_interface(text, port)) << text;
  for (const auto* text : {"", "\n\n", "interface GigabitEthernet0/1\n", "interface GigabitEthernet0/0/0\n",
                           "description interface GigabitEthernet0/0\n", "interfaces gi0/0\n", "interface\n"})
    EXPECT_FALSE(speaks_of_interface(text, port)) << text;
}

TEST(StartupText, KeysDoNotReachTheLog) {
  struct Row {
    const char *line, *shown;
  };
  const Row rows[]{{"  pre-shared-key local  hunter2 too", "  pre-shared-key <hidden>"},
                   {" Pre-Shared-Kee hunter2", " Pre-Shared-Kee <hidden>"},
                   {"crypto isakmp key hunter2 address 192.0.2.1", "crypto isakmp key <hidden>"},
                   {"enable secret hunter2", "enable secret <hidden>"},
                   {" pre-shared-key", " pre-shared-key"},
                   {" ip adress 192.0.2.1 255.255.255.0", " ip adress 192.0.2.1 255.255.255.0"},
                   {"", ""}};
  for (const auto& row : rows) EXPECT_EQ(without_keys(row.line), row.shown);
}

}  // namespace
}  // namespace culvert::router
