// What an interface is to the dataplane: a number, a kind, and where its packets go.
//
// The control side chooses the numbers (routing/interfaces owns identity); the plane only indexes by them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace culvert::dataplane {

// 1 to interface_count_max - 1; 0 is "no interface". Small on purpose: tables are arrays indexed by it.
using InterfaceIndex = std::uint16_t;
inline constexpr InterfaceIndex no_interface = 0;
inline constexpr std::size_t interface_count_max = 1024;

// port: frames through a DPDK port. tunnel: ESP tunnel interface (VTI). loopback: addresses only. null: discards.
// policy: none that a packet is on or is routed to, but the place of a crypto policy entry's SAs; never configured.
enum class InterfaceKind : std::uint8_t { port, tunnel, loopback, null, policy };

// The DF bit of the outer header of ESP: the inner packet's, or ours (RFC 4301 section 8.1).
enum class DfBit : std::uint8_t { copy, set, clear };

// Where a packet is cut that is too big for its tunnel's path: before it is sealed, so that the peer need not put ESP
// together, or its outer packet after.
enum class Fragmentation : std::uint8_t { before_encryption, after_encryption };

struct Mac {
  std::array<std::uint8_t, 6> octets{};
  bool is_zero() const { return *this == Mac{}; }
  bool is_group() const { return (octets[0] & 1) != 0; }  // multicast or broadcast
  std::string to_string() const;                          // 0050.56ab.cdef, as IOS writes it
  auto operator<=>(const Mac&) const = default;
};
// The station address of an IPv4 multicast group, host order (RFC 1112 section 6.4).
constexpr Mac group_mac(std::uint32_t group) {
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(group >> 16 & 0x7f),
           static_cast<std::uint8_t>(group >> 8 & 0xff), static_cast<std::uint8_t>(group & 0xff)}};
}
inline constexpr Mac broadcast_mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

}  // namespace culvert::dataplane
