// Diffie-Hellman for worlds: the right sizes and the right algebra, in a group of 32 bits and no time at all.
//
// Two parties agree exactly when they would with a real group, a seed repeats a world, and a value that is no member
// of the group is refused. It protects nothing.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <expected>
#include <memory>
#include <utility>

#include "ike/crypto/key_exchange.h"
#include "net/random.h"

namespace culvert::testing {

class ToyKeyExchange final : public ike::crypto::KeyExchange {
 public:
  explicit ToyKeyExchange(std::uint64_t seed) : random_(seed) {}

  std::expected<ike::crypto::KeyPair, ike::crypto::DhError> generate(ike::Group group) const override {
    const auto exponent = 2 + random_.below(prime - 4);
    const auto size = traits(group).public_octets;
    return ike::crypto::KeyPair{group, padded(power(generator, exponent), size), std::make_shared<Exponent>(exponent)};
  }

  std::expected<net::Secret, ike::crypto::DhError> derive(const ike::crypto::KeyPair& own,
                                                          net::View peer_public) const override {
    const auto& group = traits(own.group);
    if (peer_public.size() != group.public_octets) return std::unexpected(ike::crypto::DhError::wrong_length);
    const std::uint64_t value = *net::Reader(peer_public.last(4)).u32();
    if (!std::ranges::equal(peer_public, padded(value, group.public_octets)) || value <= 1 || value >= prime - 1)
      return std::unexpected(ike::crypto::DhError::out_of_range);
    const auto& exponent = static_cast<const Exponent&>(*own.private_key);
    return net::Secret(padded(power(value, exponent.value), group.secret_octets));
  }

 private:
  struct Exponent final : ike::crypto::PrivateKey {
    explicit Exponent(std::uint64_t v) : value(v) {}
    std::uint64_t value;
  };
  static constexpr std::uint64_t prime = 4294967291;  // 2^32 - 5
  static constexpr std::uint64_t generator = 2;

  static std::uint64_t power(std::uint64_t base, std::uint64_t exponent) {
    std::uint64_t result = 1;
    for (; exponent != 0; exponent >>= 1, base = base * base % prime)
      if (exponent & 1) result = result * base % prime;
    return result;
  }
  static net::Bytes padded(std::uint64_t value, std::size_t octets) {
    net::Bytes out(octets - 4, std::byte{0x5a});
    net::Writer(out).u32(static_cast<std::uint32_t>(value));
    return out;
  }

  mutable net::SeededRandom random_;  // worlds have one thread
};

}  // namespace culvert::testing
