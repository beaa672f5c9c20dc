// The anti-replay window of one inbound SA (RFC 4303 section 3.4.3), and the high half of extended sequence numbers
// (section 2.2.1 and appendix A).
//
// A ring of words, one bit a sequence number. The ring has one word more than the widest window: while the newest word
// fills, the oldest numbers of the window still lie in the word that will be cleared next, so moving on never costs
// more than clearing whole words. Numbers are 64 bits wide throughout; an SA without extended numbers uses the lower
// half of them.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace culvert::dataplane {

class ReplayWindow {
 public:
  static constexpr std::uint32_t size_max = 1024;

  // `size` packets, 1 to 1024; 0 switches the service off: everything is fresh and nothing is remembered.
  explicit ReplayWindow(std::uint32_t size = 64) : size_(size) { assert(size <= size_max); }

  // True if a packet with this number may still be accepted. Changes nothing: ask before the ICV is verified.
  bool fresh(std::uint64_t sequence) const {
    if (size_ == 0) return true;
    if (sequence == 0) return false;  // a sender starts at 1
    if (sequence > newest_) return true;
    return newest_ - sequence < size_ && (words_[word_of(sequence)] & bit_of(sequence)) == 0;
  }

  // True if `sequence` was fresh, and from now on it is not. Call only after the ICV has verified.
  bool accept(std::uint64_t sequence) {
    if (!fresh(sequence)) return false;
    if (size_ == 0) return true;
    if (sequence > newest_) forget_until(sequence);
    words_[word_of(sequence)] |= bit_of(sequence);
    return true;
  }

  // The whole number whose lower half arrived: the one within the window, else the next above it (appendix A2). Where
  // there is none below 2^32 yet, a number far ahead counts as ahead. Requires: size() is not 0.
  std::uint64_t extended(std::uint32_t low) const {
    const auto high = newest_ >> 32;
    const auto newest_low = static_cast<std::uint32_t>(newest_);
    const auto bottom = newest_low - (size_ - 1);  // modulo 2^32
    if (newest_low >= size_ - 1) return whole(low < bottom ? high + 1 : high, low);
    return whole(high != 0 && low >= bottom ? high - 1 : high, low);
  }

  std::uint32_t size() const { return size_; }
  std::uint64_t newest() const { return newest_; }

 private:
  static constexpr std::size_t word_count = size_max / 64 + 1;
  static std::size_t word_of(std::uint64_t sequence) { return sequence / 64 % word_count; }
  static std::uint64_t bit_of(std::uint64_t sequence) { return std::uint64_t{1} << sequence % 64; }
  static std::uint64_t whole(std::uint64_t high, std::uint32_t low) { return high << 32 | low; }

  void forget_until(std::uint64_t sequence) {
    const auto skipped = std::min<std::uint64_t>(sequence / 64 - newest_ / 64, word_count);
    for (std::uint64_t i = 0; i < skipped; ++i) words_[(sequence / 64 - i) % word_count] = 0;
    newest_ = sequence;
  }

  std::array<std::uint64_t, word_count> words_{};
  std::uint32_t size_;
  std::uint64_t newest_ = 0;
};

}  // namespace culvert::dataplane
