#include "ipsec-dataplane/control_sender.h"

#include <rte_cycles.h>

#include "ipsec-dataplane/ports.h"
#include "ipsec-dataplane/stages.h"
#include "ipsec-dataplane/worker.h"

namespace culvert::dataplane {

ControlSender::ControlSender(WorkerState state, const TablePublisher& tables, Ports& ports)
    : state_(state), tables_(tables), ports_(ports) {
  state_.spare = spare_.get();
}

bool ControlSender::may_send(const Meta& meta, const Worker& worker) const {
  return (meta.flags & flag::local) != 0 && tables_.current().policies.empty() && worker.idle();
}

void ControlSender::send(Packet* packet, Worker& worker) {
  const auto& tables = tables_.current();
  auto& b = *burst_;
  b.push(packet);
  state_.now_cycles = rte_rdtsc();
  state_.counters->stage(StageCount::injected).add();
  if (meta(*packet).step == Step::classify) classify(b, tables, state_);
  route(b, tables, state_);
  hand_over(worker);
  ports_.transmit(b, tables, state_);
  finish(b, state_);
}

void ControlSender::hand_over(Worker& worker) {
  burst_->remove_if([&](Packet& p) {
    if (meta(p).step >= Step::transmit && meta(p).step != Step::punt) return false;
    if (worker.offer(&p)) return true;
    drop(p, Drop::sa_ring_full);
    return false;
  });
}

}  // namespace culvert::dataplane
