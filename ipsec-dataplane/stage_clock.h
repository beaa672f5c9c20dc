// Where the cycles of a turn go, stage after stage. Reading the clock is not free, so one turn in `one_of` is looked at
// and counts for all of them. A turn without packets counts nothing.
#pragma once

#include <rte_cycles.h>

#include <cstddef>
#include <cstdint>

#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

class StageClock {
 public:
  static constexpr unsigned one_of = 8;

  StageClock(const WorkerState& worker, bool runs)
      : counters_(*worker.counters), last_(worker.now_cycles), runs_(runs) {}

  // What has passed since the last stop is the stage's.
  void stop(StageCount stage) {
    if (!runs_) return;
    const auto now = rte_rdtsc();
    counters_.cycles[static_cast<std::size_t>(stage)].add(one_of * (now - last_));
    last_ = now;
  }

 private:
  WorkerCounters& counters_;
  std::uint64_t last_;
  bool runs_;
};

}  // namespace culvert::dataplane
