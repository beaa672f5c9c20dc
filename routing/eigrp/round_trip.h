// How long to wait for an acknowledgment: six times the smoothed round trip, within 100 ms and the 5 s of RFC 7868
// §5.2.
#pragma once

#include <algorithm>
#include <optional>

#include "net/time.h"

namespace culvert::routing::eigrp {

class RoundTrip {
 public:
  static constexpr net::Duration timeout_min = std::chrono::milliseconds(100);
  static constexpr net::Duration timeout_max = std::chrono::seconds(5);
  static constexpr net::Duration timeout_unknown = std::chrono::seconds(2);

  // Of a packet that was sent once only: else nobody knows which copy was acknowledged.
  void measured(net::Duration trip) { smooth_ = smooth_ ? (*smooth_ * 7 + trip) / 8 : trip; }
  net::Duration smooth() const { return smooth_.value_or(net::Duration::zero()); }
  net::Duration timeout() const {
    return smooth_ ? std::clamp(*smooth_ * 6, timeout_min, timeout_max) : timeout_unknown;
  }
  // Half as long again for each try that came to nothing. `tries` is 1 after the first transmission.
  net::Duration timeout_after(unsigned tries) const {
    auto wait = timeout();
    for (unsigned i = 1; i < tries && wait < timeout_max; ++i) wait = wait * 3 / 2;
    return std::min(wait, timeout_max);
  }

 private:
  std::optional<net::Duration> smooth_;
};

}  // namespace culvert::routing::eigrp
