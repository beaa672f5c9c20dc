// Sends what control has to say while the worker sleeps: to wake it for one packet costs more than to send the packet.
//
// It runs the stages that need nothing of a worker. What must be sealed, asked for or answered goes on at a worker, at
// the step that it has come to.
#pragma once

#include <memory>

#include "ipsec-dataplane/grace.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

class Ports;
class Worker;

// Control thread only.
class ControlSender {
 public:
  // `state` has control's own counters. All outlive this.
  ControlSender(WorkerState state, const TablePublisher& tables, Ports& ports);

  // Whether send() would do: the packet is our own, no worker must be asked what protects it, and `worker` sleeps with
  // nothing before it, so that packets keep their order.
  bool may_send(const Meta& meta, const Worker& worker) const;
  // Takes the packet over; `worker` gets what only a worker can do.
  void send(Packet* packet, Worker& worker);

 private:
  void hand_over(Worker& worker);

  WorkerState state_;
  const TablePublisher& tables_;
  Ports& ports_;
  std::unique_ptr<Burst> burst_ = std::make_unique<Burst>();
  std::unique_ptr<Burst> spare_ = std::make_unique<Burst>();
};

}  // namespace culvert::dataplane
