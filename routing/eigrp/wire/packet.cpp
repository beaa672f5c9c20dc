#include "routing/eigrp/wire/packet.h"

#include <algorithm>
#include <array>

#include "net/checksum.h"
#include "net/try.h"

namespace culvert::routing::eigrp::wire {
namespace {

constexpr std::uint8_t header_version = 2;
constexpr std::uint16_t unicast_address_family = 0;
constexpr std::size_t checksum_offset = 2;
constexpr std::size_t autonomous_system_offset = 18;
constexpr std::size_t tlv_header_octets = 4;
constexpr std::size_t usual_tlv_octets = 28;  // a classic route

// Bits of the header's flags, §6.5.
constexpr std::uint32_t init_flag = 0x01;
constexpr std::uint32_t conditional_receive_flag = 0x02;
constexpr std::uint32_t restart_flag = 0x04;
constexpr std::uint32_t end_of_table_flag = 0x08;

struct OpcodeText {
  Opcode opcode;
  std::string_view text;
};
constexpr std::array opcodes{
    OpcodeText{Opcode::update, "UPDATE"},      OpcodeText{Opcode::request, "REQUEST"},
    OpcodeText{Opcode::query, "QUERY"},        OpcodeText{Opcode::reply, "REPLY"},
    OpcodeText{Opcode::hello, "HELLO"},        OpcodeText{Opcode::sia_query, "SIAQUERY"},
    OpcodeText{Opcode::sia_reply, "SIAREPLY"},
};

bool is_opcode(std::uint8_t value) {
  return std::ranges::any_of(opcodes, [&](const auto& row) { return row.opcode == Opcode{value}; });
}

Flags flags_of(std::uint32_t bits) {
  return {.init = (bits & init_flag) != 0,
          .conditional_receive = (bits & conditional_receive_flag) != 0,
          .restart = (bits & restart_flag) != 0,
          .end_of_table = (bits & end_of_table_flag) != 0};
}

std::uint32_t bits_of(const Flags& flags) {
  return (flags.init ? init_flag : 0) | (flags.conditional_receive ? conditional_receive_flag : 0) |
         (flags.restart ? restart_flag : 0) | (flags.end_of_table ? end_of_table_flag : 0);
}

// Requires: the reader holds a header.
std::expected<Packet, DecodeError> decode_header(net::Reader& reader) {
  if (*reader.u8() != header_version) return std::unexpected(DecodeError::bad_version);
  const auto opcode = *reader.u8();
  if (!is_opcode(opcode)) return std::unexpected(DecodeError::unknown_opcode);
  reader.take(2);
  Packet packet;
  packet.opcode = Opcode{opcode};
  packet.flags = flags_of(*reader.u32());
  packet.sequence = *reader.u32();
  packet.acknowledgment = *reader.u32();
  if (*reader.u16() != unicast_address_family) return std::unexpected(DecodeError::unknown_virtual_router);
  packet.autonomous_system = *reader.u16();
  return packet;
}

std::expected<void, DecodeError> read_tlv(net::Reader& reader, std::vector<Tlv>& tlvs) {
  if (reader.left() < tlv_header_octets) return std::unexpected(DecodeError::tlv_length);
  const auto type = *reader.u16();
  const std::size_t length = *reader.u16();
  if (length < tlv_header_octets) return std::unexpected(DecodeError::tlv_length);
  const auto value = reader.take(length - tlv_header_octets);
  if (!value) return std::unexpected(DecodeError::tlv_overrun);
  return decode_tlv(type, *value, tlvs);
}

}  // namespace

std::string_view text(Opcode opcode) { return std::ranges::find(opcodes, opcode, &OpcodeText::opcode)->text; }

std::expected<Packet, DecodeError> Packet::decode(net::View octets) {
  if (octets.size() < header_octets) return std::unexpected(DecodeError::truncated_header);
  if (net::checksum(octets) != 0) return std::unexpected(DecodeError::bad_checksum);
  net::Reader reader(octets);
  auto packet = TRY(decode_header(reader));
  packet.tlvs.reserve(1 + reader.left() / usual_tlv_octets);
  while (!reader.empty())
    if (const auto read = read_tlv(reader, packet.tlvs); !read) return std::unexpected(read.error());
  return packet;
}

net::Bytes Packet::encode(net::View more) const {
  net::Bytes octets;
  octets.reserve(header_octets + usual_tlv_octets * tlvs.size() + more.size());
  net::Writer writer(octets);
  writer.u8(header_version);
  writer.u8(static_cast<std::uint8_t>(opcode));
  writer.u16(0);
  writer.u32(bits_of(flags));
  writer.u32(sequence);
  writer.u32(acknowledgment);
  writer.u16(unicast_address_family);
  writer.u16(autonomous_system);
  for (const auto& tlv : tlvs) encode_tlv(tlv, octets);
  writer.bytes(more);
  set_checksum(octets);
  return octets;
}

std::optional<std::uint16_t> autonomous_system_of(net::View octets) {
  if (octets.size() < header_octets) return std::nullopt;
  return net::Reader(octets.subspan(autonomous_system_offset)).u16();
}

void set_checksum(net::Bytes& octets) {
  net::Writer writer(octets);
  writer.patch_u16(checksum_offset, 0);
  writer.patch_u16(checksum_offset, net::checksum(octets));
}

}  // namespace culvert::routing::eigrp::wire
