// flash: keeps to its folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "router/flash.h"

namespace culvert::router {
namespace {

namespace fs = std::filesystem;

TEST(Attacks, A32_AFlashNameLeadsNowhereElse) {
  for (const auto* name : {"x.pcap", "flash:x.pcap", "flash:/x.pcap", "bootflash:x.pcap"})
    EXPECT_EQ(flash_name(name), "x.pcap") << name;
  for (const auto* name :
       {"", "flash:", "flash:/", "..", "../x", "flash:../x", "flash://x", "/x", "a/b", "flash:a/../b", ".hidden",
        "x;id", "$(id)", "a|b", "`id`", "x y", "a\nb", "\xc3\xa9", "nvram:x"})
    EXPECT_FALSE(flash_name(name)) << name;
  EXPECT_TRUE(flash_name(std::string(64, 'a')));
  EXPECT_FALSE(flash_name(std::string(65, 'a')));
  EXPECT_FALSE(flash_name(std::string_view("a\0b", 3)));
}

TEST(Flash, AFileAppearsWholeOrNotAtAll) {
  const auto folder = fs::path(testing::TempDir()) / "culvert-flash";
  fs::remove_all(folder);
  const Flash flash(folder);
  const std::string text(200'000, 'x');
  {
    auto abandoned = flash.create("x");
    ASSERT_TRUE(abandoned);
    (*abandoned)->write(net::as_view(text));
  }
  EXPECT_TRUE(fs::is_empty(folder));
  auto file = flash.create("x");
  ASSERT_TRUE(file);
  (*file)->write(net::as_view(text));
  EXPECT_FALSE(fs::exists(folder / "x"));
  EXPECT_TRUE((*file)->finish());
  std::stringstream read;
  read << std::ifstream(folder / "x").rdbuf();
  EXPECT_EQ(read.str(), text);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace culvert::router
