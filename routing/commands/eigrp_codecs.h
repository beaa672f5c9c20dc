// What the codecs and readers of EIGRP's lines share.
#pragma once

#include <cstdint>
#include <string>

#include "config-store/codec.h"

namespace culvert::routing {

inline std::uint32_t number(const parser::Arguments& arguments, const char* name) {
  return config::TextCodec<std::uint32_t>::decode(arguments[name]);
}

// The bits that do not matter in a network of this address's class (A, B, or C and above), host order. 0.0.0.0 is every
// network, as in IOS.
constexpr std::uint32_t wildcard_of_class(std::uint32_t address) {
  if (address == 0) return 0xffffffff;
  if (address < 0x80000000) return 0x00ffffff;
  return address < 0xc0000000 ? 0x0000ffff : 0x000000ff;
}

}  // namespace culvert::routing
