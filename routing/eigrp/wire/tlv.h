// The general TLVs of RFC 7868 §6.7, and those that Culvert does not know, kept as octets.
//
// Each decodes from and encodes to its value, the octets after type and length.
#pragma once

#include <cstdint>
#include <expected>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "routing/eigrp/wire/error.h"
#include "routing/eigrp/wire/route.h"

namespace culvert::routing::eigrp::wire {

// K values and hold time, §6.7.1.
struct Parameters {
  static constexpr std::uint16_t type = 0x0001;
  std::uint8_t k1 = 1, k2 = 0, k3 = 1, k4 = 0, k5 = 0, k6 = 0;
  std::uint16_t hold_time_s = 15;

  // All K values but K6 are 255: the sender takes its leave (§6.7.7).
  bool is_goodbye() const { return k1 == 255 && k2 == 255 && k3 == 255 && k4 == 255 && k5 == 255; }
  static std::expected<Parameters, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const Parameters&) const = default;
};

enum class AuthenticationType : std::uint16_t { md5 = 2, hmac_sha_256 = 3 };

// §6.7.2, which leaves out the key's number and sequence that real packets have.
struct Authentication {
  static constexpr std::uint16_t type = 0x0002;
  AuthenticationType kind = AuthenticationType::md5;
  std::uint32_t key_id = 0;
  std::uint32_t key_sequence = 0;
  net::Bytes digest{};  // 16 octets for MD5, 32 for HMAC-SHA-256

  static std::expected<Authentication, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const Authentication&) const = default;
};

// Who shall not enter conditional receive mode, §6.7.3. At least one address.
struct SequenceList {
  static constexpr std::uint16_t type = 0x0003;
  std::vector<net::Address> neighbors{};
  static std::expected<SequenceList, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const SequenceList&) const = default;
};

// §6.7.4; four octets on the wire, whatever the RFC's figure says of the length.
struct SoftwareVersion {
  static constexpr std::uint16_t type = 0x0004;
  std::uint8_t os_major = 0, os_minor = 0;
  std::uint8_t tlv_major = 1, tlv_minor = 2;  // 1.2: classic routes; 2.0: wide ones too
  static std::expected<SoftwareVersion, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const SoftwareVersion&) const = default;
};

// The sequence number of the multicast packet that is meant, §6.7.5.
struct NextMulticastSequence {
  static constexpr std::uint16_t type = 0x0005;
  std::uint32_t sequence = 0;
  static std::expected<NextMulticastSequence, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const NextMulticastSequence&) const = default;
};

// 0x0006, which the RFC reserves: the sender is a stub and tells what it advertises.
struct Stub {
  static constexpr std::uint16_t type = 0x0006;
  static constexpr std::uint16_t connected = 0x01;
  static constexpr std::uint16_t static_routes = 0x02;
  static constexpr std::uint16_t summary = 0x04;
  static constexpr std::uint16_t receive_only = 0x08;
  static constexpr std::uint16_t redistributed = 0x10;
  static constexpr std::uint16_t leak_map = 0x20;
  std::uint16_t flags = connected | summary;
  static std::expected<Stub, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const Stub&) const = default;
};

// Whose adjacency the sender has reset, §6.7.7. At least one address.
struct PeerTermination {
  static constexpr std::uint16_t type = 0x0007;
  std::vector<net::Address> neighbors{};
  static std::expected<PeerTermination, DecodeError> decode(net::View value);
  void encode(net::Bytes& out) const;
  bool operator==(const PeerTermination&) const = default;
};

// Any other type, to be passed over (§6.6).
struct Unknown {
  std::uint16_t type = 0;
  net::Bytes value{};
  bool operator==(const Unknown&) const = default;
};

using Tlv = std::variant<Parameters, Authentication, SequenceList, SoftwareVersion, NextMulticastSequence, Stub,
                         PeerTermination, Route, Unknown>;

// Appends the TLV, or nothing.
std::expected<void, DecodeError> decode_tlv(std::uint16_t type, net::View value, std::vector<Tlv>& tlvs);
// Appends type, length and value. Requires: the whole is at most 65535 octets.
void encode_tlv(const Tlv& tlv, net::Bytes& out);
void encode_tlv(const Route& route, net::Bytes& out);

}  // namespace culvert::routing::eigrp::wire
