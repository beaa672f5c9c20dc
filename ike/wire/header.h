// The IKE header, RFC 7296 §3.1: 28 octets before the payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "ike/wire/error.h"
#include "ike/wire/numbers.h"
#include "net/bytes.h"

namespace culvert::ike::wire {

struct Framed;

struct Header {
  static constexpr std::size_t size_octets = 28;

  std::uint64_t initiator_spi = 0;
  std::uint64_t responder_spi = 0;  // zero only in the first message
  ExchangeType exchange = ExchangeType::ike_sa_init;
  std::uint8_t minor_version = 0;  // sent as 0, ignored when received
  bool from_initiator = false;     // I flag: the sender is the original initiator of the IKE SA
  bool higher_version = false;     // V flag: the sender could speak a higher major version
  bool is_response = false;        // R flag
  std::uint32_t message_id = 0;

  // `datagram` without the non-ESP marker. Checks version, a non-zero initiator SPI, and that Length is the size of the
  // datagram; unknown exchange types pass.
  static std::expected<Framed, WireError> parse(net::View datagram);
  // Appends 28 octets; `length` covers the whole message.
  void emit(net::Bytes& out, PayloadType first, std::uint32_t length) const;

  bool operator==(const Header&) const = default;
};

// A header and the octets it frames; the view is of the datagram.
struct Framed {
  Header header;
  PayloadType first = PayloadType::none;
  net::View payloads;
};

}  // namespace culvert::ike::wire
