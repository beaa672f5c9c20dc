#include "config-store/wiping_memory.h"

#include <sqlite3.h>

#include <cassert>
#include <cstring>

namespace culvert::config {
namespace {

sqlite3_mem_methods plain;  // SQLite's own, which these stand before

void wipe(void* octets, std::size_t count) {
  if (octets != nullptr) explicit_bzero(octets, count);
}

void free_wiped(void* octets) {
  if (octets == nullptr) return;
  wipe(octets, static_cast<std::size_t>(plain.xSize(octets)));
  plain.xFree(octets);
}

// realloc() may move, and leave what it moved behind.
void* grow_wiped(void* octets, int wanted) {
  const int had = plain.xSize(octets);
  if (wanted <= had) return octets;
  auto* moved = plain.xMalloc(wanted);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, octets, static_cast<std::size_t>(had));
  free_wiped(octets);
  return moved;
}

}  // namespace

// A connection's lookaside slots would be used again and again without being given back.
void wipe_sqlite_memory() {
  static const bool done = [] {
    auto wiping = sqlite3_mem_methods{};
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK) return false;
    wiping = plain;
    wiping.xFree = free_wiped;
    wiping.xRealloc = grow_wiped;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &wiping) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
  }();
  assert(done && "SQLite is in use already");
  static_cast<void>(done);
}

}  // namespace culvert::config
