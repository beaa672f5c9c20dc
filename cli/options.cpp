#include "cli/options.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <getopt.h>

#include <array>
#include <charconv>
#include <cstring>

#include "cli/connection.h"
#include "cli/paths.h"

namespace culvert::cli {

const std::string_view terminal_usage =
    R"(usage: culvert [-n NAME] [-c COMMAND]... [options]
The console of a router that runs on this machine. With -c, or with a file as its standard input, it runs commands in
privileged mode and ends with status 0, or 1 if one was refused or failed, or 2 if there is no router.

  -n, --name NAME           the router's name; not needed where only one runs
  -c, --command COMMAND     run COMMAND and print what it says; may be given several times, for one session
      --wait-ready SECONDS  wait until the router answers, at most so long; status 0, or 1 if it does not
      --socket PATH         the router's console socket, instead of the one that its name tells
      --no-banner           start with the prompt, without "Press RETURN to get started."
  -h, --help                this text
)";

namespace {

enum Option : int { wait_ready = 256, socket_path, no_banner };
constexpr std::array<option, 7> long_options{{{"name", required_argument, nullptr, 'n'},
                                              {"command", required_argument, nullptr, 'c'},
                                              {"wait-ready", required_argument, nullptr, wait_ready},
                                              {"socket", required_argument, nullptr, socket_path},
                                              {"no-banner", no_argument, nullptr, no_banner},
                                              {"help", no_argument, nullptr, 'h'},
                                              {nullptr, 0, nullptr, 0}}};

std::optional<unsigned> seconds(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > 86'400) return std::nullopt;
  return value;
}

std::expected<void, std::string> take(TerminalOptions& options, int option, const char* value) {
  switch (option) {
    case 'n':
      if (!is_router_name(value)) return std::unexpected(fmt::format("\"{}\" cannot be the name of a router", value));
      options.name = value;
      return {};
    case 'c': options.commands.emplace_back(value); return {};
    case wait_ready:
      options.wait_ready_s = seconds(value);
      if (!options.wait_ready_s) return std::unexpected(fmt::format("\"{}\" is no number of seconds", value));
      return {};
    case socket_path: options.socket = value; return {};
    case no_banner: options.banner = false; return {};
    case 'h': options.help = true; return {};
    default: return std::unexpected("the command line is not understood; see culvert --help");
  }
}

std::vector<std::string> routers_running() {
  std::vector<std::string> running;
  for (auto& name : routers_present()) {
    if (RouterConnection::open(console_path(name))) running.push_back(std::move(name));
  }
  return running;
}

}  // namespace

std::expected<TerminalOptions, std::string> parse_options(int argc, char** argv) {
  TerminalOptions options;
  opterr = 0;
  optind = 1;
  for (int found = 0; (found = getopt_long(argc, argv, "n:c:h", long_options.data(), nullptr)) != -1;) {
    if (const auto taken = take(options, found, optarg); !taken) return std::unexpected(taken.error());
  }
  if (optind < argc) return std::unexpected(fmt::format("\"{}\" is too much; a command needs -c", argv[optind]));
  return options;
}

std::expected<Target, std::string> choose_router(const TerminalOptions& options) {
  if (options.socket) return Target{options.name.value_or("the router"), *options.socket};
  if (options.name) return Target{*options.name, console_path(*options.name)};
  const auto running = routers_running();
  if (running.size() > 1) {
    return std::unexpected(fmt::format("several routers run here, choose one with -n: {}", fmt::join(running, ", ")));
  }
  const auto name = running.empty() ? std::string(default_router_name) : running.front();
  return Target{name, console_path(name)};
}

}  // namespace culvert::cli
