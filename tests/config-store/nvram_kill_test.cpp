// kill -9 at any moment of a save leaves the old startup-config or the new one.
//
// A child saves two configurations in turn, without end. It is traced from one system call to the next, so the moment
// of its death is a number: of the call before or after which it is killed. Every other child is let go there and
// killed while it runs on.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "config-store/nvram.h"

namespace culvert::config {
namespace {

namespace fs = std::filesystem;

class NvramKillTest : public ::testing::Test {
 protected:
  NvramKillTest() { fs::create_directories(folder); }
  ~NvramKillTest() override { fs::remove_all(folder); }

  static std::string configuration(const std::string& name, std::size_t lines) {
    std::string text = "hostname " + name + "\n";
    for (std::size_t i = 0; i < lines; ++i) text += "ip route 10.0.0.0 255.0.0.0 Tunnel" + std::to_string(i) + "\n";
    return text + "end\n";
  }

  [[noreturn]] void save_for_ever() const {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    std::raise(SIGSTOP);
    for (;;)
      if (!startup.write(large) || !startup.write(small)) std::_Exit(1);
  }

  // Whether the child died of it.
  static bool kill_at(pid_t child, unsigned stop, bool running) {
    int status = 0;
    for (unsigned i = 0; i <= stop; ++i) {
      if (::waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return false;
      if (i < stop && ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) != 0) return false;
    }
    if (running && ::ptrace(PTRACE_CONT, child, nullptr, nullptr) != 0) return false;
    ::kill(child, SIGKILL);
    return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.insert(entry.path().filename());
    return all;
  }

  const fs::path folder = fs::temp_directory_path() / ("culvert-kill-" + std::to_string(::getpid()));
  const StartupConfig startup{folder};
  const std::string small = configuration("small", 3), large = configuration("large", 2000);
};

TEST_F(NvramKillTest, TwoHundredKillsLeaveTheOldOrTheNew) {
  constexpr unsigned kill_count = 200, stop_max = 80;  // a save has some 17 system calls, each with two stops
  const auto* given = std::getenv("CULVERT_TEST_SEED");
  const auto seed = given ? std::strtoul(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("repeat by CULVERT_TEST_SEED=" + std::to_string(seed) +
               " config_store_test --gtest_filter='NvramKill*'");
  std::mt19937_64 random(seed);
  unsigned small_count = 0, large_count = 0, interrupted_count = 0;
  ASSERT_TRUE(startup.write(small));
  for (unsigned i = 0; i < kill_count; ++i) {
    const auto stop = static_cast<unsigned>(random() % stop_max);
    const pid_t child = ::fork();
    if (child == 0) save_for_ever();
    ASSERT_TRUE(kill_at(child, stop, i % 2 == 1)) << "child " << i << " cannot be traced to stop " << stop;
    const auto text = startup.read();
    ASSERT_TRUE(text && *text) << "kill " << i << " at stop " << stop << ": no startup-config";
    ASSERT_TRUE(**text == small || **text == large) << "kill " << i << " at stop " << stop << ": neither old nor new";
    ASSERT_TRUE(startup.last_good() == small || startup.last_good() == large) << "kill " << i << " at stop " << stop;
    ASSERT_TRUE(startup.start().faults.empty()) << "kill " << i << " at stop " << stop;
    ++(**text == small ? small_count : large_count);
    interrupted_count += names().size() > 2 ? 1 : 0;
  }
  EXPECT_GT(small_count, 10u);
  EXPECT_GT(large_count, 10u);
  EXPECT_GT(interrupted_count, 10u) << "hardly a save was interrupted: the test does not test";
  ASSERT_TRUE(startup.write(small));
  EXPECT_EQ(names(), (std::set<std::string>{"startup-config", "startup-config.last-good"}));
}

// What a start writes: the last good one in the place of a bad one, or an edited one as the new last good one.
TEST_F(NvramKillTest, KillsOfAStartLeaveWhatItBeganWithOrWhatItMeant) {
  const auto edited = configuration("edited", 5);
  const auto begin = [&](bool bad) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    std::raise(SIGSTOP);
    const auto start = startup.start();
    if (!bad && !startup.keep_as_last_good(start.text)) std::_Exit(1);
    std::_Exit(0);
  };
  unsigned killed_count = 0;
  for (unsigned turn = 0; turn < 160; ++turn) {
    const auto stop = turn / 2;
    const bool bad = turn % 2 == 0;
    ASSERT_TRUE(startup.write(small));
    std::ofstream(startup.path()) << (bad ? std::string(100, '\0') : edited);
    const pid_t child = ::fork();
    if (child == 0) begin(bad);
    killed_count += kill_at(child, stop, false);
    ASSERT_TRUE(fs::exists(startup.path())) << "stop " << stop;
    ASSERT_TRUE(startup.last_good() == small || (!bad && startup.last_good() == edited)) << "stop " << stop;
    ASSERT_EQ(startup.start().text, bad ? small : edited) << "stop " << stop;
    ASSERT_EQ(fs::exists(startup.bad_path()), bad) << "stop " << stop;
    fs::remove(startup.bad_path());
  }
  EXPECT_GT(killed_count, 20u) << "a start has more system calls than that";
}

}  // namespace
}  // namespace culvert::config
