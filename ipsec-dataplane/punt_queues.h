// The queues from the workers to the control thread: one for each reason, so that a flood of one kind starves no other.
//
// IKE of SAs that stand has a queue of its own for the same reason: anybody can send messages of no SA at any rate, or
// begin one, and SAs that stand must be rekeyed all the same.
#pragma once

#include <array>
#include <expected>
#include <span>
#include <string>

#include "ipsec-dataplane/packet.h"

struct rte_ring;

namespace culvert::dataplane {

class PuntQueues {
 public:
  PuntQueues() = default;
  ~PuntQueues();
  PuntQueues(const PuntQueues&) = delete;
  PuntQueues& operator=(const PuntQueues&) = delete;

  // `packet_count` buffers are shared by all; the queues together hold no more than half of them. Names are unique in
  // the process by `name`. Called once.
  std::expected<void, std::string> open(const std::string& name, unsigned packet_count);
  // For any worker. False: the queue of meta(packet).punt is full, and the packet still the caller's.
  bool offer(Packet* packet);
  // For control alone: an equal share of each queue, at least one; returns how many, and writes them to `out`.
  unsigned take(std::span<void*> out);
  // Whether any was left behind by take().
  bool empty() const;
  // Readable after ring(), until drain_event().
  int event() const { return event_; }
  void ring() const;
  void drain_event() const;

 private:
  std::array<rte_ring*, static_cast<std::size_t>(PuntReason::count)> queues_{};
  int event_ = -1;
};

}  // namespace culvert::dataplane
