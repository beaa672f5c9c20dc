// An access list as an interface applies it: the compiled rules, and what follows from each line.
//
// Made by control, immutable but for the counts, and held by the snapshots that name it. The counts outlive a filter: a
// list that was changed makes another one, and its unchanged lines go on counting where they were.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "ipsec-dataplane/classifier.h"
#include "ipsec-dataplane/counters.h"
#include "ipsec-dataplane/interface.h"

namespace culvert::dataplane {

// Packets that a line decided about; each worker writes its own.
class HitCount {
 public:
  void add(unsigned worker) { by_worker_[worker % workers_max].add(); }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto& one : by_worker_) sum += one.get();
    return sum;
  }

 private:
  std::array<Counter, workers_max> by_worker_;
};

struct FilterLine {
  bool permit = false;
  std::uint32_t log = 0;  // what a report about the line is called by; 0: it is not logged
  std::shared_ptr<HitCount> hits;
};

struct PacketFilter {
  std::shared_ptr<const Classifier> classifier;
  std::vector<FilterLine> lines;  // by the classifier's result; what none of them matches is denied
};

// A packet that a line with `log` decided about.
struct FilterReport {
  std::uint32_t log = 0;
  InterfaceIndex interface = no_interface;  // where the packet came in
  FlowKey flow;
};

// From one worker to control, without locks. What does not fit is counted as missed.
class FilterReports {
 public:
  static constexpr std::uint32_t capacity = 256;

  void put(const FilterReport& report) {
    const auto head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == capacity) return missed.add();
    ring_[head % capacity] = report;
    head_.store(head + 1, std::memory_order_release);
  }
  std::vector<FilterReport> take() {
    std::vector<FilterReport> all;
    auto tail = tail_.load(std::memory_order_relaxed);
    for (const auto head = head_.load(std::memory_order_acquire); tail != head; ++tail)
      all.push_back(ring_[tail % capacity]);
    tail_.store(tail, std::memory_order_release);
    return all;
  }

  Counter missed;  // worker

 private:
  std::array<FilterReport, capacity> ring_;
  std::atomic<std::uint32_t> head_{0}, tail_{0};
};

}  // namespace culvert::dataplane
