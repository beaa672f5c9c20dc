// culvertd: one process is one router.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <span>

#include "router/options.h"
#include "router/router.h"

namespace {

using culvert::router::Ending;
using culvert::router::Router;

constexpr int exit_fault = 1, exit_usage = 2;
// Told apart from a fault by whoever supervises: the router asked for its reload, and is to be started again.
constexpr int exit_reload = 75;

int complain(const std::string& text, int status) {
  fmt::print(stderr, "culvertd: {}\n", text);
  return status;
}

std::expected<Ending, std::string> run(const culvert::router::Options& options) {
  boost::asio::io_context loop;
  const auto router = Router::start(loop, options);
  if (!router) return std::unexpected(router.error());
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) (*router)->stop(Ending::stop);
  });
  return (*router)->run();
}

// Starts this program again in the same process; the devices of the old life must not stay open in the new one.
int start_again(char** argv) {
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execv("/proc/self/exe", argv);
  return exit_reload;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_DUMPABLE, 0);
  umask(077);
  const auto parsed =
      culvert::router::parse_options(std::span<const char* const>(argv + 1, static_cast<std::size_t>(argc - 1)));
  if (!parsed) return complain(parsed.error(), exit_usage);
  if (const auto* usage = std::get_if<culvert::router::Usage>(&*parsed)) {
    fmt::print("{}", usage->text);
    return 0;
  }
  const auto& options = std::get<culvert::router::Options>(*parsed);
  const auto ending = run(options);
  if (!ending) return complain(ending.error(), exit_fault);
  if (*ending != Ending::reload) return 0;
  return options.exit_on_reload ? exit_reload : start_again(argv);
}
