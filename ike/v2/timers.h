// The timers of one IKE SA: a table of optional times. Nothing is called back; whoever asks learns what fired.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "net/time.h"

namespace culvert::ike::v2 {

enum class Timer : std::uint8_t {
  retransmit,  // our request in flight has not been answered
  half_open,   // a responder's SA that has not authenticated, or a closed one that still repeats its last response
  dpd,         // silence may be long enough to probe
  lifetime,    // the IKE SA has lived its life
  rekey,       // the IKE SA is to be rekeyed
  child,       // the first of its Child SAs is to be rekeyed, or has lived its life
  keepalive,   // the NAT in front of us may forget us
  count
};

class Timers {
 public:
  void set(Timer timer, net::Time due) { due_[index(timer)] = due; }
  void stop(Timer timer) { due_[index(timer)].reset(); }
  void stop_all() { due_ = {}; }
  std::optional<net::Time> due(Timer timer) const { return due_[index(timer)]; }
  // True once for each time set.
  bool fired(Timer timer, net::Time now) {
    auto& due = due_[index(timer)];
    if (!due || *due > now) return false;
    due.reset();
    return true;
  }
  std::optional<net::Time> next() const {
    std::optional<net::Time> first;
    for (const auto& due : due_)
      if (due && (!first || *due < *first)) first = due;
    return first;
  }

 private:
  static std::size_t index(Timer timer) { return static_cast<std::size_t>(timer); }
  std::array<std::optional<net::Time>, static_cast<std::size_t>(Timer::count)> due_;
};

}  // namespace culvert::ike::v2
