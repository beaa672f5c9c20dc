// One EIGRP packet, RFC 7868 §6.5: the payload of IP protocol 88.
//
// decode() accepts any octets: a packet with one malformed TLV is none (§6.6). What it returns means the same after
// encode() and decode() again, and a packet of IOS comes out as it went in.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "net/bytes.h"
#include "routing/eigrp/wire/error.h"
#include "routing/eigrp/wire/tlv.h"

namespace culvert::routing::eigrp::wire {

inline constexpr std::uint8_t ip_protocol = 88;
inline constexpr auto all_routers = net::Address::v4(0xe000000a);  // 224.0.0.10, §8
inline constexpr std::size_t header_octets = 20;

enum class Opcode : std::uint8_t {
  update = 1,
  request = 2,
  query = 3,
  reply = 4,
  hello = 5,
  sia_query = 10,
  sia_reply = 11
};
// "UPDATE", "SIA-QUERY": as debug eigrp packets prints them.
std::string_view text(Opcode opcode);

struct Flags {
  bool init = false;                 // first UPDATE to a new neighbour
  bool conditional_receive = false;  // for those in that mode only
  bool restart = false;              //
  bool end_of_table = false;         // nothing of the first exchange follows
  bool operator==(const Flags&) const = default;
};

struct Packet {
  Opcode opcode = Opcode::hello;
  Flags flags{};
  std::uint32_t sequence = 0;        // 0: wants no acknowledgment
  std::uint32_t acknowledgment = 0;  // 0: none; only in unicast
  std::uint16_t autonomous_system = 0;
  std::vector<Tlv> tlvs{};

  // A HELLO that acknowledges is no HELLO (§6.5).
  bool is_acknowledgment() const { return opcode == Opcode::hello && acknowledgment != 0; }
  // The first TLV of a kind; null if there is none.
  template <class T>
  const T* find() const {
    for (const auto& tlv : tlvs)
      if (const auto* found = std::get_if<T>(&tlv)) return found;
    return nullptr;
  }

  static std::expected<Packet, DecodeError> decode(net::View octets);
  // With its checksum; `more` are TLVs encoded before, after its own. Requires: each TLV is what its declaration says.
  net::Bytes encode(net::View more = {}) const;
  bool operator==(const Packet&) const = default;
};

// Whose packet this is, before it is decoded: one process has one AS number. nullopt: shorter than a header.
std::optional<std::uint16_t> autonomous_system_of(net::View octets);

// Writes the checksum over the whole packet into its field. Requires: a whole header.
void set_checksum(net::Bytes& octets);

}  // namespace culvert::routing::eigrp::wire
