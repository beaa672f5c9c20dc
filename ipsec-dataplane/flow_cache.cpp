#include "ipsec-dataplane/flow_cache.h"

#include <rte_hash_crc.h>

#include <bit>
#include <cassert>

namespace culvert::dataplane {
namespace {

struct Halves {
  std::uint64_t low, high;
  bool operator==(const Halves&) const = default;
};

Halves halves(const FlowKey& key) { return std::bit_cast<Halves>(key); }

std::size_t slot_of(const FlowKey& key, std::uint64_t generation) {
  const auto [low, high] = halves(key);
  return rte_hash_crc_8byte(high, rte_hash_crc_8byte(low, static_cast<std::uint32_t>(generation)));
}

}  // namespace

void FlowCache::look_up(const Classifier& classifier, std::span<const FlowKey> keys, std::span<std::uint32_t> results) {
  assert(keys.size() <= keys_max && keys.size() == results.size());
  std::array<FlowKey, keys_max> unknown;
  std::array<std::uint8_t, keys_max> place;
  std::array<std::uint32_t, keys_max> found;
  std::size_t count = 0;
  const auto generation = classifier.generation();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& slot = slots_[slot_of(keys[i], generation) % slots];
    if (slot.generation == generation && halves(slot.key) == halves(keys[i])) {
      results[i] = slot.result;
    } else {
      unknown[count] = keys[i];
      place[count++] = static_cast<std::uint8_t>(i);
    }
  }
  if (count == 0) return;
  classifier.look_up({unknown.data(), count}, {found.data(), count});
  for (std::size_t i = 0; i < count; ++i) {
    results[place[i]] = found[i];
    slots_[slot_of(unknown[i], generation) % slots] = {unknown[i], generation, found[i]};
  }
}

}  // namespace culvert::dataplane
