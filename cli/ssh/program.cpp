#include "cli/ssh/program.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>

#include "cli/batch.h"
#include "cli/console.h"

namespace culvert::cli::ssh {
namespace {

winsize window(Screen screen) {
  winsize size{};
  size.ws_col = screen.columns;
  size.ws_row = screen.lines;
  return size;
}

int run(const ProgramRequest& request) {
  std::signal(SIGALRM, SIG_DFL);
  auto router = RouterConnection::of(request.session);
  if (request.command) return run_commands(std::move(router), {*request.command});
  if (!request.screen) return run_script(std::move(router), stdin);
  std::setlocale(LC_CTYPE, "C.UTF-8");
  Console console(std::move(router),
                  {.name = request.router_name, .socket = {}, .banner = false, .signals = watch_terminal_signals()},
                  STDIN_FILENO);
  return console.run();
}

// All else that this process holds is the visitor's connection and the front's business.
void keep_only(int session) {
  if (session > 3) close_range(3, static_cast<unsigned>(session - 1), 0);
  close_range(static_cast<unsigned>(session) + 1, ~0U, 0);
}

// What is typed ahead is echoed by the terminal program alone, and once.
termios quiet_terminal() {
  termios mode{};
  mode.c_iflag = ICRNL;
  mode.c_oflag = OPOST | ONLCR;
  mode.c_cflag = CS8 | CREAD;
  mode.c_lflag = ICANON | ISIG;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VEOF] = 4;
  cfsetspeed(&mode, B38400);
  return mode;
}

Program start_on_terminal(const ProgramRequest& request) {
  auto size = window(*request.screen);
  auto mode = quiet_terminal();
  if (!request.command) cfmakeraw(&mode);
  int terminal = -1;
  const auto process = forkpty(&terminal, nullptr, &mode, &size);
  if (process == 0) {
    keep_only(request.session);
    _exit(run(request));
  }
  if (process < 0) return {};
  fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) | O_NONBLOCK);
  return {.process = process, .input = terminal, .output = terminal};
}

Program start_on_pipes(const ProgramRequest& request) {
  std::array<int, 2> in{}, out{}, error{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(error.data(), O_CLOEXEC) != 0)
    return {};
  const auto process = fork();
  if (process == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(error[1], STDERR_FILENO);
    keep_only(request.session);
    const auto status = run(request);
    std::fflush(nullptr);
    _exit(status);
  }
  for (const auto other : {in[0], out[1], error[1]}) close(other);
  fcntl(in[1], F_SETFL, fcntl(in[1], F_GETFL) | O_NONBLOCK);
  return {.process = process, .input = in[1], .output = out[0], .error = error[0]};
}

}  // namespace

Program start_program(const ProgramRequest& request) {
  return request.screen ? start_on_terminal(request) : start_on_pipes(request);
}

void resize(const Program& program, Screen screen) {
  const auto size = window(screen);
  if (program.input == program.output) ioctl(program.output, TIOCSWINSZ, &size);
}

int exit_status(const Program& program) {
  int status = 0;
  if (waitpid(program.process, &status, 0) != program.process) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace culvert::cli::ssh
