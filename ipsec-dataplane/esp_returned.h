// Packets that come out of the lanes of a cipher, on their way back into the burst.
#pragma once

#include <array>

#include "ipsec-dataplane/cipher_lanes.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

// A packet that goes into a lane leaves a hole in the burst, nullptr. Those that come out fill the holes in the order
// in which they went in, so that an SA keeps the order of its packets; what is left goes to the burst's end.
class Returned {
 public:
  void push(Packet* packet) { packets_[size_++] = packet; }
  // Leaves no hole. Packets for which the burst is full are freed and counted.
  void rejoin(Burst& burst, WorkerState& worker);

 private:
  std::array<Packet*, Burst::capacity + CipherLanes::capacity> packets_;
  std::size_t size_ = 0;
};

}  // namespace culvert::dataplane
