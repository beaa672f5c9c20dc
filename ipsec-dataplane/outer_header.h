// The header that tunnel mode puts around a packet (RFC 4301 section 5.1.2), UDP encapsulation (RFC 3948) and the two
// directions of ECN (RFC 6040).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

inline constexpr std::uint8_t protocol_esp = 50;
inline constexpr std::uint8_t protocol_udp = 17;

// The constant part of an SA's outer IPv4 (and UDP) header, and how a packet's own part is written over it.
class OuterHeader {
 public:
  OuterHeader() = default;
  // Requires: both addresses are IPv4.
  explicit OuterHeader(const SaParameters& parameters);

  std::size_t size() const { return size_; }  // 20, or 28 with UDP

  // Writes size() octets at `out`. `packet_octets` is the whole outer packet. DSCP, ECN (normal mode) and, as `df`
  // says, DF come from the inner header; TTL is 255; the UDP checksum is 0 (RFC 3948 section 2.1).
  void write(std::byte* out, const std::byte* inner, std::uint16_t packet_octets, std::uint16_t identification,
             DfBit df = DfBit::copy) const;

 private:
  std::array<std::byte, 28> template_{};
  std::uint8_t size_ = 20;
  std::uint32_t sum_ = 0;  // of the template's IPv4 header
};

// The ECN field of a packet that leaves a tunnel (RFC 6040 section 4.2, figure 4): nullopt = drop, congestion was met
// and the inner packet cannot say so. Arguments are two-bit fields.
std::optional<std::uint8_t> decapsulated_ecn(std::uint8_t inner, std::uint8_t outer);

// Writes an ECN field into an IPv4 header and mends its checksum (RFC 1624).
void set_ecn(std::byte* ipv4, std::uint8_t ecn);

}  // namespace culvert::dataplane
