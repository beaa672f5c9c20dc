#include "router/access_log.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace culvert::router {
namespace {

dataplane::FilterLog about(std::uint8_t protocol, std::uint16_t first, std::uint16_t second) {
  return {.report = {.log = 1,
                     .interface = 1,
                     .flow = {.protocol = protocol,
                              .source = htonl(0x0a010002),
                              .destination = htonl(0x0a020003),
                              .source_port = htons(first),
                              .destination_port = htons(second)}},
          .interface = "GigabitEthernet0/0"};
}

struct Case {
  int line;
  LoggedLine logged;
  dataplane::FilterLog what;
  const char *mnemonic, *text;
};

TEST(AccessLog, SpeaksAsIosDoes) {
  using access_lists::Kind;
  const Case cases[]{
      {1,
       {.list = "101"},
       about(6, 40000, 23),
       "IPACCESSLOGP",
       "list 101 denied tcp 10.1.0.2(40000) -> 10.2.0.3(23), 1 packet"},
      {2,
       {.list = "101", .permit = true, .with_interface = true},
       about(17, 1, 2),
       "IPACCESSLOGP",
       "list 101 permitted udp 10.1.0.2(1) (GigabitEthernet0/0) -> 10.2.0.3(2), 1 packet"},
      {3,
       {.list = "web"},
       about(1, 8, 0),
       "IPACCESSLOGDP",
       "list web denied icmp 10.1.0.2 -> 10.2.0.3 (8/0), 1 packet"},
      {4, {.list = "web"}, about(50, 0, 0), "IPACCESSLOGNP", "list web denied 50 10.1.0.2 -> 10.2.0.3, 1 packet"},
      {5,
       {.list = "1", .kind = Kind::standard, .permit = true},
       about(6, 1, 2),
       "IPACCESSLOGS",
       "list 1 permitted 10.1.0.2 1 packet"}};
  for (const auto& c : cases) {
    AccessLog log;
    const auto message = log.report(c.logged, c.what);
    ASSERT_TRUE(message) << c.line;
    EXPECT_EQ(message->mnemonic, c.mnemonic) << c.line;
    EXPECT_EQ(message->text, c.text) << c.line;
  }
}

TEST(AccessLog, CountsAFlowForFiveMinutes) {
  AccessLog log;
  const LoggedLine line{.list = "101"};
  const net::Time start{};
  EXPECT_TRUE(log.tick(start, 0).empty());
  EXPECT_TRUE(log.report(line, about(6, 1, 2)));
  EXPECT_FALSE(log.report(line, about(6, 1, 2)));
  EXPECT_FALSE(log.report(line, about(6, 1, 2)));
  EXPECT_TRUE(log.report(line, about(6, 1, 3)));
  EXPECT_TRUE(log.tick(start + std::chrono::minutes(4), 0).empty());
  const auto messages = log.tick(start + std::chrono::minutes(5), 7);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].text, "list 101 denied tcp 10.1.0.2(1) -> 10.2.0.3(2), 2 packets");
  EXPECT_EQ(messages[1].mnemonic, "IPACCESSLOGRL");
  EXPECT_EQ(messages[1].text, "access-list logging rate-limited or missed 7 packets");
  EXPECT_TRUE(log.tick(start + std::chrono::minutes(10), 7).empty());
  EXPECT_TRUE(log.report(line, about(6, 1, 2))) << "a flow that was still for five minutes is a new one";
}

}  // namespace
}  // namespace culvert::router
