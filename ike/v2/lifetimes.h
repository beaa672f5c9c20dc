// When SAs are rekeyed and when they end: soft limits with jitter, hard limits without mercy (RFC 7296 §2.8).
#pragma once

#include <cstdint>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// From birth to the rekey: 80 to 90 percent of the lifetime, so that two ends of one policy seldom meet; of a short one
// so much earlier that half a minute is left, or 30 percent if that is less, for a request to be repeated and put off.
net::Duration rekey_after(Core& core, net::Duration lifetime);
// The like for a volume in kilobytes; 0 stays 0.
std::uint64_t rekey_volume(Core& core, std::uint64_t lifetime_kb);
// Until a rekey that failed is tried again: a part of what is left, at most a quarter of a minute.
net::Duration rekey_retry(Core& core, net::Duration left);

// Starts what runs as long as an IKE SA stands and serves: lifetime, rekey, liveness, keepalive.
void start_life(Core& core, Sa& sa);

}  // namespace culvert::ike::v2
