// Cutting an IPv4 packet that is larger than the egress MTU (RFC 791 §3.2).
#pragma once

#include <cstddef>

#include "ipsec-dataplane/packet.h"

struct rte_mempool;

namespace culvert::dataplane {

// Appends to `out` the fragments of `packet` (which may be one itself), each at most `mtu` octets, with its meta. They
// are copies: the packet stays the caller's. On no_buffer, or burst_full where fewer
// than `reserve` places would be free afterwards, nothing is. Requires: the packet is larger than `mtu`, `mtu` is 68 or
// more, and the packet may be fragmented.
Drop fragment(const Packet& packet, std::uint16_t mtu, rte_mempool* pool, Burst& out, std::size_t reserve);

}  // namespace culvert::dataplane
