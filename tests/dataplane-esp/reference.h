// ESP a second time, written for clarity alone on OpenSSL's EVP: what a peer would make of our bytes.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "ipsec-dataplane/sa_parameters.h"
#include "net/bytes.h"

namespace culvert::dataplane::reference {

struct Opened {
  std::uint8_t service = 0, time_to_live = 0, protocol = 0;
  std::uint16_t identification = 0;
  bool dont_fragment = false;
  net::Address source, destination;
  std::uint16_t source_port = 0, destination_port = 0, udp_checksum = 0;  // in UDP only
  std::uint32_t spi = 0;
  std::uint64_t sequence = 0;
  net::Bytes iv;
  net::Bytes payload;  // without padding
  std::uint8_t padding = 0, next_header = 0;
};

// Takes an outer packet apart and checks everything RFC 4303 says of it. The error says what is wrong. `epoch` is the
// upper half of an extended sequence number.
std::expected<Opened, std::string> open(const SaParameters& keys, net::View packet, std::uint32_t epoch = 0);

// [SPI, sequence][IV][text encrypted][ICV] for a text with its trailer.
net::Bytes seal_text(const SaParameters& keys, std::uint32_t spi, std::uint64_t sequence, net::View iv, net::View text);
// The payload with its trailer: padded to a multiple of `block`.
net::Bytes with_trailer(net::View payload, std::size_t block, std::uint8_t next_header);
// An outer IPv4 packet (and UDP header, if `keys.udp`) around `esp`, from keys.local to keys.remote.
net::Bytes with_outer(const SaParameters& keys, net::View esp, std::uint8_t service = 0);

}  // namespace culvert::dataplane::reference
