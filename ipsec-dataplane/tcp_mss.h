// `ip tcp adjust-mss`: a TCP connection is talked into segments that fit the way (RFC 879, RFC 9293 section 3.7.1).
#pragma once

#include <cstdint>

#include "ipsec-dataplane/packet.h"

namespace culvert::dataplane {

// Lowers the MSS option of a TCP SYN to `mss` and mends the checksum (RFC 1624). A SYN without the option stays as it
// is, as do smaller values and every other packet. Requires: an IPv4 packet that parse has checked.
void clamp_mss(Packet& packet, std::uint16_t mss);

}  // namespace culvert::dataplane
