// IPv4 packets that the router itself sends and receives: UDP for IKE, ICMP for ping, EIGRP.
#pragma once

#include <cstdint>
#include <optional>

#include "net/address.h"
#include "net/bytes.h"

namespace culvert::router {

enum class Protocol : std::uint8_t { icmp = 1, udp = 17, eigrp = 88 };

struct Ipv4Header {
  net::Address source, destination;
  Protocol protocol = Protocol::udp;
  std::uint8_t type_of_service = 0;
  std::uint8_t time_to_live = 255;
  bool dont_fragment = false;
  std::uint16_t identification = 0;
};

// A whole packet, checksums filled in. Requires: header and payload fit 65,535 octets.
net::Bytes build_ipv4(const Ipv4Header& header, net::View payload);
// A UDP datagram in its packet, checksum filled in.
net::Bytes build_udp(const net::Endpoint& source, const net::Endpoint& destination, std::uint16_t identification,
                     net::View payload, std::uint8_t time_to_live = 255);

// A packet taken apart; views into the data given. nullopt where it is no whole, unfragmented IPv4 packet.
struct Ipv4View {
  net::Address source, destination;
  std::uint8_t protocol = 0;
  std::uint8_t time_to_live = 0;
  net::View payload;
};
std::optional<Ipv4View> parse_ipv4(net::View packet);

struct UdpView {
  net::Endpoint source, destination;
  net::View payload;
};
// Requires that the packet be UDP by its protocol; nullopt where lengths or a non-zero checksum are wrong.
std::optional<UdpView> parse_udp(const Ipv4View& packet);

}  // namespace culvert::router
