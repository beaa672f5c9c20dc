#include "ipsec-dataplane/checksum_completion.h"

#include <netinet/in.h>
#include <rte_ip.h>

#include <cstdint>
#include <cstring>

namespace culvert::dataplane {
namespace {

constexpr std::size_t tcp_checksum_offset = 16, tcp_header_min = 20;
constexpr std::size_t udp_checksum_offset = 6, udp_header = 8;

// Where the checksum is, from the beginning of the layer 4 header; 0 if there is none to complete.
std::size_t checksum_offset(const rte_ipv4_hdr& ip, std::size_t l4_length) {
  if ((rte_be_to_cpu_16(ip.fragment_offset) & ~RTE_IPV4_HDR_DF_FLAG) != 0) return 0;
  if (ip.next_proto_id == IPPROTO_TCP && l4_length >= tcp_header_min) return tcp_checksum_offset;
  if (ip.next_proto_id == IPPROTO_UDP && l4_length >= udp_header) return udp_checksum_offset;
  return 0;
}

std::uint16_t pseudo_sum(const rte_ipv4_hdr& ip, std::size_t l4_length) {
  std::uint64_t sum = std::uint64_t{ip.src_addr} + ip.dst_addr + rte_cpu_to_be_16(ip.next_proto_id) +
                      rte_cpu_to_be_16(static_cast<std::uint16_t>(l4_length));
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

void complete_checksum(std::span<std::byte> packet, std::size_t header_length) {
  const auto& ip = *reinterpret_cast<const rte_ipv4_hdr*>(packet.data());
  const auto l4 = packet.subspan(header_length);
  const auto offset = checksum_offset(ip, l4.size());
  if (offset == 0) return;
  std::uint16_t field;
  std::memcpy(&field, &l4[offset], sizeof field);
  const auto pseudo = pseudo_sum(ip, l4.size());
  if (field != pseudo) return;
  const auto all = __rte_raw_cksum_reduce(__rte_raw_cksum(l4.data(), l4.size(), pseudo));
  if (all == 0xffff) return;
  // `all` already holds the field itself, which is the pseudo-header sum a second time: leave that one out.
  auto completed = static_cast<std::uint16_t>(~__rte_raw_cksum_reduce(all + static_cast<std::uint16_t>(~pseudo)));
  if (completed == 0 && offset == udp_checksum_offset) completed = 0xffff;
  std::memcpy(&l4[offset], &completed, sizeof completed);
}

}  // namespace culvert::dataplane
