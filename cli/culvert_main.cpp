// culvert: the terminal of a router.
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <cstdio>

#include "cli/batch.h"
#include "cli/console.h"
#include "cli/options.h"
#include "cli/ready.h"
#include "cli/tty.h"

namespace {

using namespace culvert::cli;

constexpr int no_router = 2;

int complain(const std::string& text) {
  fmt::print(stderr, "culvert: {}\n", text);
  return no_router;
}

int run_console(RouterConnection router, const Target& target, const TerminalOptions& options) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  Console console(std::move(router), {target.name, target.socket, options.banner, watch_terminal_signals()},
                  STDIN_FILENO);
  return console.run();
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) return complain(options.error());
  if (options->help) return fmt::print("{}", terminal_usage), 0;
  const auto target = choose_router(*options);
  if (!target) return complain(target.error());
  if (options->wait_ready_s) return wait_ready(target->socket, std::chrono::seconds(*options->wait_ready_s)) ? 0 : 1;
  auto router = RouterConnection::open(target->socket);
  if (!router) {
    return complain(
        fmt::format("{}: {}; start it with: culvertd --name {}", target->name, router.error(), target->name));
  }
  if (!options->commands.empty()) return run_commands(std::move(*router), options->commands);
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return run_script(std::move(*router), stdin);
  return run_console(std::move(*router), *target, *options);
}
