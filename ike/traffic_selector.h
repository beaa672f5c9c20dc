// Traffic selectors: which packets a Child SA carries (RFC 7296 §3.13.1).
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "net/address.h"

namespace culvert::ike {

// Every packet of `protocol` (0 = any) with an address and a port within the ranges, ends included.
struct TrafficSelector {
  std::uint8_t protocol = 0;
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 65535;
  net::Address first;
  net::Address last;

  static TrafficSelector any_v4();  // 0.0.0.0 to 255.255.255.255, any protocol and port
  bool covers(const TrafficSelector& other) const;
  std::string to_string() const;  // "0.0.0.0-255.255.255.255 0-65535 proto 0"
  auto operator<=>(const TrafficSelector&) const = default;
};

}  // namespace culvert::ike
