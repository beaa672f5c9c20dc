// Octets written as hexadecimal text, for tables of vectors.
#pragma once

#include <stdexcept>
#include <string_view>

#include "net/hex.h"
#include "net/secret.h"

namespace culvert::testing {

inline net::Bytes octets(std::string_view hex) {
  auto value = net::from_hex(hex);
  if (!value) throw std::invalid_argument("not hexadecimal");
  return *std::move(value);
}
inline net::Secret secret(std::string_view hex) { return net::Secret(octets(hex)); }

}  // namespace culvert::testing
