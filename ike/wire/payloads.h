// The smaller payloads of RFC 7296 §3, each a value that cannot be wrong: parse() checks what the RFC requires of the
// body (the part after the generic header), emit() appends a body and asserts the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "ike/algorithms.h"
#include "ike/wire/error.h"
#include "ike/wire/numbers.h"
#include "net/bytes.h"

namespace culvert::ike::wire {

struct KeyExchange {  // §3.4
  std::uint16_t group = 0;
  net::Bytes value{};  // not empty; its length is checked by crypto, which knows the group
  static std::expected<KeyExchange, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const KeyExchange&) const = default;
};

struct Identification {  // §3.5
  Side side = Side::initiator;
  IdType type = IdType::key_id;
  std::array<std::byte, 3> reserved{};  // as received: AUTH covers it
  net::Bytes data{};                    // no terminator; addresses have 4 or 16 octets, nothing else is empty
  static std::expected<Identification, WireError> parse(Side side, net::View body);
  void emit(net::Bytes& out) const;
  // RestOfInitIDPayload of §2.15: the body as AUTH signs it.
  net::Bytes body() const;
  bool operator==(const Identification&) const = default;
};

struct Certificate {  // §3.6
  CertificateEncoding encoding = CertificateEncoding::x509_signature;
  net::Bytes data{};  // not empty
  static std::expected<Certificate, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const Certificate&) const = default;
};

struct CertificateRequest {  // §3.7
  CertificateEncoding encoding = CertificateEncoding::x509_signature;
  net::Bytes authorities{};  // SHA-1 hashes of public keys, 20 octets each, for X.509
  static std::expected<CertificateRequest, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const CertificateRequest&) const = default;
};

struct Authentication {  // §3.8
  AuthMethod method = AuthMethod::shared_key;
  net::Bytes data{};  // not empty
  static std::expected<Authentication, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const Authentication&) const = default;
};

struct Nonce {  // §3.9
  static constexpr std::size_t min_octets = 16;
  static constexpr std::size_t max_octets = 256;
  net::Bytes value{};
  static std::expected<Nonce, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const Nonce&) const = default;
};

struct Notify {  // §3.10
  ProtocolId protocol = ProtocolId::none;
  NotifyType type = NotifyType::invalid_syntax;
  net::Bytes spi{};  // 0, 4 or 8 octets
  net::Bytes data{};
  static std::expected<Notify, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  // The data read as one number of just that size: the group of INVALID_KE_PAYLOAD, the window of SET_WINDOW_SIZE.
  std::optional<std::uint16_t> u16() const;
  std::optional<std::uint32_t> u32() const;
  // The SPI of the Child SA a REKEY_SA or CHILD_SA_NOT_FOUND is about.
  std::optional<std::uint32_t> child_spi() const;
  bool operator==(const Notify&) const = default;
};

struct Delete {  // §3.11
  ProtocolId protocol = ProtocolId::ike;
  std::vector<std::uint32_t> spis{};  // inbound SPIs of the sender; none for IKE
  static std::expected<Delete, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const Delete&) const = default;
};

struct VendorId {  // §3.12
  net::Bytes value{};
  static std::expected<VendorId, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const VendorId&) const = default;
};

struct ConfigurationAttribute {
  std::uint16_t type = 0;  // 15 bits
  net::Bytes value{};
  bool operator==(const ConfigurationAttribute&) const = default;
};

struct Configuration {  // §3.15
  static constexpr std::size_t attributes_max = 256;
  ConfigurationType type = ConfigurationType::request;
  std::vector<ConfigurationAttribute> attributes{};
  static std::expected<Configuration, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const Configuration&) const = default;
};

struct Eap {             // §3.16
  net::Bytes message{};  // one EAP packet, whose own length field agrees
  static std::expected<Eap, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  bool operator==(const Eap&) const = default;
};

// The Encrypted payload, still closed (§3.14). Protection (protection.h) opens and seals it.
struct Encrypted {
  PayloadType first_inner = PayloadType::none;
  net::Bytes body{};  // IV, ciphertext, ICV
  bool operator==(const Encrypted&) const = default;
};

// Not understood and not critical: passed over, and kept for whoever wants to log it.
struct UnknownPayload {
  PayloadType type = PayloadType::none;
  net::Bytes body{};
  bool operator==(const UnknownPayload&) const = default;
};

}  // namespace culvert::ike::wire
