// One world drawn from a seed where SAs live for seconds: rekeys of both kinds by both ends at once, racing deletes,
// over a network that loses, repeats and delays; then peace, in which no rekey may be noticed.
#pragma once

#include <cstdint>
#include <string>

namespace culvert::testing {

// The empty string, or what did not hold. `trace` prints every event as it happens.
std::string live_through_rekeys(std::uint64_t seed, bool trace = false);

}  // namespace culvert::testing
