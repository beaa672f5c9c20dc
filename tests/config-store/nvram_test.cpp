#include "config-store/nvram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <sstream>

namespace culvert::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre, ::testing::HasSubstr, ::testing::IsEmpty;

class NvramTest : public ::testing::Test {
 protected:
  NvramTest() { fs::create_directories(folder); }
  ~NvramTest() override { fs::remove_all(folder); }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  const fs::path folder = fs::temp_directory_path() / ("culvert-nvram-" + std::to_string(::getpid()));
  const StartupConfig startup{folder};
};

TEST_F(NvramTest, AbsentWrittenReadErased) {
  EXPECT_EQ(startup.read().value(), std::nullopt);
  EXPECT_TRUE(startup.erase());
  ASSERT_TRUE(startup.write("hostname R1\n"));
  EXPECT_EQ(startup.read().value(), "hostname R1\n");
  ASSERT_TRUE(startup.write(""));
  EXPECT_EQ(startup.read().value(), "");
  EXPECT_EQ(files(), 2u) << "the last good one stands beside it";
  ASSERT_TRUE(startup.erase());
  EXPECT_EQ(startup.read().value(), std::nullopt);
  EXPECT_EQ(files(), 0u);
}

// Runs in a child that may mount what it likes; true where everything in it was.
bool in_world_of_its_own(const std::function<bool()>& body) {
  const auto child = ::fork();
  if (child == 0) _exit(::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && body() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A container gets its startup-config so.
TEST_F(NvramTest, FileThatIsMountedByItselfIsWrittenOver) {
  const auto outside = folder / "outside";
  std::ofstream(outside) << "hostname before, and longer\n";
  std::ofstream(startup.path()) << "";
  EXPECT_TRUE(in_world_of_its_own([&] {
    if (::mount(outside.c_str(), startup.path().c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
    return startup.write("hostname after\n").has_value() && startup.read().value() == "hostname after\n";
  }));
  std::ostringstream written;
  written << std::ifstream(outside).rdbuf();
  EXPECT_EQ(written.str(), "hostname after\n");
  EXPECT_EQ(startup.last_good(), "hostname after\n");
  EXPECT_TRUE(in_world_of_its_own([&] {
    if (::mount(outside.c_str(), startup.path().c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
    return startup.erase().has_value() && startup.start().text.empty() && startup.start().faults.empty();
  }));
  EXPECT_EQ(fs::file_size(outside), 0u);
}

TEST_F(NvramTest, FileIsPrivate) {
  ASSERT_TRUE(startup.write("secret\n"));
  struct stat status{};
  ASSERT_EQ(::stat(startup.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

// A file size limit makes the write fail half way, as a full disk does.
TEST_F(NvramTest, FailedWriteLeavesTheOldFile) {
  ASSERT_TRUE(startup.write("old\n"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = startup.write(std::string(100000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "opening nvram:/startup-config (File too large)");
  EXPECT_EQ(startup.read().value(), "old\n");
  EXPECT_EQ(startup.last_good(), "old\n");
  EXPECT_EQ(files(), 2u) << "the unfinished files are gone";
}

TEST_F(NvramTest, MissingFolderAndUnreadableFileAreErrors) {
  const StartupConfig nowhere(folder / "missing");
  EXPECT_EQ(nowhere.write("x").error(), "opening nvram:/startup-config (No such file or directory)");
  EXPECT_EQ(nowhere.read().value(), std::nullopt);
  EXPECT_TRUE(nowhere.erase());
  fs::create_directory(startup.path());
  EXPECT_EQ(startup.read().error(), "opening nvram:/startup-config (Is a directory)");
  EXPECT_EQ(startup.write("x").error(), "opening nvram:/startup-config (Is a directory)");
}

TEST_F(NvramTest, NextSaveClearsWhatAnInterruptedOneLeft) {
  std::ofstream(folder / "startup-config.new") << "half a li";
  std::ofstream(folder / "startup-config.last-good.new") << "h";
  ASSERT_TRUE(startup.write("new\n"));
  EXPECT_EQ(startup.read().value(), "new\n");
  EXPECT_EQ(files(), 2u);
}

TEST(StartupFault, IsWhatNobodyCanHaveMeant) {
  using namespace std::string_literals;
  struct Case {
    int line;
    std::string text;
    std::optional<std::string> last_good;
    std::optional<std::string> fault;
  };
  const std::string saved = "!\nhostname R1\n!\nend\n", written = "hostname R1\nip route 10.0.0.0 255.0.0.0 10.1.1.1\n";
  const std::vector<Case> cases{
      {1, saved, saved, std::nullopt},
      {2, saved, std::nullopt, std::nullopt},
      {3, "", std::nullopt, std::nullopt},
      {4, "", "", std::nullopt},
      {5, "", saved, "is empty"},
      {6, "", written, "is empty"},
      {7, saved.substr(0, 8), saved, "breaks off after 8 of 20 bytes"},
      {8, saved.substr(0, 18), saved, "breaks off after 18 of 20 bytes"},
      {9, saved.substr(0, 19), saved, std::nullopt},
      {10, saved.substr(0, 8), std::nullopt, std::nullopt},  // as a hand-written file may look
      {11, "hostname R2\n", saved, std::nullopt},            // replaced by a hand-written file
      {12, "!\nhostname R\n!\nend\n", saved, std::nullopt},  // edited
      {13, "hostname R1\n", written, std::nullopt},          // its last line deleted
      {14, "!\nhostname R1\n!\nend\r\n", saved, std::nullopt},
      {15, "hostname R1\0\0\0"s, std::nullopt, "is no text: byte 12 is 0x00"},
      {16, "!\nhostname\x1bR1\nend\n", saved, "is no text: byte 11 is 0x1b"},
      {17,
       "\x7f"
       "ELF",
       saved, "is no text: byte 1 is 0x7f"},
      {18, "description B\xc3\xbcro and B\xfcro\n", saved, std::nullopt},
      {19, "a\x01", "a\x01", std::nullopt},  // was saved so
  };
  for (const auto& one : cases) EXPECT_EQ(fault_in_startup(one.text, one.last_good), one.fault) << "case " << one.line;
}

class NvramStartTest : public NvramTest {
 protected:
  void put(const std::string& text) const { std::ofstream(startup.path()) << text; }
  static std::string content(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  const std::string saved = "hostname R1\nend\n";
};

TEST_F(NvramStartTest, UsesWhatIsThere) {
  EXPECT_EQ(startup.start().text, "");
  ASSERT_TRUE(startup.write(saved));
  auto start = startup.start();
  EXPECT_EQ(start.text, saved);
  EXPECT_FALSE(start.is_edited);
  put("hostname R2\n");
  start = startup.start();
  EXPECT_EQ(start.text, "hostname R2\n");
  EXPECT_TRUE(start.is_edited);
  EXPECT_THAT(start.faults, IsEmpty());
  ASSERT_TRUE(startup.keep_as_last_good(start.text));
  EXPECT_EQ(startup.last_good(), start.text);
}

TEST_F(NvramStartTest, LastGoodTakesThePlaceOfABadOne) {
  ASSERT_TRUE(startup.write(saved));
  for (const std::string bad : {"hostname R", "hostn\x02me R1\nend\n"}) {
    put(bad);
    const auto start = startup.start();
    EXPECT_EQ(start.text, saved);
    EXPECT_THAT(start.faults, ElementsAre(HasSubstr("the last good configuration is used"), HasSubstr("is kept as")));
    EXPECT_EQ(startup.read().value(), saved);
    EXPECT_EQ(content(startup.bad_path()), bad);
    EXPECT_EQ(files(), 3u);
    EXPECT_THAT(startup.start().faults, IsEmpty());
  }
  ASSERT_TRUE(startup.erase());
  EXPECT_EQ(files(), 0u);
}

TEST_F(NvramStartTest, UnreadableOneIsBad) {
  ASSERT_TRUE(startup.write(saved));
  fs::remove(startup.path());
  fs::create_directory(startup.path());
  const auto start = startup.start();
  EXPECT_EQ(start.text, saved);
  EXPECT_EQ(startup.read().value(), saved);
  EXPECT_TRUE(fs::is_directory(startup.bad_path()));
}

TEST_F(NvramStartTest, BadOneWithoutALastGoodIsKeptAside) {
  for (const auto& last_good : {"", "\x02"}) {
    if (*last_good != '\0') std::ofstream(startup.last_good_path()) << last_good;
    put("\x01");
    const auto start = startup.start();
    EXPECT_EQ(start.text, "");
    EXPECT_THAT(start.faults, ElementsAre(HasSubstr("there is no last good configuration"), HasSubstr("is kept as")));
    EXPECT_EQ(content(startup.bad_path()), "\x01");
    EXPECT_EQ(startup.read().value(), std::nullopt);
  }
}

// What is larger than a save can be is not read to its end.
TEST_F(NvramStartTest, HugeOneIsBad) {
  ASSERT_TRUE(startup.write(saved));
  fs::resize_file(startup.path(), StartupConfig::size_max + 1);
  EXPECT_EQ(startup.start().text, saved);
  EXPECT_EQ(fs::file_size(startup.bad_path()), StartupConfig::size_max + 1);
}

}  // namespace
}  // namespace culvert::config
