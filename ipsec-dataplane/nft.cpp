#include "ipsec-dataplane/nft.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace culvert::dataplane {
namespace {

constexpr const char* program = "/usr/sbin/nft";

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  ~Pipe() {
    shut(0);
    shut(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void shut(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
};

// Its process, or -1.
pid_t start(const Pipe& input, const Pipe& errors) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<char, 16> name{"nft"}, file_option{"-f"}, standard_input{"-"};
  std::array<char*, 4> argv{name.data(), file_option.data(), standard_input.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, program, &actions, nullptr, argv.data(), environment.data()) != 0) child = -1;
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

std::string read_first_line(int fd) {
  std::string text;
  std::array<char, 512> buffer;
  for (ssize_t got; (got = read(fd, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::expected<void, std::string> run_nft(const std::string& rules) {
  Pipe input, errors;
  const auto child = start(input, errors);
  if (child < 0) return std::unexpected("cannot run /usr/sbin/nft; install the package nftables");
  input.shut(0);
  errors.shut(1);
  [[maybe_unused]] const auto written = write(input.ends[1], rules.data(), rules.size());
  input.shut(1);
  const auto said = read_first_line(errors.ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return std::unexpected(said.empty() ? std::string("nft failed") : said);
}

}  // namespace culvert::dataplane
