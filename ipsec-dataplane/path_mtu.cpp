#include "ipsec-dataplane/path_mtu.h"

#include <algorithm>
#include <array>

namespace culvert::dataplane {

namespace {

constexpr std::uint8_t unreachable = 3, fragmentation_needed = 4;
constexpr std::uint8_t protocol_esp = 50, protocol_udp = 17;
constexpr std::size_t ipv4_header_min = 20, icmp_header = 8, udp_header = 8;

// The sizes below which a router older than RFC 1191 is likely to have cut (its section 7.1).
constexpr std::array<std::uint16_t, 6> plateaus{17914, 8166, 4352, 2002, 1492, 1006};

std::uint16_t plateau_below(std::uint16_t octets) {
  const auto found = std::ranges::find_if(plateaus, [&](auto plateau) { return plateau < octets; });
  return found == plateaus.end() ? PathMtus::floor : *found;
}

std::size_t header_octets(net::View ipv4) { return (std::to_integer<std::size_t>(ipv4[0]) & 15) * 4; }

}  // namespace

std::optional<QuotedEsp> quoted_esp(net::View packet) {
  const auto icmp = packet.subspan(header_octets(packet));
  net::Reader r(icmp);
  const auto type = r.u8(), code = r.u8();
  const auto rest = r.take(4);  // checksum, unused
  const auto mtu = r.u16();
  if (!rest || !mtu || *type != unreachable || *code != fragmentation_needed) return std::nullopt;
  const auto quoted = icmp.subspan(icmp_header);
  if (quoted.size() < ipv4_header_min || header_octets(quoted) < ipv4_header_min) return std::nullopt;
  const auto protocol = std::to_integer<std::uint8_t>(quoted[9]);
  if (protocol != protocol_esp && protocol != protocol_udp) return std::nullopt;
  const auto before_esp = header_octets(quoted) + (protocol == protocol_udp ? udp_header : 0);
  if (quoted.size() < before_esp + 8) return std::nullopt;
  net::Reader esp(quoted.subspan(before_esp)), ip(quoted.subspan(2));
  return QuotedEsp{.local = *net::Address::from_octets(quoted.subspan(12, 4)),
                   .remote = *net::Address::from_octets(quoted.subspan(16, 4)),
                   .spi = *esp.u32(),
                   .sequence = *esp.u32(),
                   .octets = *ip.u16(),
                   .mtu = *mtu,
                   .in_udp = protocol == protocol_udp};
}

// A packet that fits the MTU it is said to exceed was never in anybody's way.
bool PathMtus::learn(net::Time now, InterfaceIndex tunnel, std::uint16_t known, const QuotedEsp& quoted) {
  const auto told = quoted.mtu == 0 ? plateau_below(quoted.octets) : quoted.mtu;
  if (told >= quoted.octets) return false;
  const auto mtu = std::max(told, floor);
  if (mtu > known) return false;
  learned_[tunnel] = {mtu, now + age_max};
  return mtu < known;
}

std::optional<std::uint16_t> PathMtus::of(InterfaceIndex tunnel) const {
  const auto found = learned_.find(tunnel);
  return found == learned_.end() ? std::nullopt : std::optional(found->second.mtu);
}

bool PathMtus::timeout(net::Time now) {
  return std::erase_if(learned_, [&](const auto& entry) { return entry.second.until <= now; }) > 0;
}

std::optional<net::Time> PathMtus::deadline() const {
  std::optional<net::Time> first;
  for (const auto& [_, learned] : learned_) first = first ? std::min(*first, learned.until) : learned.until;
  return first;
}

}  // namespace culvert::dataplane
