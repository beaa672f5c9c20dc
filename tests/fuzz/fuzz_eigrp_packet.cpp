// Any octets as an EIGRP packet, as they are and with a right header and checksum: what decodes means the same after
// it was written and read again, and any of it can be checked against a key.
//
// links: culvert_eigrp_wire
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "routing/eigrp/wire/authentication.h"
#include "routing/eigrp/wire/packet.h"

namespace {

using namespace culvert::routing::eigrp::wire;
using culvert::net::Bytes;
using culvert::net::View;

void require(bool holds) {
  if (!holds) std::abort();
}

void whole_packet(View octets) {
  const auto packet = Packet::decode(octets);
  if (!packet) {
    require(!text(packet.error()).empty());
    return;
  }
  const auto again = Packet::decode(packet->encode());
  require(again && *again == *packet);
  const auto source = culvert::net::Address::v4(0x0a000001);
  for (const auto kind : {AuthenticationType::md5, AuthenticationType::hmac_sha_256})
    verify(octets, {.kind = kind, .id = 1, .password = culvert::net::Secret(Bytes(20))}, source);
}

// The octets after an UPDATE's header.
void tlvs(View octets) {
  auto bytes = Packet{.opcode = Opcode::update, .autonomous_system = 1}.encode();
  bytes.insert(bytes.end(), octets.begin(), octets.end());
  set_checksum(bytes);
  whole_packet(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto octets = std::as_bytes(std::span(data, size));
  whole_packet(octets);
  tlvs(octets);
  return 0;
}
