#include "tests/dataplane/namespaces.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace culvert::test {
namespace {

int open_own() { return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

}  // namespace

NetworkNamespace::NetworkNamespace() {
  std::thread([this] {
    if (unshare(CLONE_NEWNET) == 0) fd_ = open_own();
  }).join();
  if (fd_ < 0) throw std::runtime_error("cannot make a network namespace: run as root, or allow user namespaces");
}

NetworkNamespace::~NetworkNamespace() { close(fd_); }

void NetworkNamespace::inside(const std::function<void()>& action) const {
  const auto before = open_own();
  if (setns(fd_, CLONE_NEWNET) != 0) throw std::runtime_error("setns");
  action();
  if (setns(before, CLONE_NEWNET) != 0) throw std::runtime_error("setns");
  close(before);
}

void NetworkNamespace::ip(const std::string& words) const {
  std::vector<std::string> all{"ip"};
  std::istringstream in(words);
  for (std::string word; in >> word;) all.push_back(word);
  inside([&] { run(all); });
}

std::string NetworkNamespace::path() const { return fmt::format("/proc/{}/fd/{}", getpid(), fd_); }

void run(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = -1;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0)
    throw std::runtime_error(words[0] + " cannot be run");
  int status = 0;
  waitpid(child, &status, 0);
  if (status == 0) return;
  std::string line;
  for (const auto& word : words) line += word + " ";
  throw std::runtime_error("failed: " + line);
}

void enter_user_namespace() {
  const auto uid = getuid();
  const auto gid = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) throw std::runtime_error("user namespaces are not allowed here");
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << fmt::format("0 {} 1", uid);
  std::ofstream("/proc/self/gid_map") << fmt::format("0 {} 1", gid);
}

}  // namespace culvert::test
