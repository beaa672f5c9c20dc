// Hexadecimal text and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/bytes.h"

namespace culvert::net {

std::string to_hex(View data);  // lower case, no separators
// Pairs of digits, either case; white space between pairs is passed over. nullopt on anything else.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace culvert::net
