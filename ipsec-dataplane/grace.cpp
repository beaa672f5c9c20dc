#include "ipsec-dataplane/grace.h"

#include <rte_rcu_qsbr.h>

#include <cstdlib>
#include <new>
#include <utility>

namespace culvert::dataplane {

void TablePublisher::Free::operator()(rte_rcu_qsbr* qsbr) const { std::free(qsbr); }

TablePublisher::TablePublisher(unsigned workers) : current_(new Tables), answered_(workers) {
  const auto size = (rte_rcu_qsbr_get_memsize(workers) + RTE_CACHE_LINE_SIZE - 1) / RTE_CACHE_LINE_SIZE;
  qsbr_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(RTE_CACHE_LINE_SIZE, size * RTE_CACHE_LINE_SIZE)));
  if (!qsbr_) throw std::bad_alloc();
  rte_rcu_qsbr_init(qsbr_.get(), workers);
  for (unsigned worker = 0; worker < workers; ++worker) rte_rcu_qsbr_thread_register(qsbr_.get(), worker);
}

// Requires: no worker is online any more.
TablePublisher::~TablePublisher() {
  collect();
  delete current_.load();
}

void TablePublisher::publish(std::unique_ptr<const Tables> tables) {
  const auto* former = current_.exchange(tables.release(), std::memory_order_acq_rel);
  after_grace([former] { delete former; });
}

void TablePublisher::after_grace(std::function<void()> action) {
  graces_.fetch_add(1, std::memory_order_release);
  waiting_.push_back({rte_rcu_qsbr_start(qsbr_.get()), std::move(action)});
  collect();
}

void TablePublisher::collect() {
  if (std::exchange(collecting_, true)) return;
  while (!waiting_.empty() && rte_rcu_qsbr_check(qsbr_.get(), waiting_.front().token, false) == 1) {
    const auto action = std::move(waiting_.front().action);
    waiting_.pop_front();
    action();
  }
  collecting_ = false;
}

bool TablePublisher::seen_by_all() const {
  return rte_rcu_qsbr_check(qsbr_.get(), rte_rcu_qsbr_start(qsbr_.get()), false) == 1;
}

void TablePublisher::online(unsigned worker) { rte_rcu_qsbr_thread_online(qsbr_.get(), worker); }
void TablePublisher::offline(unsigned worker) { rte_rcu_qsbr_thread_offline(qsbr_.get(), worker); }

const Tables& TablePublisher::pin(unsigned worker) {
  answered_[worker].graces = graces_.load(std::memory_order_acquire);
  rte_rcu_qsbr_quiescent(qsbr_.get(), worker);
  return *current_.load(std::memory_order_acquire);
}

}  // namespace culvert::dataplane
