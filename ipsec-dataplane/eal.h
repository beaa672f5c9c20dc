// DPDK's environment abstraction layer: started once a process, without hugepages, PCI or shared files.
#pragma once

#include <expected>
#include <string>

namespace culvert::dataplane {

struct EalOptions {
  std::string name;      // unique on the machine
  unsigned workers = 1;  // lcores besides the calling thread, which becomes the main one
  unsigned memory_mb = 128;
  bool hugepages = false;
};

// Starts EAL. Workers float over the CPUs that the process may use. The error is one line with what DPDK said.
std::expected<void, std::string> start_eal(const EalOptions& options);
// Requires: no worker is running, nothing of DPDK's is used any more.
void stop_eal();

}  // namespace culvert::dataplane
