// The command line of culvertd.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "net/address.h"

namespace culvert::router {

struct PortOption {
  std::string interface;  // canonical: "GigabitEthernet0/0"
  std::string device;     // as DPDK takes it: "net_af_packet0,iface=eth0"
};

struct Options {
  std::string name = "router";
  std::string nvram_directory;  // empty = /var/lib/culvert/<name>
  std::string run_directory;    // empty = the folder that `culvert -n <name>` looks in
  std::string log_file;         // empty = no copy of the log outside the router; "-" = standard error
  std::string key_log_file;     // empty = keys are never written; for tests that decrypt captures
  std::vector<PortOption> ports;
  std::vector<net::Endpoint> ssh_listen;  // where SSH is reached beside the router's own addresses
  unsigned workers = 1;
  unsigned memory_mb = 128;
  bool no_ports = false;        // without it a router that has none does not start
  bool exit_on_reload = false;  // with a status of its own, rather than to start again in the same process
};

struct Usage {  // --help or --version was asked for: print and leave with 0
  std::string text;
};

// The error is one line that says what is wrong and how to mend it.
std::expected<std::variant<Options, Usage>, std::string> parse_options(std::span<const char* const> arguments);

}  // namespace culvert::router
