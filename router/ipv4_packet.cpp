#include "router/ipv4_packet.h"

#include <cassert>
#include <utility>

#include "net/checksum.h"

namespace culvert::router {

namespace {
constexpr std::size_t ipv4_header_octets = 20;
constexpr std::size_t udp_header_octets = 8;
constexpr std::uint16_t dont_fragment_bit = 0x4000;
}  // namespace

net::Bytes build_ipv4(const Ipv4Header& header, net::View payload) {
  assert(payload.size() + ipv4_header_octets <= 0xffff);
  net::Bytes packet;
  net::Writer w(packet);
  w.u8(0x45);
  w.u8(header.type_of_service);
  w.u16(static_cast<std::uint16_t>(ipv4_header_octets + payload.size()));
  w.u16(header.identification);
  w.u16(header.dont_fragment ? dont_fragment_bit : 0);
  w.u8(header.time_to_live);
  w.u8(std::to_underlying(header.protocol));
  w.u16(0);
  w.bytes(header.source.octets());
  w.bytes(header.destination.octets());
  w.patch_u16(10, net::checksum(packet));
  w.bytes(payload);
  return packet;
}

net::Bytes build_udp(const net::Endpoint& source, const net::Endpoint& destination, std::uint16_t identification,
                     net::View payload, std::uint8_t time_to_live) {
  net::Bytes datagram;
  net::Writer w(datagram);
  w.u16(source.port);
  w.u16(destination.port);
  w.u16(static_cast<std::uint16_t>(udp_header_octets + payload.size()));
  w.u16(0);
  w.bytes(payload);
  const auto pseudo = net::pseudo_header_sum(source.address, destination.address, std::to_underlying(Protocol::udp),
                                             static_cast<std::uint32_t>(datagram.size()));
  const auto sum = net::checksum(datagram, pseudo);
  w.patch_u16(6, sum == 0 ? 0xffff : sum);
  return build_ipv4({.source = source.address,
                     .destination = destination.address,
                     .time_to_live = time_to_live,
                     .identification = identification},
                    datagram);
}

std::optional<Ipv4View> parse_ipv4(net::View packet) {
  if (packet.size() < ipv4_header_octets) return std::nullopt;
  const auto first = std::to_integer<unsigned>(packet[0]);
  const std::size_t header_octets = (first & 15) * 4;
  net::Reader r(packet.subspan(2));
  const std::size_t total = *r.u16();
  const bool fragment = (r.u16(), (*r.u16() & 0x3fff) != 0);
  if (first >> 4 != 4 || header_octets < ipv4_header_octets || total < header_octets || total > packet.size() ||
      fragment)
    return std::nullopt;
  Ipv4View view;
  view.time_to_live = *r.u8();
  view.protocol = *r.u8();
  r.u16();
  view.source = *net::Address::from_octets(*r.take(4));
  view.destination = *net::Address::from_octets(*r.take(4));
  view.payload = packet.subspan(header_octets, total - header_octets);
  return view;
}

std::optional<UdpView> parse_udp(const Ipv4View& packet) {
  net::Reader r(packet.payload);
  const auto source_port = r.u16(), destination_port = r.u16(), length = r.u16(), sum = r.u16();
  if (!sum || *length < udp_header_octets || *length > packet.payload.size()) return std::nullopt;
  const auto datagram = packet.payload.first(*length);
  const auto pseudo = net::pseudo_header_sum(packet.source, packet.destination, packet.protocol, *length);
  if (*sum != 0 && net::checksum_sum(datagram, pseudo) != 0xffff) return std::nullopt;
  return UdpView{{packet.source, *source_port}, {packet.destination, *destination_port}, datagram.subspan(8)};
}

}  // namespace culvert::router
