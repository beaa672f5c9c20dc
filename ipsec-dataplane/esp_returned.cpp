#include "ipsec-dataplane/esp_returned.h"

namespace culvert::dataplane {

void Returned::rejoin(Burst& burst, WorkerState& worker) {
  std::size_t next = 0, kept = 0;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    auto* packet = burst.begin()[i];
    if (packet == nullptr && next < size_) packet = packets_[next++];
    if (packet != nullptr) burst.begin()[kept++] = packet;
  }
  burst.shrink(kept);
  for (; next < size_ && burst.room() > 0; ++next) burst.push(packets_[next]);
  for (; next < size_; ++next) {
    worker.counters->drop(Drop::burst_full).add();
    rte_pktmbuf_free(packets_[next]);
  }
  size_ = 0;
}

}  // namespace culvert::dataplane
