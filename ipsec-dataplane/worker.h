// A worker: one thread that takes packets from its ports, leads them through the stages and sends them on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ipsec-dataplane/flow_cache.h"
#include "ipsec-dataplane/grace.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/policy_work.h"
#include "ipsec-dataplane/reassembly.h"
#include "ipsec-dataplane/sleeper.h"
#include "ipsec-dataplane/worker_state.h"

struct rte_ring;

namespace culvert::dataplane {

class Ports;
class PuntQueues;
class StageClock;

// The queues between a worker and the others, made by control; rings of Packet pointers.
struct WorkerQueues {
  rte_ring* in = nullptr;       // from control and from other workers
  PuntQueues* punts = nullptr;  // to control, shared by all workers
};

class Worker {
 public:
  Worker(WorkerState state, WorkerQueues queues, TablePublisher& tables, Ports& ports, std::span<Worker* const> peers);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // Requires: it does not run any more; where it never ran by run(), what its last turn pinned has not been freed.
  ~Worker();

  // One turn of the loop: receive, lead through the stages, send, count.
  void turn();
  // Turns until stop(); sleeps when there has been nothing to do for a while. On a thread of its own.
  void run();
  void stop();
  // Control or another worker put something in its ring, or published.
  void kick() { sleeper_.kick(); }
  // Hands a packet over; false: the ring is full, and the packet still the caller's.
  bool offer(Packet* packet);
  // Whether it sleeps and all that was handed over has gone its way. For who alone hands over packets whose order
  // counts.
  bool idle() const;

  const WorkerCounters& counters() const { return *state_.counters; }

 private:
  static constexpr unsigned empty_turns_before_sleep = 200;
  static constexpr int look_at_fragments_ms = 1000;  // a sleeping worker's

  void pass(StepSet steps, const Tables& tables, StageClock& clock);
  bool in_flight() const;
  bool must_come_back() const;
  void bring_back();
  void let_go();
  void receive(const Tables& tables);
  void receive_ring();
  void hand_over(Step step);
  void punt();
  void sleep();

  WorkerState state_;
  WorkerQueues queues_;
  TablePublisher& tables_;
  const Tables* pinned_ = nullptr;
  Ports& ports_;
  std::span<Worker* const> peers_;
  Reassembly reassembly_;
  std::unique_ptr<PolicyWork> policies_;
  Sleeper sleeper_;
  std::unique_ptr<Burst> burst_ = std::make_unique<Burst>();
  std::unique_ptr<Burst> spare_ = std::make_unique<Burst>();
  std::unique_ptr<FlowCache> flows_ = std::make_unique<FlowCache>();
  unsigned empty_turns_ = 0;
  std::atomic<bool> stopping_{false};
};

}  // namespace culvert::dataplane
