// parse: the only place that looks at bounds. After it, a packet is an IPv4 packet whose lengths and header checksum
// are right, an ARP packet for control, or a drop with its reason.
#include <rte_arp.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include <cstring>

#include "ipsec-dataplane/checksum_completion.h"
#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane {
namespace {

constexpr std::size_t ethernet_length = sizeof(rte_ether_hdr);
constexpr std::size_t arp_length = sizeof(rte_arp_hdr);

// Class E, "this network", loopback and multicast are no host's addresses (RFC 1812 §5.3.7).
bool is_host(std::uint32_t address) {
  return address >> 24 != 0 && address >> 24 != 127 && address >> 28 != 0xe && address != 0xffffffff;
}

void parse_arp(Packet& p) {
  if (p.data_len < arp_length) return drop(p, Drop::malformed_arp);
  rte_pktmbuf_trim(&p, static_cast<std::uint16_t>(p.data_len - arp_length));
  meta(p).step = Step::punt;
  meta(p).punt = PuntReason::arp;
}

// The size of the header, or why it is none.
Drop check_ipv4(const Packet& p, const rte_ipv4_hdr& ip) {
  if (ip.version_ihl >> 4 != 4) return Drop::bad_ip_version;
  const std::size_t header = (ip.version_ihl & 0xfu) * 4u;
  if (header < sizeof(rte_ipv4_hdr) || header > p.data_len) return Drop::bad_ip_header_length;
  const auto total = rte_be_to_cpu_16(ip.total_length);
  if (total < header || total > p.data_len) return Drop::bad_ip_length;
  if (header_sum(&ip, header) != 0xffff) return Drop::bad_ip_checksum;
  if (!is_host(rte_be_to_cpu_32(ip.src_addr))) return Drop::bad_source;
  return Drop::none;
}

void parse_ipv4(Packet& p) {
  if (p.data_len < sizeof(rte_ipv4_hdr)) return drop(p, Drop::frame_too_short);
  auto& ip = ipv4(p);
  if (const auto wrong = check_ipv4(p, ip); wrong != Drop::none) return drop(p, wrong);
  rte_pktmbuf_trim(&p, static_cast<std::uint16_t>(p.data_len - rte_be_to_cpu_16(ip.total_length)));
  meta(p).header_length = static_cast<std::uint16_t>((ip.version_ihl & 0xf) * 4);
  meta(p).step = Step::classify;
  complete_checksum(data(p), meta(p).header_length);
}

void parse_payload(Packet& p, std::uint16_t type) {
  switch (type) {
    case RTE_ETHER_TYPE_IPV4: return parse_ipv4(p);
    case RTE_ETHER_TYPE_ARP: return parse_arp(p);
    case RTE_ETHER_TYPE_VLAN:
    case RTE_ETHER_TYPE_QINQ: return drop(p, Drop::vlan_unsupported);
    case RTE_ETHER_TYPE_IPV6: return drop(p, Drop::ipv6_unsupported);
    default: return drop(p, Drop::unknown_ethertype);
  }
}

}  // namespace

void parse(Packet& p, InterfaceIndex ingress, const Tables& tables) {
  meta(p) = Meta{.interface = ingress};
  const auto& interface = tables.interface(ingress);
  if (!interface.up) return drop(p, Drop::interface_down);
  if (p.data_len < ethernet_length) return drop(p, Drop::frame_too_short);
  if (p.nb_segs != 1) return drop(p, Drop::frame_too_long);
  const auto& ethernet = *rte_pktmbuf_mtod(&p, const rte_ether_hdr*);
  if (rte_is_multicast_ether_addr(&ethernet.dst_addr))
    meta(p).flags |= flag::link_group;
  else if (std::memcmp(ethernet.dst_addr.addr_bytes, interface.mac.octets.data(), RTE_ETHER_ADDR_LEN) != 0)
    return drop(p, Drop::not_our_mac);
  const auto type = rte_be_to_cpu_16(ethernet.ether_type);
  rte_pktmbuf_adj(&p, ethernet_length);
  parse_payload(p, type);
}

}  // namespace culvert::dataplane
