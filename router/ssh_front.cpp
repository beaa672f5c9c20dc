#include "router/ssh_front.h"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>

namespace culvert::router {
namespace {

// Starts are at least so far apart: one that ran for longer is back at once, one that cannot run does not spin.
constexpr auto between_starts = std::chrono::seconds(1);

// Beside the program that runs.
std::string front_program() {
  std::error_code error;
  return (std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "culvert-ssh").string();
}

// The process, or the negative errno.
int spawn(const std::string& program, int channel) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, channel, cli::ssh::channel_descriptor);
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name = program;
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t process = -1;
  const auto error = posix_spawn(&process, program.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? process : -error;
}

}  // namespace

SshFront::SshFront(boost::asio::io_context& loop, Hooks hooks) : loop_(loop), hooks_(std::move(hooks)), pause_(loop) {}

void SshFront::run(cli::ssh::FrontSettings settings, std::vector<int> listeners) {
  stop();
  settings_ = std::move(settings);
  listeners_ = std::move(listeners);
  start();
}

void SshFront::stop() {
  pause_.cancel();
  end_process();
  close_listeners();
  settings_ = {};
}

void SshFront::close_listeners() {
  for (const auto listener : listeners_) ::close(listener);
  listeners_.clear();
}

void SshFront::end_process() {
  channel_.reset();
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(std::exchange(process_, -1), nullptr, 0);
}

void SshFront::start() {
  pause_.expires_after(between_starts);
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return hooks_.failed(fmt::format("no socket for the SSH server: {}", std::strerror(errno)));
  process_ = spawn(front_program(), pair[1]);
  ::close(pair[1]);
  channel_.emplace(loop_, pair[0]);
  if (process_ < 0)
    hooks_.failed(fmt::format("{} does not start: {}", front_program(), std::strerror(-process_)));
  else
    cli::ssh::send_settings(pair[0], settings_, listeners_);
  wait();
}

void SshFront::wait() {
  channel_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& error) {
                         if (error) return;
                         if (auto visit = cli::ssh::receive_visitor(channel_->native_handle())) {
                           hooks_.visitor(visit->descriptor, std::move(visit->address));
                           return wait();
                         }
                         ended();
                       });
}

void SshFront::ended() {
  const bool ran = process_ >= 0;
  end_process();
  if (const auto gone = std::exchange(gone_, nullptr)) return gone();
  if (ran) hooks_.failed("the SSH server has ended; it is started again");
  pause_.async_wait([this](const boost::system::error_code& stopped) {
    const bool wanted_still = !listeners_.empty() && process_ < 0;
    if (!stopped && wanted_still) start();
  });
}

void SshFront::leave(std::function<void()> gone) {
  pause_.cancel();
  close_listeners();
  if (process_ < 0) return gone();
  gone_ = std::move(gone);
  shutdown(channel_->native_handle(), SHUT_WR);
}

}  // namespace culvert::router
