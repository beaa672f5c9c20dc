// The lengths of one SA's ESP packets (RFC 4303 section 2), and what they leave of a path's MTU.
#pragma once

#include <cstdint>

namespace culvert::dataplane {

// All in octets. A sealed packet is [outer][SPI, sequence number][IV][inner, padding, pad length, next header][ICV].
struct EspFormat {
  std::uint16_t outer = 20;  // outer IPv4 header, and 8 more where ESP rides in UDP
  std::uint16_t iv = 0;      // on the wire
  std::uint16_t block = 4;   // the encrypted part is a multiple of it; 4 (RFC 4303 section 2.4) or a greater power of 2
  std::uint16_t icv = 0;

  static constexpr std::uint16_t spi_and_sequence = 8;
  static constexpr std::uint16_t trailer = 2;  // pad length and next header

  constexpr std::uint32_t before_inner() const { return 0u + outer + spi_and_sequence + iv; }

  // Octets of padding alone behind `inner` octets of packet.
  constexpr std::uint32_t padding(std::uint32_t inner) const { return (0u - (inner + trailer)) & (block - 1u); }

  // The length of the outer packet that carries `inner` octets.
  constexpr std::uint32_t sealed(std::uint32_t inner) const {
    return before_inner() + inner + padding(inner) + trailer + icv;
  }

  // The greatest inner packet whose sealed form is no longer than `path_mtu`; 0 where none fits.
  constexpr std::uint32_t plaintext_mtu(std::uint32_t path_mtu) const {
    const std::uint32_t around = before_inner() + icv;
    const std::uint32_t blocks = path_mtu > around ? (path_mtu - around) / block : 0;
    return blocks * block > trailer ? blocks * block - trailer : 0;
  }

  bool operator==(const EspFormat&) const = default;
};

}  // namespace culvert::dataplane
