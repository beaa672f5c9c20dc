#include "net/checksum.h"

namespace culvert::net {

std::uint16_t checksum_sum(View data, std::uint32_t sum) {
  std::uint64_t total = sum;
  for (std::size_t i = 0; i + 1 < data.size(); i += 2)
    total += std::to_integer<std::uint64_t>(data[i]) << 8 | std::to_integer<std::uint64_t>(data[i + 1]);
  if (data.size() % 2 != 0) total += std::to_integer<std::uint64_t>(data.back()) << 8;
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<std::uint16_t>(total);
}

std::uint16_t pseudo_header_sum(const Address& source, const Address& destination, std::uint8_t protocol,
                                std::uint32_t length) {
  Bytes header;
  Writer w(header);
  w.bytes(source.octets());
  w.bytes(destination.octets());
  w.u32(length);
  w.u32(protocol);
  return checksum_sum(header);
}

}  // namespace culvert::net
