// Where the cycles of a turn go, stage after stage. A turn without packets costs nothing and counts nothing.
#pragma once

#include <rte_cycles.h>

#include <cstddef>
#include <cstdint>

#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

class StageClock {
 public:
  StageClock(const WorkerState& worker, bool runs)
      : counters_(*worker.counters), last_(worker.now_cycles), runs_(runs) {}

  // What has passed since the last stop is the stage's.
  void stop(StageCount stage) {
    if (!runs_) return;
    const auto now = rte_rdtsc();
    counters_.cycles[static_cast<std::size_t>(stage)].add(now - last_);
    last_ = now;
  }

 private:
  WorkerCounters& counters_;
  std::uint64_t last_;
  bool runs_;
};

}  // namespace culvert::dataplane
