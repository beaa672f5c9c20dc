// Carries octets between an SSH channel and a program, both ways at once: neither waits for the other.
#pragma once

#include <libssh/libssh.h>

#include <string>

#include "cli/ssh/program.h"

namespace culvert::cli::ssh {

class Relay {
 public:
  // `event` drives the session of `channel`.
  Relay(ssh_session session, ssh_event event, ssh_channel channel, const Program& program)
      : session_(session), event_(event), channel_(channel), program_(program) {}

  // Until the program has ended, or the visitor has gone. True in the first case.
  bool run();

 private:
  void wait();
  bool take_input();
  void pass_input();
  void pass_output(int& descriptor, bool is_error);
  bool visitor_is_there() const;

  // Of what was typed and not yet taken: a long paste, and then the visitor's own window stops him.
  static constexpr std::size_t pending_size_max = 1 << 20;

  ssh_session session_;
  ssh_event event_;
  ssh_channel channel_;
  Program program_;
  std::string pending_;
  bool input_closed_ = false;
  short output_ready_ = 0, error_ready_ = 0;
};

}  // namespace culvert::cli::ssh
