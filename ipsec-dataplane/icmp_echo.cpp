// Ping to the router, answered where it arrives.
#include <rte_icmp.h>

#include "ipsec-dataplane/icmp.h"

namespace culvert::dataplane {
namespace {

constexpr std::uint8_t ttl_of_replies = 255;  // as IOS sends

// RFC 1624 equation 3, for a field that goes from `before` to `after`; all in network order.
std::uint16_t updated(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  const std::uint32_t sum = static_cast<std::uint16_t>(~checksum) + static_cast<std::uint16_t>(~before) + after;
  return static_cast<std::uint16_t>(~__rte_raw_cksum_reduce(sum));
}

}  // namespace

void answer_echo(Packet& p) {
  auto& ip = ipv4(p);
  auto& echo = *rte_pktmbuf_mtod_offset(&p, rte_icmp_hdr*, meta(p).header_length);
  echo.icmp_cksum = updated(echo.icmp_cksum, rte_cpu_to_be_16(icmp::echo_request << 8), 0);
  echo.icmp_type = icmp::echo_reply;
  const auto asker = ip.src_addr;
  ip.src_addr = ip.dst_addr;
  ip.dst_addr = asker;
  ip.time_to_live = ttl_of_replies;
  ip.hdr_checksum = 0;
  ip.hdr_checksum = static_cast<std::uint16_t>(~rte_raw_cksum(&ip, meta(p).header_length));
  auto& m = meta(p);
  m.flags = flag::local;
  m.step = Step::classify;  // an own address may have asked
}

}  // namespace culvert::dataplane
