// Randomness fit for keys, from OpenSSL's generator, which the operating system seeds.
#pragma once

#include "net/random.h"

namespace culvert::ike::crypto {

// Safe to use from several threads. Ends the program if there is no entropy: a router without it has no business.
class OsRandom final : public net::Random {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace culvert::ike::crypto
