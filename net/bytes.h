// Byte strings, and the two hands that read and write them in network order.
//
// A Reader never runs past its end: a short read returns nullopt and moves nothing, so a parser is a chain of TRYs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace culvert::net {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

// The octets of text, unterminated. The view lives as long as the text.
inline View as_view(std::string_view text) { return std::as_bytes(std::span(text)); }
Bytes to_bytes(std::string_view text);

class Reader {
 public:
  explicit Reader(View data) : rest_(data) {}
  std::optional<std::uint8_t> u8() { return number<std::uint8_t>(); }
  std::optional<std::uint16_t> u16() { return number<std::uint16_t>(); }
  std::optional<std::uint32_t> u32() { return number<std::uint32_t>(); }
  std::optional<std::uint64_t> u64() { return number<std::uint64_t>(); }
  // The next `size` octets, as a view into the data read.
  std::optional<View> take(std::size_t size);
  // All that is left; afterwards the reader is empty.
  View rest() { return *take(rest_.size()); }
  std::size_t left() const { return rest_.size(); }
  bool empty() const { return rest_.empty(); }

 private:
  template <class T>
  std::optional<T> number() {
    const auto octets = take(sizeof(T));
    if (!octets) return std::nullopt;
    std::uint64_t value = 0;
    for (const auto octet : *octets) value = value << 8 | std::to_integer<std::uint64_t>(octet);
    return static_cast<T>(value);
  }
  View rest_;
};

// Appends to a byte string that the caller owns.
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}
  void u8(std::uint8_t v) { number(v, 1); }
  void u16(std::uint16_t v) { number(v, 2); }
  void u32(std::uint32_t v) { number(v, 4); }
  void u64(std::uint64_t v) { number(v, 8); }
  void bytes(View v) { out_.insert(out_.end(), v.begin(), v.end()); }
  void zeros(std::size_t count) { out_.insert(out_.end(), count, std::byte{0}); }
  std::size_t size() const { return out_.size(); }
  // Overwrites the 16-bit number at `offset`, for lengths and checksums known late. Requires: it was written before.
  void patch_u16(std::size_t offset, std::uint16_t v);

 private:
  void number(std::uint64_t value, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out_.push_back(static_cast<std::byte>(value >> shift));
  }
  Bytes& out_;
};

}  // namespace culvert::net
