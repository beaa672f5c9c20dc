#include "tests/cli/programs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>
#include <utility>

#include "cli/server.h"
#include "tests/cli/tiny_router.h"

namespace culvert::cli::testing {

class ServedRouter::Impl {
 public:
  template <class F>
  auto on_thread(F work_there) {
    std::packaged_task<decltype(work_there())()> task(std::move(work_there));
    auto result = task.get_future();
    boost::asio::post(io, [&task] { task(); });
    return result.get();
  }

  Impl() : router(folder.path()), thread([this] { io.run(); }) {}
  ~Impl() {
    on_thread([this] { server.reset(); });
    work.reset();
    thread.join();
  }

  auto make_server() {
    return Server::open(io, path(), [this](const Hello& hello, Session::Emit emit, const Visitor& visitor) {
      return std::make_unique<Session>(router.host(), hello, std::move(emit), visitor);
    });
  }
  std::filesystem::path path() const { return folder.path() / "run" / "console"; }

  TemporaryFolder folder;
  TinyRouter router;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  std::unique_ptr<Server> server;
  std::thread thread;
};

ServedRouter::ServedRouter() : impl_(std::make_unique<Impl>()) {
  impl_->router.on_reload = [this] {
    boost::asio::post(impl_->io, [this] { impl_->server->close(Close::Reason::reload); });
  };
}
ServedRouter::~ServedRouter() = default;

std::string ServedRouter::socket_path() const { return impl_->path(); }

void ServedRouter::open() {
  impl_->on_thread([this] {
    impl_->server.reset();
    auto server = impl_->make_server();
    ASSERT_TRUE(server) << server.error();
    impl_->server = std::move(*server);
  });
}

void ServedRouter::start() {
  impl_->on_thread([this] { impl_->server->start(); });
}

void ServedRouter::serve() {
  open();
  start();
}

void ServedRouter::close_for_reload() {
  impl_->on_thread([this] { impl_->server->close(Close::Reason::reload); });
}

void ServedRouter::broadcast(std::string text) {
  impl_->on_thread([&] { impl_->server->broadcast(text); });
}

std::string ServedRouter::hostname() {
  return impl_->on_thread([this] { return impl_->router.host().hostname(); });
}

std::string ServedRouter::open_again() {
  return impl_->on_thread([this] {
    const auto second = impl_->make_server();
    return second ? std::string() : second.error();
  });
}

namespace {

std::vector<char*> argument_pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{CULVERT_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

int wait_for(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

PtyProgram::PtyProgram(const std::vector<std::string>& arguments) {
  auto words = command_line(arguments);
  const auto pointers = argument_pointers(words);
  winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  pid_ = ::forkpty(&descriptor_, nullptr, nullptr, &size);
  if (pid_ == 0) {
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
}

PtyProgram::~PtyProgram() {
  ::close(descriptor_);
  if (pid_ > 0) wait_for(pid_);  // it sees the hang-up
}

void PtyProgram::type(std::string_view octets) {
  while (!octets.empty()) {
    const auto written = ::write(descriptor_, octets.data(), octets.size());
    ASSERT_GT(written, 0);
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool PtyProgram::read_more() {
  pollfd ready{descriptor_, POLLIN, 0};
  if (::poll(&ready, 1, patience_ms) <= 0) return false;
  std::array<char, 4096> octets;
  const auto size = ::read(descriptor_, octets.data(), octets.size());
  if (size > 0) unread_.append(octets.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::string PtyProgram::expect(std::string_view text) {
  while (unread_.find(text) == std::string::npos) {
    if (read_more()) continue;
    ADD_FAILURE() << "\"" << text << "\" did not come, but\n" << unread_;
    return std::exchange(unread_, {});
  }
  auto come = unread_.substr(0, unread_.find(text) + text.size());
  unread_.erase(0, come.size());
  return come;
}

int PtyProgram::exit_status() {
  while (read_more()) continue;
  return wait_for(std::exchange(pid_, -1));
}

Finished run_culvert(const std::vector<std::string>& arguments, std::string_view input) {
  TemporaryFolder folder;
  const auto name = [&](const char* file) { return (folder.path() / file).string(); };
  std::ofstream(name("in")) << input;
  auto words = command_line(arguments);
  const auto pointers = argument_pointers(words);
  const auto in = name("in"), out = name("out"), err = name("err");
  const auto pid = ::fork();
  if (pid == 0) {
    ::dup2(::open(in.c_str(), O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), 2);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  const auto content = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  const auto status = wait_for(pid);
  return {status, content(out), content(err)};
}

}  // namespace culvert::cli::testing
