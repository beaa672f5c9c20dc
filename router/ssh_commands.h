// `crypto key generate` and `zeroize`, `show crypto key mypubkey`, `show ip ssh` and `show ssh`.
#pragma once

#include <functional>
#include <string>

#include "cli/lines.h"
#include "config-store/view.h"
#include "parser/exec_command.h"
#include "router/ssh_service.h"

namespace culvert::router {

struct SshCommandHost {
  std::function<const config::View&()> configuration;
  std::function<SshService&()> service;
  const cli::Lines& lines;
  std::function<net::Time()> now;
};

void add_ssh_commands(parser::ExecCommands& commands, const SshCommandHost& host);

}  // namespace culvert::router
