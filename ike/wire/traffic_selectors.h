// Traffic selectors, RFC 7296 §3.13: ranges of addresses, ports and protocols.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "ike/wire/error.h"
#include "ike/wire/numbers.h"
#include "net/address.h"
#include "net/bytes.h"

namespace culvert::ike::wire {

struct TrafficSelector {
  std::uint8_t protocol = 0;     // 0: any
  std::uint16_t start_port = 0;  // for ICMP: type << 8 | code (§3.13.1)
  std::uint16_t end_port = 65535;
  net::Address start{};  // inclusive, of one family, start <= end
  net::Address end{};

  static TrafficSelector of(const net::Prefix& prefix);
  // 0.0.0.0-255.255.255.255 or its IPv6 like.
  static TrafficSelector any(net::Family family);

  bool any_port() const { return start_port == 0 && end_port == 65535; }
  // 65535-0: only packets whose ports cannot be seen.
  bool opaque_ports() const { return start_port == 65535 && end_port == 0; }

  bool operator==(const TrafficSelector&) const = default;
};

struct TrafficSelectors {
  static constexpr std::size_t selectors_max = 128;

  Side side = Side::initiator;
  // When parsed it may be empty: selectors of a type we do not know are left out, for they match nothing here.
  std::vector<TrafficSelector> selectors{};

  static std::expected<TrafficSelectors, WireError> parse(Side side, net::View body);
  // Requires: 1 to selectors_max selectors.
  void emit(net::Bytes& out) const;

  bool operator==(const TrafficSelectors&) const = default;
};

}  // namespace culvert::ike::wire
