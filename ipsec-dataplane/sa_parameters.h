// One ESP security association as plain values: what IKE negotiated, without any DPDK type.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/address.h"
#include "net/secret.h"

namespace culvert::dataplane {

enum class SaDirection : std::uint8_t { inbound, outbound };

// The ESP column of the IKEv2 transform registries. GCM and ChaCha20-Poly1305 take no integrity algorithm.
enum class EspCipher : std::uint8_t { null, des_cbc, des3_cbc, aes_cbc, aes_ctr, aes_gcm_16, chacha20_poly1305 };
enum class EspIntegrity : std::uint8_t {
  none,
  hmac_md5_96,
  hmac_sha1_96,
  hmac_sha256_128,
  hmac_sha384_192,
  hmac_sha512_256
};

// Addresses and ports from first to last, both included; protocol 0 is any (RFC 7296 §3.13.1).
struct SaSelector {
  net::Address first, last;
  std::uint16_t port_first = 0, port_last = 65535;
  std::uint8_t protocol = 0;
  bool operator==(const SaSelector&) const = default;
};

// UDP encapsulation of ESP (RFC 3948), as we send it.
struct UdpEncapsulation {
  std::uint16_t local_port = 4500, remote_port = 4500;
  bool operator==(const UdpEncapsulation&) const = default;
};

struct SaParameters {
  SaDirection direction = SaDirection::inbound;
  std::uint32_t spi = 0;  // host order, 256 or more
  EspCipher cipher = EspCipher::aes_gcm_16;
  net::Secret cipher_key;  // for CTR, GCM and ChaCha20 the 4-octet salt follows the key
  EspIntegrity integrity = EspIntegrity::none;
  net::Secret integrity_key;
  net::Address local, remote;  // outer addresses
  std::optional<UdpEncapsulation> udp;
  std::uint32_t replay_window_packets = 64;  // inbound; 0 = no replay check
  // 64-bit sequence numbers, half of which travel (RFC 4303 section 2.2.1). Needs an ICV, and inbound a window.
  bool extended_sequence_numbers = false;
  std::vector<SaSelector> local_selectors, remote_selectors;  // empty = any
};

// What one SA did; everything after `authenticated` counts packets that were dropped, but for other_address.
struct SaStatistics {
  std::uint64_t packets = 0, octets = 0;  // encapsulated or decapsulated; octets of inner packets
  std::uint64_t sequence = 0;             // last sent, or highest authenticated
  std::uint64_t ciphered = 0;             // encrypted or decrypted
  std::uint64_t authenticated = 0;        // ICV made, or found right
  std::uint64_t bad_icv = 0, replayed = 0, malformed = 0, outside_selectors = 0;
  std::uint64_t bad_length = 0;      // ESP shorter than its algorithms allow, or no whole number of blocks
  std::uint64_t wrong_protocol = 0;  // next header is not IPv4
  std::uint64_t dummies = 0;         // next header 59, dropped as it should be
  std::uint64_t no_room = 0;         // no buffer for the sealed packet
  std::uint64_t sequence_exhausted = 0;
  std::uint64_t failed = 0;         // the cipher did
  std::uint64_t other_address = 0;  // opened, though it came from or to other outer addresses than the SA's
};

}  // namespace culvert::dataplane
