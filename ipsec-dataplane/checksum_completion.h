// The checksum that a neighbor's kernel left to hardware which a virtual link does not have.
//
// Linux hands a locally made TCP or UDP packet to a veth with the checksum field holding only the sum of the
// pseudo-header (CHECKSUM_PARTIAL) and expects the device to complete it.
#pragma once

#include <cstddef>
#include <span>

namespace culvert::dataplane {

// Completes the TCP or UDP checksum of a whole, unfragmented IPv4 packet if its field equals the bare pseudo-header sum
// and is not right as it stands; touches nothing else. Requires: the IPv4 header of `header_length` octets is valid and
// its total length is that of `packet`.
void complete_checksum(std::span<std::byte> packet, std::size_t header_length);

}  // namespace culvert::dataplane
