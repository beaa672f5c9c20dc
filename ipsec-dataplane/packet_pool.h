// Pools of packets, each packet with room for its Meta.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "ipsec-dataplane/packet.h"
#include "net/bytes.h"

namespace culvert::dataplane {

inline constexpr std::uint16_t packet_room = 2048;         // octets of a frame, beside the headroom
inline constexpr std::uint16_t large_packet_room = 65392;  // what a 16-bit buffer length leaves, see frames of ports

// `count` packets; from the EAL's memory, which must be up. Freed with it.
std::expected<rte_mempool*, std::string> make_packet_pool(const std::string& name, unsigned count, std::uint16_t room);

// A packet that holds a copy of `octets`, its Meta fresh; nullptr without a buffer or where it is too long.
Packet* make_packet(rte_mempool* pool, net::View octets);

}  // namespace culvert::dataplane
