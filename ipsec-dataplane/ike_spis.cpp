#include "ipsec-dataplane/ike_spis.h"

#include <algorithm>

namespace culvert::dataplane {
namespace {

constexpr std::uint64_t half_open_bit = 1;

constexpr std::uint64_t name_of(std::uint64_t spi) { return spi & ~half_open_bit; }

}  // namespace

void IkeSpis::set(std::uint64_t spi, bool half_open) {
  if (name_of(spi) == 0) return;
  std::atomic<std::uint64_t>* place = nullptr;
  for (auto& slot : buckets_[place_of(spi)].spis) {
    const auto held = name_of(slot.load(std::memory_order_relaxed));
    if (held == name_of(spi)) place = &slot;
    if (held == 0 && place == nullptr) place = &slot;
  }
  if (place != nullptr) place->store(name_of(spi) | (half_open ? half_open_bit : 0), std::memory_order_relaxed);
}

void IkeSpis::erase(std::uint64_t spi) {
  for (auto& slot : buckets_[place_of(spi)].spis)
    if (name_of(slot.load(std::memory_order_relaxed)) == name_of(spi)) slot.store(0, std::memory_order_relaxed);
}

IkeStanding IkeSpis::of(std::uint64_t spi) const {
  if (name_of(spi) == 0) return IkeStanding::stranger;
  for (const auto& slot : buckets_[place_of(spi)].spis) {
    const auto held = slot.load(std::memory_order_relaxed);
    if (name_of(held) == name_of(spi)) return held & half_open_bit ? IkeStanding::half_open : IkeStanding::known;
  }
  return IkeStanding::stranger;
}

IkeStanding IkeSpis::of(std::uint64_t initiator_spi, std::uint64_t responder_spi) const {
  return std::max(of(initiator_spi), of(responder_spi));
}

}  // namespace culvert::dataplane
