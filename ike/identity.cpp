#include "ike/identity.h"

#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "net/overloaded.h"

namespace culvert::ike {
namespace {

bool equal_without_case(const net::Bytes& a, const net::Bytes& b) {
  const auto lower = [](std::byte octet) { return std::tolower(std::to_integer<int>(octet)); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Host names and mail addresses compare without case (RFC 4945 §3.1.2, §3.1.3); everything else octet by octet.
bool same_identity(const Identity& a, const Identity& b) {
  if (a.type != b.type) return false;
  const bool name = a.type == IdentityType::fqdn || a.type == IdentityType::email;
  return name ? equal_without_case(a.value, b.value) : a.value == b.value;
}

std::string printable(const net::Bytes& octets) {
  std::string text;
  for (const auto octet : octets) {
    const auto c = std::to_integer<unsigned char>(octet);
    if (c >= 0x20 && c < 0x7f && c != '\\') {
      text += static_cast<char>(c);
    } else {
      text += fmt::format("\\x{:02x}", c);
    }
  }
  return text;
}

}  // namespace

Identity Identity::of(const net::Address& address) {
  const auto octets = address.octets();
  return {address.is_v4() ? IdentityType::ipv4 : IdentityType::ipv6, {octets.begin(), octets.end()}};
}

std::optional<net::Address> Identity::address() const {
  if (type != IdentityType::ipv4 && type != IdentityType::ipv6) return std::nullopt;
  if (value.size() != (type == IdentityType::ipv4 ? 4u : 16u)) return std::nullopt;
  return net::Address::from_octets(value);
}

std::string Identity::to_string() const {
  const auto claimed = address();
  return claimed ? claimed->to_string() : printable(value);
}

bool IdentityMatch::accepts(const Identity& claimed) const {
  return std::visit(net::overloaded{[](const AnyIdentity&) { return true; },
                                    [&](const net::Prefix& prefix) {
                                      const auto address = claimed.address();
                                      return address && prefix.contains(*address);
                                    },
                                    [&](const Identity& exact) { return same_identity(exact, claimed); }},
                    wanted);
}

int IdentityMatch::specificity() const {
  constexpr int above_every_prefix = 200;
  return std::visit(net::overloaded{[](const AnyIdentity&) { return 0; },
                                    [](const net::Prefix& prefix) { return 1 + int{prefix.length}; },
                                    [](const Identity&) { return above_every_prefix; }},
                    wanted);
}

}  // namespace culvert::ike
