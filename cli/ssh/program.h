// The program at the router's side of an SSH channel: a terminal on a pty of its own, or a script on pipes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace culvert::cli::ssh {

struct Screen {
  std::uint16_t columns = 80, lines = 24;
};

struct ProgramRequest {
  std::optional<Screen> screen;        // on a terminal of that size; else on pipes
  std::optional<std::string> command;  // this one alone; else a session
  int session;                         // to culvertd, taken over
  std::string router_name;
};

struct Program {
  pid_t process = -1;
  int input = -1, output = -1;  // the same descriptor where it is a terminal
  int error = -1;               // of pipes
};

// Forks. `process` is negative where that failed.
Program start_program(const ProgramRequest& request);
void resize(const Program& program, Screen screen);
// What the program ended with; it has closed its output.
int exit_status(const Program& program);

}  // namespace culvert::cli::ssh
