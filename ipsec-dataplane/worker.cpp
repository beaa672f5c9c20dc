#include "ipsec-dataplane/worker.h"

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ring.h>

#include <cstring>
#include <utility>

#include "ipsec-dataplane/crypto_engine.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/filter.h"
#include "ipsec-dataplane/policy.h"
#include "ipsec-dataplane/ports.h"
#include "ipsec-dataplane/punt_queues.h"
#include "ipsec-dataplane/stage_clock.h"
#include "ipsec-dataplane/stages.h"
#include "ipsec-dataplane/tap_stages.h"

namespace culvert::dataplane {

namespace {
constexpr std::uint64_t reassembly_timeout_s = 15;  // RFC 791 section 3.2
}

Worker::Worker(WorkerState state, WorkerQueues queues, TablePublisher& tables, Ports& ports,
               std::span<Worker* const> peers)
    : state_(state),
      queues_(queues),
      tables_(tables),
      ports_(ports),
      peers_(peers),
      reassembly_({.timeout = reassembly_timeout_s * rte_get_tsc_hz()}),
      policies_(std::make_unique<PolicyWork>(rte_get_tsc_hz())),
      sleeper_(ports.descriptors(state.worker), ports.poll_interval_ms(state.worker)) {
  state_.spare = spare_.get();
  state_.flows = flows_.get();
  state_.policies = policies_.get();
  state_.reassembly = &reassembly_;
}

Worker::~Worker() { let_go(); }

void Worker::let_go() {
  bring_back();
  for (auto* p : *burst_) rte_pktmbuf_free(p);
  burst_->clear();
}

void Worker::turn() {
  // What is in flight holds on to SAs of the snapshot, which is kept until all of it is back.
  if (!in_flight()) pinned_ = &tables_.pin(state_.worker);
  const Tables& t = *pinned_;
  auto& b = *burst_;
  receive(t);
  if (in_flight() && must_come_back()) bring_back();
  if (state_.uncut) resegment(b, t, state_);
  StageClock clock(state_, !b.empty() && StageClock::looks_at(state_.now_cycles));
  clock.stop(StageCount::received);
  auto steps = another_pass(b);
  for (; steps.any_under_way(); steps = another_pass(b)) pass(steps, t, clock);
  if (steps.has(Step::punt) || state_.reported) punt();
  clock.stop(StageCount::punted);
  if (steps.has(Step::transmit)) ports_.transmit(b, t, state_);
  finish(b, state_);
  clock.stop(StageCount::sent);
}

// A stage that no packet waits for is left out.
void Worker::pass(StepSet steps, const Tables& t, StageClock& clock) {
  auto& b = *burst_;
  if (steps.has(Step::classify)) {
    filter_input(b, t, state_);
    policy_in(b, t, state_);
    classify(b, t, state_);
    steps = steps_in(b);
    clock.stop(StageCount::classified);
  }
  if (steps.has(Step::esp_open)) {
    hand_over(Step::esp_open);
    esp_open(b, t, state_);
    tap_opened(b, t);
    clock.stop(StageCount::opened);
  }
  if (steps.has(Step::route) || steps.has(Step::directed)) {
    route(b, t, state_);
    steps = steps_in(b);
  }
  if (steps.has(Step::reassemble)) {
    hand_over(Step::reassemble);
    reassemble(b, state_);
  }
  if (steps.has(Step::icmp_error)) icmp_errors(b, t, state_);
  clock.stop(StageCount::routed);
  if (!steps.has(Step::protect)) return;
  hand_over(Step::protect);
  tap_to_seal(b, t);
  esp_seal(b, t, state_);
  clock.stop(StageCount::protected_);
}

bool Worker::in_flight() const { return state_.crypto != nullptr && state_.crypto->in_flight(); }

bool Worker::must_come_back() const {
  return !state_.backlog || state_.crypto->starved() || tables_.asked(state_.worker);
}

void Worker::bring_back() {
  if (!in_flight()) return;
  state_.backlog = false;
  esp_open(*burst_, *pinned_, state_);
  tap_opened(*burst_, *pinned_);
  esp_seal(*burst_, *pinned_, state_);
}

void Worker::receive(const Tables& tables) {
  state_.now_cycles = rte_rdtsc();
  state_.backlog = state_.uncut = false;
  state_.counters->turns.add();
  ports_.receive(*burst_, tables, state_);
  receive_ring();
  expire_fragments(*burst_, state_);
  empty_turns_ = burst_->empty() ? empty_turns_ + 1 : 0;
}

void Worker::receive_ring() {
  auto& b = *burst_;
  const auto got = rte_ring_dequeue_burst(queues_.in, reinterpret_cast<void**>(b.tail()), Burst::rx_max, nullptr);
  b.grow(got);
  if (got == Burst::rx_max) state_.backlog = true;
  state_.counters->stage(StageCount::injected).add(got);
}

bool Worker::offer(Packet* packet) {
  if (rte_ring_enqueue(queues_.in, packet) != 0) return false;
  kick();
  return true;
}

// In this order: a worker that has taken the last packet of its ring was awake before it did so. And one that is not
// seen awake pins what was published before: TablePublisher::online() has the other fence.
bool Worker::idle() const {
  if (rte_ring_empty(queues_.in) == 0) return false;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return sleeper_.asleep();
}

namespace {

// An SA belongs to one worker: inbound by SPI, outbound by tunnel. So does a fragmented datagram.
unsigned owner_of(Packet& p, Step step, std::size_t workers) {
  if (step == Step::protect) return static_cast<unsigned>(meta(p).egress % workers);
  if (step == Step::reassemble) return reassembler_of(p, workers);
  const auto esp = data(p).subspan(meta(p).header_length + (has(p, flag::udp_esp) ? 8u : 0u));
  if (esp.size() < 4) return 0;
  std::uint32_t spi;
  std::memcpy(&spi, esp.data(), sizeof spi);
  return static_cast<unsigned>(rte_be_to_cpu_32(spi) % workers);
}

}  // namespace

// Leaves only the packets whose SA is ours; the others go to the worker that owns it, which takes up the same step.
void Worker::hand_over(Step step) {
  if (peers_.size() < 2) return;
  burst_->remove_if([&](Packet& p) {
    if (meta(p).step != step) return false;
    const auto owner = owner_of(p, step, peers_.size());
    if (owner == state_.worker) return false;
    meta(p).sa = nullptr;
    if (peers_[owner]->offer(&p)) return true;
    drop(p, Drop::sa_ring_full);
    return false;
  });
}

void Worker::punt() {
  bool any = false;
  burst_->remove_if([&](Packet& p) {
    if (meta(p).step != Step::punt) return false;
    if (queues_.punts->offer(&p)) {
      state_.counters->stage(StageCount::punted).add();
      return any = true;
    }
    drop(p, Drop::punt_full);
    return false;
  });
  any = std::exchange(state_.reported, false) || any;
  if (any) queues_.punts->ring();
}

void Worker::run() {
  tables_.online(state_.worker);
  while (!stopping_.load(std::memory_order_relaxed)) {
    turn();
    if (empty_turns_ >= empty_turns_before_sleep) sleep();
  }
  let_go();
  tables_.offline(state_.worker);
}

void Worker::sleep() {
  sleeper_.announce();
  if (rte_ring_empty(queues_.in) == 0 || stopping_.load()) return sleeper_.stay_awake();
  tables_.offline(state_.worker);
  state_.counters->sleeps.add();
  sleeper_.wait(reassembly_.datagrams() > 0 ? look_at_fragments_ms : -1);
  tables_.online(state_.worker);
  empty_turns_ = 0;
}

void Worker::stop() {
  stopping_.store(true);
  kick();
}

}  // namespace culvert::dataplane
