// The two ends of a packet's passes: whether it has another one, and how it is counted when it has none.
#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane {

namespace {

// Before an egress was chosen a packet is lost to where it came from, afterwards to where it would have gone.
void count_drop(const Meta& m, WorkerCounters& counters) {
  counters.drop(m.drop).add();
  if (m.egress != no_interface)
    counters.interfaces[m.egress].out_drops.add();
  else
    counters.interfaces[m.interface].in_drops.add();
}

}  // namespace

StepSet another_pass(Burst& burst) {
  StepSet steps;
  for (auto* p : burst) {
    auto& m = meta(*p);
    if (m.step < Step::transmit && m.passes++ >= passes_max) drop(*p, Drop::passes_exceeded);
    steps.add(m.step);
  }
  return steps;
}

void finish(Burst& burst, WorkerState& worker) {
  for (auto* p : burst) {
    const auto& m = meta(*p);
    assert(m.step == Step::drop || m.step == Step::done);
    if (m.step == Step::drop) count_drop(m, *worker.counters);
    rte_pktmbuf_free(p);
  }
  burst.clear();
}

}  // namespace culvert::dataplane
