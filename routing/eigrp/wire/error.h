// Why octets from a neighbour are no EIGRP packet: one reason, one counter, one line of show ip eigrp traffic.
#pragma once

#include <cstdint>
#include <string_view>

namespace culvert::routing::eigrp::wire {

enum class DecodeError : std::uint8_t {
  truncated_header,        // less than the 20 octets of RFC 7868 §6.5
  bad_version,             // a header version that is not 2
  bad_checksum,            //
  unknown_opcode,          //
  unknown_virtual_router,  // not the unicast address family, §6.5
  tlv_length,              // a TLV shorter than its own header, or octets after the last one
  tlv_overrun,             // a TLV that ends beyond the packet
  parameters,              // each of the following: a TLV of that kind whose length or content is wrong
  authentication,
  sequence,
  software_version,
  next_multicast_sequence,
  stub,
  peer_termination,
  route_length,   // a route TLV whose parts do not fill it, or without a destination
  route_family,   // a multiprotocol route of a family other than IPv4 and IPv6, or of a topology other than the base
  prefix_length,  // more bits than an address has
  count
};

// "bad-checksum": for counters, logs and shows.
std::string_view text(DecodeError error);

}  // namespace culvert::routing::eigrp::wire
