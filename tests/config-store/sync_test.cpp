// A save is on the disk before it is told: what is synced, and in what order, as the operating system is asked.
//
// fsync and rename are ours in this program, and write down their calls.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "config-store/nvram.h"

namespace {

std::vector<std::string>& calls() {
  static std::vector<std::string> all;
  return all;
}

std::string name_of(int fd) {
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).filename().string();
}

}  // namespace

extern "C" int fsync(int fd) {
  calls().push_back("fsync " + name_of(fd));
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int rename(const char* from, const char* to) noexcept {
  calls().push_back("rename " + std::filesystem::path(from).filename().string());
  return static_cast<int>(::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

namespace culvert::config {
namespace {

TEST(NvramSync, FilesBeforeTheyTakeTheirPlacesAndTheFolderAfter) {
  const auto folder = std::filesystem::temp_directory_path() / ("nvram-sync-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const StartupConfig startup(folder);
  calls().clear();
  ASSERT_TRUE(startup.write("hostname hq\nend\n"));
  EXPECT_THAT(calls(), ::testing::ElementsAre(
                           ::testing::StartsWith("fsync startup-config"), ::testing::StartsWith("fsync startup-config"),
                           ::testing::StartsWith("rename startup-config"),
                           ::testing::StartsWith("rename startup-config"), "fsync " + folder.filename().string()));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace culvert::config
