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
enum class EspCipher : std::uint8_t { null, des3_cbc, aes_cbc, aes_gcm_16, chacha20_poly1305 };
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
  net::Secret cipher_key;  // for GCM and ChaCha20 the 4-octet salt follows the key
  EspIntegrity integrity = EspIntegrity::none;
  net::Secret integrity_key;
  net::Address local, remote;  // outer addresses
  std::optional<UdpEncapsulation> udp;
  std::uint32_t replay_window_packets = 64;                   // inbound; 0 = no replay check
  std::vector<SaSelector> local_selectors, remote_selectors;  // empty = any
};

struct SaStatistics {
  std::uint64_t packets = 0, octets = 0;  // octets of inner packets
  std::uint64_t bad_icv = 0, replayed = 0, malformed = 0, outside_selectors = 0, failed = 0;
  std::uint64_t sequence = 0;  // last sent, or highest authenticated
};

}  // namespace culvert::dataplane
