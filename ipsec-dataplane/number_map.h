// A map from 32-bit numbers for look-ups by the packet: open addressing in one array, at most half full.
//
// Filled once, when a snapshot is made; nothing is ever taken out.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace culvert::dataplane {

template <class Value>
class NumberMap {
 public:
  // nullptr where there is none.
  const Value* find(std::uint32_t number) const {
    for (auto at = place_of(number);; at = (at + 1) & mask()) {
      if (!slots_[at].used) return nullptr;
      if (slots_[at].number == number) return &slots_[at].value;
    }
  }
  bool contains(std::uint32_t number) const { return find(number) != nullptr; }
  std::size_t size() const { return size_; }

  // The value of the number, made anew where there is none. Valid until the next number is added.
  Value& operator[](std::uint32_t number) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    auto at = place_of(number);
    while (slots_[at].used && slots_[at].number != number) at = (at + 1) & mask();
    if (!slots_[at].used) {
      slots_[at] = {number, true, {}};
      ++size_;
    }
    return slots_[at].value;
  }

 private:
  struct Slot {
    std::uint32_t number = 0;
    bool used = false;
    Value value{};
  };

  std::size_t mask() const { return slots_.size() - 1; }
  // The high bits of a product with an odd constant: networks differ in any of their bits.
  std::size_t place_of(std::uint32_t number) const {
    return (number * 0x9e3779b1u) >> (33 - std::bit_width(slots_.size()));
  }
  void grow() {
    std::vector<Slot> former(2 * slots_.size());
    former.swap(slots_);
    size_ = 0;
    for (const auto& slot : former)
      if (slot.used) (*this)[slot.number] = slot.value;
  }

  std::vector<Slot> slots_ = std::vector<Slot>(2);
  std::size_t size_ = 0;
};

}  // namespace culvert::dataplane
