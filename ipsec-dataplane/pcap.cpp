#include "ipsec-dataplane/pcap.h"

#include <array>
#include <bit>
#include <chrono>

namespace culvert::dataplane {

namespace {

template <std::size_t N>
net::Bytes octets_of(const std::array<std::uint32_t, N>& words) {
  const auto octets = std::bit_cast<std::array<std::byte, N * 4>>(words);
  return {octets.begin(), octets.end()};
}

}  // namespace

net::Bytes pcap_header(LinkType link, std::uint32_t snap_octets) {
  constexpr std::uint32_t magic = 0xa1b2c3d4;
  constexpr auto version = std::bit_cast<std::uint32_t>(std::array<std::uint16_t, 2>{2, 4});
  return octets_of<6>({magic, version, 0, 0, snap_octets, static_cast<std::uint32_t>(link)});
}

net::Bytes pcap_record_header(net::WallTime when, std::uint32_t kept, std::uint32_t size) {
  const auto since = when.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(since - seconds);
  return octets_of<4>(
      {static_cast<std::uint32_t>(seconds.count()), static_cast<std::uint32_t>(microseconds.count()), kept, size});
}

}  // namespace culvert::dataplane
