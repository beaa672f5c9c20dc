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

bool another_pass(Burst& burst) {
  bool any = false;
  for (auto* p : burst) {
    auto& m = meta(*p);
    if (m.step >= Step::transmit) continue;
    if (m.passes++ >= passes_max)
      drop(*p, Drop::passes_exceeded);
    else
      any = true;
  }
  return any;
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
