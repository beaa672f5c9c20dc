#include "config-store/nvram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace culvert::config {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

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
  EXPECT_EQ(files(), 1u);
  ASSERT_TRUE(startup.erase());
  EXPECT_EQ(startup.read().value(), std::nullopt);
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
  EXPECT_THAT(written.error(), HasSubstr("cannot write"));
  EXPECT_EQ(startup.read().value(), "old\n");
  EXPECT_EQ(files(), 1u) << "the unfinished file is gone";
}

TEST_F(NvramTest, MissingFolderAndUnreadableFileAreSentences) {
  const StartupConfig nowhere(folder / "missing");
  EXPECT_THAT(nowhere.write("x").error(), HasSubstr("No such file or directory"));
  EXPECT_EQ(nowhere.read().value(), std::nullopt);
  fs::create_directory(startup.path());
  EXPECT_THAT(startup.read().error(), HasSubstr("cannot read"));
  EXPECT_THAT(startup.write("x").error(), HasSubstr("cannot replace"));
  EXPECT_EQ(files(), 1u);
}

}  // namespace
}  // namespace culvert::config
