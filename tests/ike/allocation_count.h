// How much a piece of code asks of the allocator: operator new of this program counts.
#pragma once

#include <cstddef>

namespace culvert::testing {

extern std::size_t allocated_octets;  // since the start, or since a test set it to zero; one thread

}  // namespace culvert::testing
