// How a router comes by its configuration, whatever has become of its files. No fault of a disk keeps it from starting.
#include <fmt/format.h>

#include <filesystem>

#include "cli/paths.h"
#include "router/router.h"
#include "router/startup_text.h"
#include "routing/commands/interface_mode.h"

namespace culvert::router {

std::filesystem::path Router::run_folder() const {
  const std::filesystem::path all =
      options_.run_directory.empty() ? cli::run_directory() : std::filesystem::path(options_.run_directory);
  return all / options_.name;
}

void Router::open_configuration() {
  std::error_code error;
  std::filesystem::create_directories(options_.nvram_directory, error);
  if (error)
    log({"SYS", 2, "NVRAM",
         fmt::format("cannot make {}: {}; the configuration cannot be saved; --nvram names another folder",
                     options_.nvram_directory, error.message())});
  if (config::Store::keep_bad(run_folder()))
    log({"SYS", 4, "RUNNING_DB",
         fmt::format("running.db of the last run is damaged and kept as {}; the startup-config is loaded anew",
                     (run_folder() / "running.db.bad").string())});
  if (auto store = config::Store::open(registry_, run_folder()))
    store_ = std::move(*store);
  else
    keep_running_in_memory(store.error());
  const auto start = load_startup();
  for (const auto& fault : start.faults) {
    log({"SYS", 2, "STARTUP_CONFIG", fault});
    startup_faults_ += syslog_.lines().back() + "\n";
  }
  if (start.is_edited)
    log({"SYS", 6, "STARTUP_CONFIG", "startup-config is not what was saved or loaded last: it is taken as edited"});
  shut_unmentioned_ports(start.text);
  for (const auto& one : routing::interface_settings(*store_))
    if (one.address) addresses_from_startup_[one.name] = *one.address;
}

void Router::keep_running_in_memory(const std::string& why) {
  log({"SYS", 3, "RUNNING_DB", fmt::format("{}; it is kept in memory", why)});
  store_ = config::Store::in_memory(registry_);
}

// Whatever is wrong with running.db, the startup-config can be loaded into memory.
std::vector<config::RefusedLine> Router::fill_store(const std::string& startup) {
  const auto fill = [&] {
    for (const auto& port : options_.ports) store_->add_permanent("interface", port.interface);
    return store_->fill(startup);
  };
  auto refused = fill();
  if (refused.empty() || refused.front().number != 0) return refused;
  keep_running_in_memory(refused.front().message());
  return fill();
}

// A fault in the file costs its line, never the router. A file of which nothing is in force is no configuration.
config::StartupConfig::Start Router::load_startup() {
  auto start = startup_.start();
  auto refused = fill_store(start.text);
  const auto good = startup_.last_good();
  if (!refused.empty() && store_->revision() == 0 && good && *good != start.text) {
    start = startup_.start_from_last_good("has no line that is a command");
    refused = fill_store(start.text);
  }
  for (const auto& line : refused)
    log({.facility = "SYS",
         .severity = 4,
         .mnemonic = "STARTUP_CONFIG",
         .text = fmt::format("line {}: \"{}\": {}", line.number, without_keys(line.line), line.message()),
         .unlimited = true});
  if (!refused.empty() || start.text.empty()) return start;
  if (const auto kept = startup_.keep_as_last_good(start.text); !kept)
    log({"SYS", 4, "NVRAM", fmt::format("the last good configuration cannot be kept: Error {}", kept.error())});
  return start;
}

// A port that no startup-config speaks of stays down until somebody wants it, as in IOS.
void Router::shut_unmentioned_ports(const std::string& startup) {
  for (const auto& port : options_.ports)
    if (!speaks_of_interface(startup, port.interface))
      store_->load(fmt::format("interface {}\n shutdown\n", port.interface));
}

}  // namespace culvert::router
