// The machine's clocks. Only router/ reads them; everything below takes the time as an argument.
#pragma once

#include <chrono>

#include "net/time.h"

namespace culvert::router {

inline net::Time monotonic_now() {
  return net::Time(std::chrono::duration_cast<net::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

inline net::WallTime wall_now() {
  return net::WallTime(
      std::chrono::duration_cast<net::WallClock::duration>(std::chrono::system_clock::now().time_since_epoch()));
}

}  // namespace culvert::router
