#include "ipsec-dataplane/flow_key.h"

#include <netinet/in.h>
#include <rte_icmp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include <cstring>

namespace culvert::dataplane {
namespace {

constexpr std::uint8_t dscp_bits = 0xfc, tcp_flag_bits = 0x3f;
constexpr std::size_t tcp_flags_at = 13;

// How much of the transport header a look-up reads.
std::size_t octets_read(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return tcp_flags_at + 1;
    case IPPROTO_UDP: return 4;
    case IPPROTO_ICMP: return 2;
    default: return 0;
  }
}

void read_transport(FlowKey& key, std::span<const std::byte> transport) {
  if (key.protocol == IPPROTO_ICMP) {
    key.source_port = rte_cpu_to_be_16(std::to_integer<std::uint8_t>(transport[0]));
    key.destination_port = rte_cpu_to_be_16(std::to_integer<std::uint8_t>(transport[1]));
    return;
  }
  std::memcpy(&key.source_port, transport.data(), sizeof key.source_port);
  std::memcpy(&key.destination_port, transport.data() + 2, sizeof key.destination_port);
  if (key.protocol == IPPROTO_TCP)
    key.tcp_flags = std::to_integer<std::uint8_t>(transport[tcp_flags_at]) & tcp_flag_bits;
}

}  // namespace

FlowKey flow_key(Packet& packet) {
  const auto& ip = ipv4(packet);
  FlowKey key{.protocol = ip.next_proto_id,
              .tos = static_cast<std::uint8_t>(ip.type_of_service & dscp_bits),
              .source = ip.src_addr,
              .destination = ip.dst_addr};
  const auto needed = octets_read(key.protocol);
  const auto offset = (rte_be_to_cpu_16(ip.fragment_offset) & RTE_IPV4_HDR_OFFSET_MASK) * std::size_t{8};
  const auto transport = data(packet).subspan(meta(packet).header_length);
  if (offset >= needed && offset > 0)
    key.shape = shape::later_fragment;
  else if (offset > 0 || transport.size() < needed)
    key.shape = shape::truncated;
  else if (needed > 0)
    read_transport(key, transport);
  return key;
}

}  // namespace culvert::dataplane
