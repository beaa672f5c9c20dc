// Outer headers by template: a packet adds its length, identification, DSCP, ECN and DF, and the checksum is finished
// from the template's sum.
#include "ipsec-dataplane/outer_header.h"

#include <rte_byteorder.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "net/bytes.h"
#include "net/checksum.h"

namespace culvert::dataplane {

namespace {

constexpr std::uint8_t time_to_live = 255;
constexpr std::uint16_t dont_fragment = 0x4000;

void put_u16(std::byte* at, std::uint16_t value) {
  const auto wire = rte_cpu_to_be_16(value);
  std::memcpy(at, &wire, sizeof wire);
}

std::uint16_t get_u16(const std::byte* at) {
  std::uint16_t wire;
  std::memcpy(&wire, at, sizeof wire);
  return rte_be_to_cpu_16(wire);
}

std::uint16_t folded(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

std::uint16_t outer_fragment_field(const std::byte* inner, DfBit df) {
  switch (df) {
    case DfBit::copy: return get_u16(inner + 6) & dont_fragment;
    case DfBit::set: return dont_fragment;
    case DfBit::clear: break;
  }
  return 0;
}

}  // namespace

OuterHeader::OuterHeader(const SaParameters& parameters) : size_(parameters.udp ? 28 : 20) {
  assert(parameters.local.is_v4() && parameters.remote.is_v4());
  template_[0] = std::byte{0x45};
  template_[8] = std::byte{time_to_live};
  template_[9] = std::byte{parameters.udp ? protocol_udp : protocol_esp};
  std::ranges::copy(parameters.local.octets(), template_.begin() + 12);
  std::ranges::copy(parameters.remote.octets(), template_.begin() + 16);
  sum_ = net::checksum_sum(std::span(template_).first(20));
  if (!parameters.udp) return;
  put_u16(&template_[20], parameters.udp->local_port);
  put_u16(&template_[22], parameters.udp->remote_port);
}

void OuterHeader::write(std::byte* out, const std::byte* inner, std::uint16_t packet_octets,
                        std::uint16_t identification, DfBit df) const {
  const auto fragment = outer_fragment_field(inner, df);
  const auto service = inner[1];  // DSCP and ECN, both as they are
  std::memcpy(out, template_.data(), 20);
  out[1] = service;
  put_u16(out + 2, packet_octets);
  put_u16(out + 4, identification);
  put_u16(out + 6, fragment);
  const auto sum = sum_ + std::to_integer<std::uint32_t>(service) + packet_octets + identification + fragment;
  put_u16(out + 10, static_cast<std::uint16_t>(~folded(sum)));
  if (size_ == 20) return;
  std::memcpy(out + 20, template_.data() + 20, 8);
  put_u16(out + 24, static_cast<std::uint16_t>(packet_octets - 20));
}

std::optional<std::uint8_t> decapsulated_ecn(std::uint8_t inner, std::uint8_t outer) {
  constexpr std::uint8_t not_capable = 0, capable_1 = 1, congested = 3;
  if (inner == not_capable) return outer == congested ? std::nullopt : std::optional(not_capable);
  if (outer == congested) return congested;
  // ECT(1) outside an ECT(0) packet is a mark of its own, less than congestion.
  return inner != congested && outer == capable_1 ? capable_1 : inner;
}

void set_ecn(std::byte* ipv4, std::uint8_t ecn) {
  const auto before = get_u16(ipv4);
  const auto after = static_cast<std::uint16_t>((before & ~3) | ecn);
  if (before == after) return;
  put_u16(ipv4, after);
  const auto sum = (~std::uint32_t{get_u16(ipv4 + 10)} & 0xffff) + (~std::uint32_t{before} & 0xffff) + after;
  put_u16(ipv4 + 10, static_cast<std::uint16_t>(~folded(sum)));
}

}  // namespace culvert::dataplane
