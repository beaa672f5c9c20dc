// IPv4 prefixes and where each leads, found by hashing, one word a prefix: a million of them take 16 MB.
//
// Open addressing, at most three quarters full. Where a prefix goes, those behind it that would no longer be found move
// up. Neighbors choose the prefixes that they tell of, so places depend on a number that they do not know: of whatever
// prefixes, few fall on each other (multiply-shift, Dietzfelbinger et al. 1997).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace culvert::dataplane {

// Lengths are 0 to 32, networks in host order and without host bits.
class PrefixTable {
 public:
  // `seed` is known to nobody outside.
  explicit PrefixTable(std::uint64_t seed) : multiplier_(seed | 1) {}

  std::size_t size() const { return size_; }
  // How many places find() looks at.
  std::size_t places_to(std::uint32_t network, unsigned length) const {
    const auto key = key_of(network, length);
    return distance(first_place(key), place_of(key)) + 1;
  }

  std::optional<std::uint16_t> find(std::uint32_t network, unsigned length) const {
    const auto word = words_[place_of(key_of(network, length))];
    if (word == empty) return std::nullopt;
    return static_cast<std::uint16_t>(word);
  }

  void set(std::uint32_t network, unsigned length, std::uint16_t next_hop) {
    if (4 * (size_ + 1) > 3 * words_.size()) grow();
    auto& word = words_[place_of(key_of(network, length))];
    if (word == empty) ++size_;
    word = key_of(network, length) << key_shift | next_hop;
  }

  // False: it was not there.
  bool erase(std::uint32_t network, unsigned length) {
    auto hole = place_of(key_of(network, length));
    if (words_[hole] == empty) return false;
    for (auto at = next(hole); words_[at] != empty; at = next(at)) {
      const auto wanted = first_place(words_[at] >> key_shift);
      if (distance(wanted, at) < distance(hole, at)) continue;  // found from behind the hole
      words_[hole] = words_[at];
      hole = at;
    }
    words_[hole] = empty;
    --size_;
    return true;
  }

 private:
  static constexpr std::uint64_t empty = 0;
  static constexpr unsigned key_shift = 16;

  // Never 0, and below 2^48.
  static std::uint64_t key_of(std::uint32_t network, unsigned length) {
    return std::uint64_t{length + 1} << 32 | network;
  }
  std::size_t mask() const { return words_.size() - 1; }
  std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
  std::size_t distance(std::size_t from, std::size_t to) const { return (to - from) & mask(); }
  // Networks that follow each other lie far apart afterwards (SplitMix64), whatever the multiplier; none become equal.
  static std::uint64_t mixed(std::uint64_t key) {
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
    key = (key ^ key >> 27) * 0x94d049bb133111ebu;
    return key ^ key >> 31;
  }
  std::size_t first_place(std::uint64_t key) const {
    return static_cast<std::size_t>((mixed(key) * multiplier_) >> (65 - std::bit_width(words_.size())));
  }
  // Where the prefix is, or would be.
  std::size_t place_of(std::uint64_t key) const {
    auto at = first_place(key);
    while (words_[at] != empty && words_[at] >> key_shift != key) at = next(at);
    return at;
  }
  void grow() {
    std::vector<std::uint64_t> former(2 * words_.size());
    former.swap(words_);
    for (const auto word : former)
      if (word != empty) words_[place_of(word >> key_shift)] = word;
  }

  std::uint64_t multiplier_;                                           // odd
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(16);  // key and next hop; a power of two of them
  std::size_t size_ = 0;
};

}  // namespace culvert::dataplane
