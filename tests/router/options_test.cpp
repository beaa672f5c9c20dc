#include "router/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "router/key_log.h"
#include "router/syslog.h"

namespace culvert::router {
namespace {

using Arguments = std::vector<const char*>;

TEST(Options, AreRead) {
  const auto parsed = parse_options(Arguments{"--name", "hq", "--port=Gi0/0=net_af_packet0,iface=eth0", "--workers",
                                              "2", "--port", "serial 0/1=null", "--nvram", "/tmp/x"});
  ASSERT_TRUE(parsed);
  const auto& options = std::get<Options>(*parsed);
  EXPECT_EQ(options.name, "hq");
  ASSERT_EQ(options.ports.size(), 2u);
  EXPECT_EQ(options.ports[0].interface, "GigabitEthernet0/0");
  EXPECT_EQ(options.ports[0].device, "net_af_packet0,iface=eth0");
  EXPECT_EQ(options.ports[1].interface, "Serial0/1");
  EXPECT_EQ(options.workers, 2u);
  EXPECT_EQ(options.nvram_directory, "/tmp/x");
}

TEST(Options, FlagsTakeNoValue) {
  const auto parsed = parse_options(Arguments{"--no-ports", "--exit-on-reload", "--name", "hq"});
  ASSERT_TRUE(parsed) << parsed.error();
  const auto& options = std::get<Options>(*parsed);
  EXPECT_TRUE(options.no_ports);
  EXPECT_TRUE(options.exit_on_reload);
  EXPECT_TRUE(options.ports.empty());
}

TEST(Options, MistakesSayHowToMendThem) {
  struct Row {
    int line;
    Arguments arguments;
    const char* says;
  };
  const Row rows[]{{1, {"--nam", "x"}, "unknown option --nam"},
                   {2, {"--name"}, "needs a value"},
                   {3, {"--name", "../x"}, "is no name"},
                   {4, {"--workers", "9"}, "1 to 8"},
                   {5, {"--workers", "two"}, "1 to 8"},
                   {6, {"--port", "Gi0/0"}, "INTERFACE=DEVICE"},
                   {7, {"--port", "Tunnel1=null"}, "is no port"},
                   {8, {"--port", "Gi0/0=null", "--port", "gi0/0=null"}, "given twice"},
                   {9, {"--memory", "1"}, "96 to 65536"},
                   {10, {"--name", "hq"}, "needs a port"}};
  for (const auto& row : rows) {
    const auto parsed = parse_options(row.arguments);
    ASSERT_FALSE(parsed) << "row " << row.line;
    EXPECT_THAT(parsed.error(), testing::HasSubstr(row.says)) << "row " << row.line;
    EXPECT_EQ(parsed.error().find('\n'), std::string::npos) << "row " << row.line;
  }
  EXPECT_TRUE(std::holds_alternative<Usage>(*parse_options(Arguments{"--help"})));
}

TEST(Syslog, StampsAndKeepsWithinItsBuffer) {
  Syslog log(200);
  std::vector<std::string> heard;
  log.listen([&](const std::string& line) { heard.push_back(line); });
  const net::WallTime wall(std::chrono::seconds(1'795'239'613) + std::chrono::milliseconds(7));
  for (int i = 0; i < 10; ++i) log.write({}, wall, {"LINEPROTO", 5, "UPDOWN", "Line " + std::to_string(i)});
  EXPECT_EQ(heard.front(), "*Nov 21 05:40:13.007: %LINEPROTO-5-UPDOWN: Line 0");
  EXPECT_EQ(heard.size(), 10u);
  EXPECT_LT(log.lines().size(), 6u);
  EXPECT_EQ(log.lines().back(), heard.back());
}

TEST(Syslog, AFloodOfOneKindIsCountedNotKept) {
  Syslog log;
  for (int i = 0; i < 1'000'000; ++i)
    log.write(net::Time(std::chrono::microseconds(i)), {}, {"IKEV2", 6, "BAD_DATAGRAM", "x"});
  log.write(net::Time(std::chrono::seconds(1)), {}, {"SYS", 5, "CONFIG_I", "y"});
  EXPECT_LT(log.lines().size(), 100u);
  EXPECT_EQ(log.to_buffer() + log.rate_limited(), 1'000'001u);
  EXPECT_THAT(log.lines().back(), testing::HasSubstr("CONFIG_I"));
}

TEST(Syslog, WhatTheRouterItselfReportsIsNeverCut) {
  Syslog log;
  for (int i = 0; i < 300; ++i) log.write({}, {}, {"SYS", 4, "STARTUP_CONFIG", "line", true});
  EXPECT_EQ(log.to_buffer(), 300u);
  EXPECT_EQ(log.rate_limited(), 0u);
}

TEST(KeyLog, AFileThatWasThereBecomesPrivate) {
  const auto path = std::filesystem::path(testing::TempDir()) / "culvert-key-log";
  std::ofstream(path) << "old\n";
  std::filesystem::permissions(path, std::filesystem::perms::all);
  ASSERT_TRUE(KeyLog::open(path));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove(path);
}

TEST(Syslog, TextOfOthersCannotForgeLines) {
  Syslog log;
  log.write({}, {}, {"IKEV2", 5, "SA_UP", "id evil\r\n*Nov 21: %SYS-5-X\x1b[2J"});
  EXPECT_THAT(log.lines().back(), testing::HasSubstr("evil\\x0d\\x0a*Nov"));
  EXPECT_THAT(log.lines().back(), testing::Not(testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace culvert::router
