// Where randomness comes from is an argument too: the operating system in a router, a seed in a test.
#pragma once

#include <cstdint>
#include <random>
#include <span>

#include "net/bytes.h"

namespace culvert::net {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;

  Bytes bytes(std::size_t size) {
    Bytes out(size);
    fill(out);
    return out;
  }
  std::uint64_t u64() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
  // Uniform enough for jitter and tests: 0 to bound - 1. Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return u64() % bound; }
};

// For tests and worlds only: the same seed gives the same bytes. Never for keys.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::byte> out) override {
    for (auto& octet : out) octet = static_cast<std::byte>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace culvert::net
