#include "net/checksum.h"

#include <arpa/inet.h>

#include <cstring>

namespace culvert::net {

namespace {

std::uint16_t folded(std::uint64_t total) {
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<std::uint16_t>(total);
}

}  // namespace

// In the machine's own order and four octets at a time: the sum comes out in that order (RFC 1071 section 2).
std::uint16_t checksum_sum(View data, std::uint32_t sum) {
  std::uint64_t total = 0;
  std::uint32_t word = 0;
  for (; data.size() >= sizeof word; data = data.subspan(sizeof word)) {
    std::memcpy(&word, data.data(), sizeof word);
    total += word;
  }
  word = 0;
  if (!data.empty()) std::memcpy(&word, data.data(), data.size());
  return folded(std::uint64_t{sum} + ntohs(folded(total + word)));
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
