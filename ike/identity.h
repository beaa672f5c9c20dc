// Identities: who an IKE end says it is, and which claims a profile accepts (RFC 7296 §3.5).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/address.h"
#include "net/bytes.h"

namespace culvert::ike {

// The numbers are those of the ID Type field.
enum class IdentityType : std::uint8_t { ipv4 = 1, fqdn = 2, email = 3, ipv6 = 5, dn = 9, key_id = 11 };

// One claim of identity, with the octets that go on the wire: an address in network order, a name without terminator.
struct Identity {
  IdentityType type = IdentityType::ipv4;
  net::Bytes value;

  static Identity of(const net::Address& address);
  static Identity fqdn(std::string_view name) { return {IdentityType::fqdn, net::to_bytes(name)}; }
  static Identity email(std::string_view name) { return {IdentityType::email, net::to_bytes(name)}; }
  static Identity key_id(std::string_view text) { return {IdentityType::key_id, net::to_bytes(text)}; }

  // The address claimed; nullopt for every other type and for a wrong length.
  std::optional<net::Address> address() const;
  // As a person reads it; octets that are not printable appear as \xNN, so that a peer cannot write to a terminal.
  std::string to_string() const;
  auto operator<=>(const Identity&) const = default;
};

struct AnyIdentity {
  auto operator<=>(const AnyIdentity&) const = default;
};

// One `match identity remote` line: anything, an address within a prefix, or exactly one name (names without case).
struct IdentityMatch {
  std::variant<AnyIdentity, net::Prefix, Identity> wanted;

  bool accepts(const Identity& claimed) const;
  // How narrow the match is, for choosing between profiles: an exact name above every prefix, `any` below all.
  int specificity() const;
  bool operator==(const IdentityMatch&) const = default;
};

}  // namespace culvert::ike
