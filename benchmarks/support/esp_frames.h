// What both sides of `./bench esp` are fed with: 240 packets, plain or sealed, in files of pcap's format.
//
// Plain packets are UDP from 192.168.1.x to 192.168.105.x; sealed ones go from 172.16.1.5 to 172.16.2.5 by one SPI.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "ipsec-dataplane/interface.h"
#include "net/bytes.h"

namespace culvert::bench {

// `size`: octets of every IPv4 packet, "64"; or "IMIX", which is 7 of 64, 4 of 570 and 1 of 1500, mixed.
std::vector<net::Bytes> plain_packets(std::string_view size);

// Each packet in an Ethernet frame to `to`. Ends the program where the file cannot be written.
void write_frames(const std::filesystem::path& file, const std::vector<net::Bytes>& packets, const dataplane::Mac& to);

}  // namespace culvert::bench
