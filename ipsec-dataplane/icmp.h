// ICMP as the plane speaks it (RFC 792, RFC 1812 §4.3).
#pragma once

#include "ipsec-dataplane/packet.h"

namespace culvert::dataplane {

namespace icmp {
inline constexpr std::uint8_t echo_reply = 0, unreachable = 3, redirect = 5, echo_request = 8, time_exceeded = 11;
inline constexpr std::uint8_t net_unreachable = 0, host_unreachable = 1, port_unreachable = 3, fragmentation_needed = 4;
inline constexpr std::uint8_t administratively_prohibited = 13;  // RFC 1812 §5.3.9
inline constexpr std::uint8_t ttl_exceeded_in_transit = 0, reassembly_time_exceeded = 1;
}  // namespace icmp

// Turns a request to an own address into its reply, to be classified. Requires: a whole ICMP echo request, its checksum
// right.
void answer_echo(Packet& packet);

}  // namespace culvert::dataplane
