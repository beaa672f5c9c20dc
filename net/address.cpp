#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>

namespace culvert::net {

std::optional<Address> Address::from_octets(std::span<const std::byte> octets) {
  if (octets.size() != 4 && octets.size() != 16) return std::nullopt;
  Address a;
  if (octets.size() == 4) {
    std::copy_n(octets.begin(), 4, a.octets_.begin());
  } else {
    a.family_ = Family::ipv6;
    std::copy_n(octets.begin(), 16, a.octets_.begin());
  }
  return a;
}

std::optional<Address> Address::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != text.size() || terminated.find('\0') != std::string::npos) return std::nullopt;
  Address a;
  if (inet_pton(AF_INET, terminated.c_str(), a.octets_.data()) == 1) return a;
  a.family_ = Family::ipv6;
  if (inet_pton(AF_INET6, terminated.c_str(), a.octets_.data()) == 1) return a;
  return std::nullopt;
}

bool Address::is_unspecified() const { return octets_ == decltype(octets_){}; }

bool Address::is_multicast() const {
  return is_v4() ? (octets_[0] & std::byte{0xf0}) == std::byte{0xe0} : octets_[0] == std::byte{0xff};
}

bool Address::is_loopback() const {
  if (is_v4()) return octets_[0] == std::byte{127};
  return std::all_of(octets_.begin(), octets_.end() - 1, [](std::byte b) { return b == std::byte{0}; }) &&
         octets_[15] == std::byte{1};
}

std::string Address::to_string() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text, sizeof text);
  return text;
}

namespace {

// Applies `change(octet, mask_octet)` to every octet, the mask being that of `length`.
template <class F>
Address map_octets(const Address& address, unsigned length, F change) {
  std::array<std::byte, 16> out{};
  const auto in = address.octets();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const unsigned kept = std::clamp<int>(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
    out[i] = change(in[i], static_cast<std::byte>(0xff00u >> kept));
  }
  return *Address::from_octets({out.data(), in.size()});
}

}  // namespace

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = Address::parse(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || error != std::errc{} || end != digits.data() + digits.size() || length > address->bits())
    return std::nullopt;
  return Prefix{*address, static_cast<std::uint8_t>(length)};
}

std::optional<Prefix> Prefix::from_mask(Address address, Address mask) {
  if (!address.is_v4() || !mask.is_v4()) return std::nullopt;
  const auto ones = std::countl_one(mask.v4_value());
  if (std::popcount(mask.v4_value()) != ones) return std::nullopt;
  return Prefix{address, static_cast<std::uint8_t>(ones)};
}

Address Prefix::broadcast() const {
  return map_octets(address, length, [](std::byte b, std::byte m) { return b | ~m; });
}

Address Prefix::mask() const {
  assert(address.is_v4());
  return map_octets(address, length, [](std::byte, std::byte m) { return m; });
}

Address Prefix::wildcard() const {
  assert(address.is_v4());
  return map_octets(address, length, [](std::byte, std::byte m) { return ~m; });
}

std::string Prefix::to_string() const { return fmt::format("{}/{}", address.to_string(), length); }

std::string Endpoint::to_string() const {
  return address.is_v4() ? fmt::format("{}:{}", address.to_string(), port)
                         : fmt::format("[{}]:{}", address.to_string(), port);
}

}  // namespace culvert::net

fmt::format_context::iterator fmt::formatter<culvert::net::Address>::format(const culvert::net::Address& a,
                                                                            fmt::format_context& c) const {
  return fmt::formatter<std::string>::format(a.to_string(), c);
}

fmt::format_context::iterator fmt::formatter<culvert::net::Prefix>::format(const culvert::net::Prefix& p,
                                                                           fmt::format_context& c) const {
  return fmt::formatter<std::string>::format(p.to_string(), c);
}

fmt::format_context::iterator fmt::formatter<culvert::net::Endpoint>::format(const culvert::net::Endpoint& e,
                                                                             fmt::format_context& c) const {
  return fmt::formatter<std::string>::format(e.to_string(), c);
}
