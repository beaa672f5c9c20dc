// Time is an argument. Monotonic time drives every timer; wall time only stamps what people read.
//
// Neither clock has a now(): router/ reads the machine's clocks, tests make their own.
#pragma once

#include <chrono>
#include <cstdint>

namespace culvert::net {

struct MonotonicClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using Time = MonotonicClock::time_point;
using Duration = MonotonicClock::duration;

struct WallClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;  // since 1970-01-01 UTC

inline std::int64_t whole_seconds(Duration d) { return std::chrono::duration_cast<std::chrono::seconds>(d).count(); }

}  // namespace culvert::net
