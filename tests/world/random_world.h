// One world drawn from a seed: suites, keys, a bad network, restarts, reconfigurations; then peace, and a verdict.
#pragma once

#include <cstdint>
#include <string>

namespace culvert::testing {

// The empty string, or what did not hold. `trace` prints every event as it happens.
std::string live(std::uint64_t seed, bool trace = false);

}  // namespace culvert::testing
