// Unpredictable IVs for CBC (RFC 3602 section 3): octets of the operating system's generator, drawn a page at a time.
//
// A counter or the last ciphertext block would be predictable to whoever chooses plaintexts. Every octet is handed out
// once. A worker has a source of its own.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace culvert::dataplane {

class IvSource {
 public:
  // Requires: out.size() <= 16.
  void take(std::span<std::byte> out);

 private:
  void refill();

  std::array<std::byte, 4096> pool_{};
  std::size_t used_ = 4096;
};

}  // namespace culvert::dataplane
