// `show version`, `show logging` and `clear logging`: the router about itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/time.h"
#include "parser/exec_command.h"
#include "router/syslog.h"

namespace culvert::router {

struct SystemFacts {
  std::string hostname, program;  // the path of the program that runs
  net::Duration uptime{};
  net::WallTime started{};
  std::uint64_t memory_used_kb = 0, memory_total_kb = 0;
  unsigned workers = 0;
  std::vector<std::string> ports;
};

std::string show_version(const SystemFacts& facts);
std::string show_logging(const Syslog& log);

// `facts` is asked at each command; `log` outlives the commands.
void add_system_commands(parser::ExecCommands& commands, std::function<SystemFacts()> facts, Syslog& log);

// Memory of this process and of the machine, from /proc.
std::pair<std::uint64_t, std::uint64_t> memory_kb();

}  // namespace culvert::router
