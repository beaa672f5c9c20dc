// Captured packets as a pcap file, with microseconds, in the byte order of this machine; every reader takes either.
#pragma once

#include <cstdint>
#include <string>

#include "net/bytes.h"
#include "net/time.h"

namespace culvert::dataplane {

// LINKTYPE_ numbers of the pcap registry.
enum class LinkType : std::uint32_t { ethernet = 1, ipv4 = 228 };

// The 24 octets before the first packet.
net::Bytes pcap_header(LinkType link, std::uint32_t snap_octets);
// The 16 octets before each; `kept` of `size` octets follow.
net::Bytes pcap_record_header(net::WallTime when, std::uint32_t kept, std::uint32_t size);

}  // namespace culvert::dataplane
