// Snapshots and the grace period: control publishes, workers pin, and what was replaced is freed when nobody can still
// see it (rte_rcu_qsbr).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "ipsec-dataplane/tables.h"

struct rte_rcu_qsbr;

namespace culvert::dataplane {

class TablePublisher {
 public:
  // For worker numbers 0 to workers - 1.
  explicit TablePublisher(unsigned workers);
  ~TablePublisher();
  TablePublisher(const TablePublisher&) = delete;
  TablePublisher& operator=(const TablePublisher&) = delete;

  // Control thread.

  // Replaces the snapshot; the former is freed after its grace period.
  void publish(std::unique_ptr<const Tables> tables);
  const Tables& current() const { return *current_.load(std::memory_order_acquire); }
  // Runs `action` on the control thread, in a later collect(), once every worker has begun a turn after now.
  void after_grace(std::function<void()> action);
  // Does what is due, in the order in which it was asked for. Never waits.
  void collect();
  // Whether every worker that is online has pinned the current snapshot.
  bool seen_by_all() const;
  bool idle() const { return waiting_.empty(); }

  // Worker threads.

  // Between these two the worker pins snapshots; outside it holds up no grace period.
  void online(unsigned worker);
  void offline(unsigned worker);
  // The snapshot of this turn; the one of the turn before is given up.
  const Tables& pin(unsigned worker);
  // Whether control has waited for the worker to pin anew since it last did. One that is not asked may go on with what
  // it has.
  bool asked(unsigned worker) const { return graces_.load(std::memory_order_acquire) != answered_[worker].graces; }

 private:
  struct Free {
    void operator()(rte_rcu_qsbr* qsbr) const;
  };
  struct alignas(64) Answer {  // a worker's own
    std::uint64_t graces = 0;  // graces_ when it pinned
  };
  struct Waiting {
    std::uint64_t token;
    std::function<void()> action;
  };
  std::unique_ptr<rte_rcu_qsbr, Free> qsbr_;
  std::atomic<const Tables*> current_;
  std::atomic<std::uint64_t> graces_{0};  // begun
  std::vector<Answer> answered_;          // by worker
  std::deque<Waiting> waiting_;
  bool collecting_ = false;  // an action that is being done may ask for more
};

}  // namespace culvert::dataplane
