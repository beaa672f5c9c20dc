// The Internet checksum (RFC 1071) and the pseudo-headers of RFC 768, 9293 and 8200.
#pragma once

#include <cstdint>

#include "net/address.h"
#include "net/bytes.h"

namespace culvert::net {

// One's complement sum, folded to 16 bits but not inverted; `sum` continues an earlier one over an even number of
// octets.
std::uint16_t checksum_sum(View data, std::uint32_t sum = 0);
// The value that goes into a checksum field that was zero while summed.
inline std::uint16_t checksum(View data, std::uint32_t sum = 0) {
  return static_cast<std::uint16_t>(~checksum_sum(data, sum));
}
// The folded sum of a pseudo-header; both addresses are of one family.
std::uint16_t pseudo_header_sum(const Address& source, const Address& destination, std::uint8_t protocol,
                                std::uint32_t length);

}  // namespace culvert::net
