#include "routing/eigrp/link.h"

#include <algorithm>

namespace culvert::routing::eigrp {
namespace {

constexpr std::size_t ip_header_octets = 20, authentication_octets = 56;

// Neither the network itself nor everybody on it (RFC 3021: of 31 bits and more, each address is a host's).
bool is_host(const net::Prefix& subnet, const net::Address& address) {
  if (!address.is_v4() || subnet.length > 30) return true;
  const auto host_bits = 0xffffffffu >> subnet.length;
  const auto host = address.v4_value() & host_bits;
  return host != 0 && host != host_bits;
}

}  // namespace

bool Link::is_own(const net::Address& address) const {
  return std::ranges::any_of(interface.addresses, [&](const net::Prefix& own) { return own.address == address; });
}

bool Link::on_subnet(const net::Address& address) const {
  return std::ranges::any_of(interface.addresses,
                             [&](const net::Prefix& own) { return own.contains(address) && is_host(own, address); });
}

net::Duration Link::hello_interval() const {
  return std::chrono::seconds(settings.hello_interval_s.value_or(interface.slow_multiaccess ? 60 : 5));
}

std::uint16_t Link::hold_time_s() const { return settings.hold_time_s.value_or(interface.slow_multiaccess ? 180 : 15); }

net::Duration Link::pacing(std::size_t octets) const {
  const auto share_kbps = std::max<std::uint64_t>(interface.link.bandwidth_kbps * settings.bandwidth_percent / 100, 1);
  return std::chrono::microseconds(octets * 8 * 1000 / share_kbps);
}

std::size_t Link::body_max() const {
  const std::size_t overhead = ip_header_octets + wire::header_octets + authentication_octets;
  return std::clamp<std::size_t>(interface.link.mtu, 400, 9000) - overhead;
}

}  // namespace culvert::routing::eigrp
