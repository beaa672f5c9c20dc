// How an idle worker waits: on the descriptors of its ports, and on one by which others wake it.
//
// The order matters: a worker announces that it will sleep, looks at its queues once more, and only then waits; who
// puts something into a queue looks at the announcement afterwards. So a packet is either seen or wakes the worker.
#pragma once

#include <poll.h>

#include <atomic>
#include <vector>

namespace culvert::dataplane {

class Sleeper {
 public:
  // `descriptors` become readable when a port has packets. Where a port has none, `timeout_ms` bounds the wait; -1 =
  // none.
  Sleeper(const std::vector<int>& descriptors, int timeout_ms);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  // The worker: announce, then wait or think better of it.
  void announce() { asleep_.store(true, std::memory_order_seq_cst); }
  void stay_awake() { asleep_.store(false, std::memory_order_relaxed); }
  bool asleep() const { return asleep_.load(std::memory_order_relaxed); }
  void wait(int at_most_ms = -1);

  // Others, after they have put something where the worker will look.
  void kick();

 private:
  std::vector<pollfd> polled_;  // the first is our own event
  int timeout_ms_;
  std::atomic<bool> asleep_{false};
};

}  // namespace culvert::dataplane
