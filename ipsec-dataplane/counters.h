// Counters: written by one worker without a lock, summed by control whenever somebody looks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "ipsec-dataplane/drop.h"
#include "ipsec-dataplane/interface.h"

namespace culvert::dataplane {

inline constexpr unsigned workers_max = 8;

// One writer, any number of readers.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct InterfaceCounters {
  Counter in_packets, in_octets, in_drops, out_packets, out_octets, out_drops;  // octets are those of IP packets
};

struct ReassemblyCounters {
  Counter fragments, reassembled, timed_out, failed;  // fragments that came; the rest are datagrams
  Counter cut, fragments_made, could_not_cut;         // packets that were too big for their way
};

enum class StageCount : std::uint8_t {
  received,
  injected,
  policy_in,
  classified,
  opened,
  routed,
  policy_out,
  protected_,
  punted,
  sent,
  count
};

// One per worker.
struct WorkerCounters {
  std::array<InterfaceCounters, interface_count_max> interfaces;
  std::array<Counter, static_cast<std::size_t>(Drop::count)> drops;
  // Packets, and TSC cycles of the turns that had any.
  std::array<Counter, static_cast<std::size_t>(StageCount::count)> stages, cycles;
  ReassemblyCounters reassembly;
  Counter turns, sleeps;

  Counter& drop(Drop d) { return drops[static_cast<std::size_t>(d)]; }
  Counter& stage(StageCount s) { return stages[static_cast<std::size_t>(s)]; }
};

}  // namespace culvert::dataplane
