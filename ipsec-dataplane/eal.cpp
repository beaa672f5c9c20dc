#include "ipsec-dataplane/eal.h"

#include <fmt/core.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace culvert::dataplane {
namespace {

// "0-1,4": the CPUs this process may run on.
std::string allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::string text;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) text += fmt::format("{}{}", text.empty() ? "" : ",", cpu);
  return text;
}

std::string lcores(unsigned workers) {
  const auto cpus = allowed_cpus();
  std::string text;
  for (unsigned i = 0; i <= workers; ++i) text += fmt::format("{}{}@({})", i == 0 ? "" : ",", i, cpus);
  return text;
}

std::vector<std::string> arguments(const EalOptions& o) {
  std::vector<std::string> a{"culvert",
                             "--no-shconf",
                             "--no-pci",
                             "--no-telemetry",
                             "--file-prefix",
                             "culvert-" + o.name,
                             "--lcores",
                             lcores(o.workers),
                             "-m",
                             fmt::format("{}", o.memory_mb)};
  if (o.hugepages)
    a.push_back("--single-file-segments");
  else
    a.push_back("--no-huge");
  return a;
}

// What DPDK logs while it starts, so that the reason for a failure can be told in one line.
class StartLog {
 public:
  StartLog() : stream_(open_memstream(&text_, &size_)) { rte_openlog_stream(stream_); }
  ~StartLog() {
    rte_openlog_stream(nullptr);
    std::fclose(stream_);
    std::free(text_);
  }
  std::string last_line() {
    std::fflush(stream_);
    std::string all(text_, size_);
    while (!all.empty() && all.back() == '\n') all.pop_back();
    return all.substr(all.rfind('\n') + 1);
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  FILE* stream_;
};

// EAL keeps a lock file per process; in a user namespace root's usual place belongs to somebody else.
void choose_runtime_directory() {
  if (std::getenv("RUNTIME_DIRECTORY") != nullptr || getuid() != 0) return;
  if (access("/var/run", W_OK) != 0) setenv("RUNTIME_DIRECTORY", "/tmp", 0);
}

}  // namespace

std::expected<void, std::string> start_eal(const EalOptions& options) {
  choose_runtime_directory();
  rte_log_set_global_level(RTE_LOG_ERR);
  auto args = arguments(options);
  args.push_back(fmt::format("--log-level={}", RTE_LOG_ERR));
  std::vector<char*> argv;
  for (auto& a : args) argv.push_back(a.data());
  StartLog log;
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) >= 0) {
    rte_log_set_global_level(RTE_LOG_EMERG);  // from here on our own errors say what is wrong
    return {};
  }
  const auto why = log.last_line();
  return std::unexpected(fmt::format("DPDK did not start: {}; is '{}' running already, or memory short?",
                                     why.empty() ? rte_strerror(rte_errno) : why, options.name));
}

void stop_eal() { rte_eal_cleanup(); }

}  // namespace culvert::dataplane
