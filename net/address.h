// Addresses, prefixes and endpoints: the nouns that every room shares.
//
// Both families from the first day; a value is always valid, text is checked where it enters. Order is by family, then
// by octets, so that maps list addresses as a person would.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace culvert::net {

enum class Family : std::uint8_t { ipv4, ipv6 };

// One IPv4 or IPv6 address. The default value is 0.0.0.0, "unspecified".
class Address {
 public:
  constexpr Address() = default;

  // `value` in host order: Address::v4(0x0a000001) is 10.0.0.1.
  static constexpr Address v4(std::uint32_t value) {
    Address a;
    for (int i = 0; i < 4; ++i) a.octets_[static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (24 - 8 * i));
    return a;
  }
  static constexpr Address v6(const std::array<std::byte, 16>& octets) {
    Address a;
    a.family_ = Family::ipv6;
    a.octets_ = octets;
    return a;
  }
  // 4 or 16 octets in network order; anything else is no address.
  static std::optional<Address> from_octets(std::span<const std::byte> octets);
  // Dotted quad (no leading zeros, as inet_pton reads it) or RFC 4291 text.
  static std::optional<Address> parse(std::string_view text);

  constexpr Family family() const { return family_; }
  constexpr bool is_v4() const { return family_ == Family::ipv4; }
  // The IPv4 value in host order. Requires: is_v4().
  constexpr std::uint32_t v4_value() const { return assert(is_v4()), static_cast<std::uint32_t>(half(0) >> 32); }
  // Network order: 4 or 16 octets.
  std::span<const std::byte> octets() const { return {octets_.data(), is_v4() ? 4u : 16u}; }
  constexpr unsigned bits() const { return is_v4() ? 32u : 128u; }

  bool is_unspecified() const;
  bool is_multicast() const;
  bool is_loopback() const;

  // With all bits but the first `length` cleared.
  constexpr Address masked(unsigned length) const {
    const std::array halves{in_order(half(0) & ones(length)), in_order(half(1) & ones(length < 64 ? 0 : length - 64))};
    auto a = *this;
    a.octets_ = std::bit_cast<std::array<std::byte, 16>>(halves);
    return a;
  }

  std::string to_string() const;

  constexpr bool operator==(const Address&) const = default;
  constexpr std::strong_ordering operator<=>(const Address& other) const {
    if (family_ != other.family_) return family_ <=> other.family_;
    return half(0) != other.half(0) ? half(0) <=> other.half(0) : half(1) <=> other.half(1);
  }

 private:
  // Octets as a number that orders as they do, or back.
  static constexpr std::uint64_t in_order(std::uint64_t half) {
    return std::endian::native == std::endian::little ? std::byteswap(half) : half;
  }
  constexpr std::uint64_t half(std::size_t which) const {
    return in_order(std::bit_cast<std::array<std::uint64_t, 2>>(octets_)[which]);
  }
  // As many as that from the highest bit on, at most all.
  static constexpr std::uint64_t ones(unsigned count) { return count >= 64 ? ~0ull : ~(~0ull >> count); }

  Family family_ = Family::ipv4;
  std::array<std::byte, 16> octets_{};  // an IPv4 address uses the first four, the rest stay zero
};

// An address with a prefix length. Host bits may be set: an interface address is one too (10.1.0.1/24).
struct Prefix {
  Address address;
  std::uint8_t length = 0;  // 0 to address.bits()

  // "10.1.0.0/24", "2001:db8::/32".
  static std::optional<Prefix> parse(std::string_view text);
  // From an address and a contiguous IPv4 mask, as IOS writes them; nullopt where the mask has holes.
  static std::optional<Prefix> from_mask(Address address, Address mask);
  static Prefix host(Address address) { return {address, static_cast<std::uint8_t>(address.bits())}; }

  Prefix network() const { return {address.masked(length), length}; }  // with the host bits cleared
  Address broadcast() const;                                           // the last address
  Address mask() const;                                                // 255.255.255.0; requires IPv4
  Address wildcard() const;                                            // 0.0.0.255; requires IPv4
  bool contains(Address other) const {
    return other.family() == address.family() && other.masked(length) == address.masked(length);
  }
  bool contains(const Prefix& other) const { return other.length >= length && contains(other.address); }
  bool overlaps(const Prefix& other) const { return contains(other.address) || other.contains(address); }
  std::string to_string() const;

  auto operator<=>(const Prefix&) const = default;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  std::string to_string() const;  // "192.0.2.1:500", "[2001:db8::1]:500"
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace culvert::net

// Width and alignment as for text. The bodies are in address.cpp, so that whoever formats needs no more than
// fmt/core.h.
template <>
struct fmt::formatter<culvert::net::Address> : fmt::formatter<std::string> {
  fmt::format_context::iterator format(const culvert::net::Address& a, fmt::format_context& c) const;
};
template <>
struct fmt::formatter<culvert::net::Prefix> : fmt::formatter<std::string> {
  fmt::format_context::iterator format(const culvert::net::Prefix& p, fmt::format_context& c) const;
};
template <>
struct fmt::formatter<culvert::net::Endpoint> : fmt::formatter<std::string> {
  fmt::format_context::iterator format(const culvert::net::Endpoint& e, fmt::format_context& c) const;
};
