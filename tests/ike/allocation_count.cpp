#include "tests/ike/allocation_count.h"

#include <cstdlib>
#include <new>

namespace culvert::testing {

std::size_t allocated_octets = 0;

}  // namespace culvert::testing

void* operator new(std::size_t size) {
  culvert::testing::allocated_octets += size;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
