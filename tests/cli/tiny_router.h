// A router that is nothing but a shell: a few settings and commands, for sessions to be tried against.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/hostname.h"
#include "cli/session.h"
#include "net/random.h"

namespace culvert::cli::testing {

// A folder that goes when the test ends.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class TinyRouter {
 public:
  // `nvram` holds its startup-config.
  explicit TinyRouter(const std::filesystem::path& nvram);

  SessionHost& host() { return host_; }
  config::Store& store() { return *store_; }
  Lines& lines() { return lines_; }

  std::vector<std::string> log;          // what the router logged
  std::vector<StoredPassword> verified;  // what was compared with something typed
  int reload_count = 0;
  // A `test wait` that runs: the Terminal it was given. It ends by done() or an interrupt.
  std::shared_ptr<parser::Terminal> waiting;
  std::function<void()> on_reload = [] {};
  net::Time now{};  // what its clock says

 private:
  void add_test_commands();
  Verify verify_at_once();

  net::SeededRandom salts_{1};
  config::Registry registry_;
  std::unique_ptr<config::Store> store_;
  config::StartupConfig startup_;
  parser::ExecCommands exec_;
  Lines lines_{[this] { return now; }};
  CommandHost command_host_;
  SessionHost host_;
};

}  // namespace culvert::cli::testing
