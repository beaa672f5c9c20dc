// How often something may be said: a bucket of tokens that refills with time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "net/time.h"

namespace culvert::ike::v2 {

class Limiter {
 public:
  Limiter(std::int64_t burst, net::Duration refill) : tokens_(burst), burst_(burst), refill_(refill) {}

  bool allow(net::Time now) {
    if (now > filled_) {
      const auto earned = (now - filled_) / refill_;
      tokens_ = earned >= burst_ ? burst_ : std::min(burst_, tokens_ + earned);
      filled_ = tokens_ == burst_ ? now : filled_ + earned * refill_;
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  std::int64_t tokens_;
  std::int64_t burst_;
  net::Duration refill_;  // for one token
  net::Time filled_{};
};

}  // namespace culvert::ike::v2
