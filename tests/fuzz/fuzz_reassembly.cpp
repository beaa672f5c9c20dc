// Any sequence of fragments: what becomes whole is one IPv4 packet of its length, and nothing held exceeds its bounds.
//
// The input is a row of pieces: identification, fragment field (two octets), type of service, length, then as many
// octets of payload; each becomes a fragment. A time step follows every piece.
//
// links: culvert_dataplane
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "ipsec-dataplane/reassembly.h"
#include "net/checksum.h"

namespace {

namespace dp = culvert::dataplane;
using culvert::net::Bytes;

Bytes fragment_of(std::span<const std::uint8_t, 5> head, std::span<const std::uint8_t> payload) {
  const bool options = (head[0] & 0x80) != 0;
  Bytes packet;
  culvert::net::Writer w(packet);
  w.u8(options ? 0x46 : 0x45);
  w.u8(head[3]);
  w.u16(static_cast<std::uint16_t>((options ? 24 : 20) + payload.size()));
  w.u16(head[0] & 0x0f);
  w.u16(static_cast<std::uint16_t>(head[1] << 8 | head[2]));
  w.u32(0x40110000);
  w.u32(0x0a000000u + (head[0] >> 4 & 7));
  w.u32(0x0a010001);
  if (options) w.u32(0x01010101);
  w.bytes(std::as_bytes(payload));
  return packet;
}

void check(const dp::Reassembly& r, const dp::Reassembly::Outcome& outcome) {
  assert(r.datagrams() <= r.limits().datagrams && r.octets() <= r.limits().octets);
  if (outcome.verdict != dp::Reassembly::Verdict::complete) return;
  const auto packet = outcome.packet;
  const auto header = (std::to_integer<std::size_t>(packet[0]) & 15) * 4;
  culvert::net::Reader reader(packet.subspan(2));
  assert(*reader.u16() == packet.size());
  assert(reader.u16() && *reader.u16() == 0);
  assert(culvert::net::checksum(packet.first(header)) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr dp::Reassembly::Limits limits{
      .datagrams = 8, .datagrams_per_source = 4, .octets = 65536, .timeout = 64};
  dp::Reassembly r(limits);
  std::span rest(data, size);
  for (std::uint64_t now = 0; rest.size() >= 5; ++now) {
    const auto head = rest.first<5>();
    rest = rest.subspan(5);
    const auto payload = rest.first(std::min<std::size_t>(head[4], rest.size()));
    rest = rest.subspan(payload.size());
    const auto packet = fragment_of(head, payload);
    check(r, r.add(now, 0, packet, packet.size() - payload.size()));
    while (r.expire(now)) {
    }
  }
  return 0;
}
