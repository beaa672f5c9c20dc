// What a worker remembers of a classifier's answers, so that a long list costs a flow once and not every packet.
//
// One answer a slot; a slot is taken over by whoever comes next. Rules that changed have another generation, so nothing
// is ever forgotten on purpose.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ipsec-dataplane/classifier.h"

namespace culvert::dataplane {

class FlowCache {
 public:
  static constexpr std::size_t slots = 8192, keys_max = 64;

  // As Classifier::look_up. Requires: at most keys_max keys.
  void look_up(const Classifier& classifier, std::span<const FlowKey> keys, std::span<std::uint32_t> results);

 private:
  struct Slot {
    FlowKey key;
    std::uint64_t generation = 0;
    std::uint32_t result = 0;
  };
  std::array<Slot, slots> slots_;
};

}  // namespace culvert::dataplane
