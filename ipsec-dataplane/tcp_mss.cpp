// The option lies anywhere among the options of a SYN, at odd offsets too; the checksum counts it by its octets.
#include "ipsec-dataplane/tcp_mss.h"

#include <netinet/in.h>

#include <optional>

namespace culvert::dataplane {
namespace {

constexpr std::size_t tcp_header_min = 20, checksum_at = 16;
constexpr std::byte syn{0x02};
constexpr std::byte option_end{0}, option_nop{1}, option_mss{2};

std::uint16_t get(const std::byte* at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) << 8 | std::to_integer<unsigned>(at[1]));
}

void put(std::byte* at, std::uint16_t value) {
  at[0] = static_cast<std::byte>(value >> 8);
  at[1] = static_cast<std::byte>(value);
}

// Where in the TCP header the value of the option begins.
std::optional<std::size_t> mss_offset(std::span<const std::byte> tcp) {
  const std::size_t header = std::to_integer<std::size_t>(tcp[12] >> 4) * 4;
  if (header < tcp_header_min || header > tcp.size()) return std::nullopt;
  for (auto at = tcp_header_min; at + 1 < header && tcp[at] != option_end;) {
    const auto size = tcp[at] == option_nop ? 1u : std::to_integer<std::size_t>(tcp[at + 1]);
    if (size == 0 || at + size > header) return std::nullopt;
    if (tcp[at] == option_mss && size == 4) return at + 2;
    at += size;
  }
  return std::nullopt;
}

// At an odd offset the value lies across two of the checksum's words: swapped, it counts the same (RFC 1071 section 2).
std::uint16_t as_counted(std::uint16_t value, std::size_t offset) {
  return offset % 2 == 0 ? value : static_cast<std::uint16_t>(value << 8 | value >> 8);
}

std::uint16_t mended(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum) + static_cast<std::uint16_t>(~before) + after;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

void clamp_mss(Packet& p, std::uint16_t mss) {
  const auto& ip = ipv4(p);
  const bool later_fragment = (ip.fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) != 0;
  const auto tcp = data(p).subspan(meta(p).header_length);
  if (ip.next_proto_id != IPPROTO_TCP || later_fragment || tcp.size() < tcp_header_min) return;
  if ((tcp[13] & syn) == std::byte{0}) return;
  const auto at = mss_offset(tcp);
  if (!at || get(&tcp[*at]) <= mss) return;
  put(&tcp[checksum_at], mended(get(&tcp[checksum_at]), as_counted(get(&tcp[*at]), *at), as_counted(mss, *at)));
  put(&tcp[*at], mss);
}

}  // namespace culvert::dataplane
