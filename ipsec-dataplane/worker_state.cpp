#include "ipsec-dataplane/worker_state.h"

#include <algorithm>

namespace culvert::dataplane {

bool TokenBucket::take(std::uint64_t now) {
  const auto fresh = cycles_per_token_ == 0 ? 0 : (now - refilled_) / cycles_per_token_;
  if (fresh > 0) {
    tokens_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(size_, tokens_ + fresh));
    refilled_ += fresh * cycles_per_token_;
  }
  if (tokens_ == 0) return false;
  --tokens_;
  return true;
}

}  // namespace culvert::dataplane
