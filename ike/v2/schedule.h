// Deadlines of many things, the earliest first.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "net/time.h"

namespace culvert::ike::v2 {

template <class Key>
class Schedule {
 public:
  // Replaces what was scheduled for `key`; nullopt takes it out.
  void set(const Key& key, std::optional<net::Time> due) {
    if (const auto old = due_.find(key); old != due_.end()) {
      if (old->second == due) return;
      order_.erase({old->second, key});
      due_.erase(old);
    }
    if (!due) return;
    due_.emplace(key, *due);
    order_.emplace(*due, key);
  }
  std::optional<net::Time> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }
  // Takes out one key whose time has come.
  std::optional<Key> pop(net::Time now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    auto key = order_.begin()->second;
    set(key, std::nullopt);
    return key;
  }

 private:
  std::map<Key, net::Time> due_;
  std::set<std::pair<net::Time, Key>> order_;
};

}  // namespace culvert::ike::v2
