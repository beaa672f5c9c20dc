// What SQLite gives back is gone from the memory of the process.
#include "config-store/wiping_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace culvert::config {
namespace {

constexpr std::size_t secret_octets = 48;

// Made where it is compared, so that nothing but SQLite's memory holds it whole.
std::uint8_t secret_octet(std::size_t i) { return static_cast<std::uint8_t>(i * 167 + 13); }

bool is_secret(const std::uint8_t* octets) {
  for (std::size_t i = 0; i < secret_octets; ++i)
    if (octets[i] != secret_octet(i)) return false;
  return true;
}

// Whether any memory of this process that can be written holds it. What sanitizers reserve is larger than any heap.
bool in_memory() {
  constexpr std::size_t map_octets_max = std::size_t{1} << 28;
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  std::ifstream maps("/proc/self/maps");
  bool found = false;
  for (std::string line; !found && std::getline(maps, line);) {
    std::size_t first = 0, last = 0;
    char writable = 0;
    if (std::sscanf(line.c_str(), "%zx-%zx r%c", &first, &last, &writable) != 3 || writable != 'w') continue;
    if (last - first > map_octets_max) continue;
    std::vector<std::uint8_t> octets(last - first);
    const auto read = ::pread(memory, octets.data(), octets.size(), static_cast<off_t>(first));
    for (std::ptrdiff_t at = 0; !found && at + static_cast<std::ptrdiff_t>(secret_octets) <= read; ++at)
      found =
          octets[static_cast<std::size_t>(at)] == secret_octet(0) && is_secret(&octets[static_cast<std::size_t>(at)]);
    explicit_bzero(octets.data(), octets.size());
  }
  ::close(memory);
  return found;
}

TEST(WipingMemory, NothingIsLeftOfWhatSqliteGaveBack) {
  wipe_sqlite_memory();
  auto* octets = static_cast<std::uint8_t*>(sqlite3_malloc(64));
  for (std::size_t i = 0; i < secret_octets; ++i) octets[i] = secret_octet(i);
  EXPECT_TRUE(in_memory());
  auto* grown = static_cast<std::uint8_t*>(sqlite3_realloc(octets, 100'000));
  ASSERT_TRUE(is_secret(grown));
  for (std::size_t i = 0; i < secret_octets; ++i) grown[i] = 0;
  EXPECT_FALSE(in_memory()) << "it is left where it was before it grew";
  for (std::size_t i = 0; i < secret_octets; ++i) grown[i] = secret_octet(i);
  sqlite3_free(grown);
  EXPECT_FALSE(in_memory());
}

}  // namespace
}  // namespace culvert::config
