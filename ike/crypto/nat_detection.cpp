#include "ike/crypto/nat_detection.h"

#include "ike/crypto/openssl.h"

namespace culvert::ike::crypto {

net::Bytes nat_detection_hash(std::uint64_t initiator_spi, std::uint64_t responder_spi, const net::Endpoint& endpoint) {
  static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  net::Bytes input;
  net::Writer writer(input);
  writer.u64(initiator_spi);
  writer.u64(responder_spi);
  writer.bytes(endpoint.address.octets());
  writer.u16(endpoint.port);
  net::Bytes hash(20);
  require(EVP_Digest(input.data(), input.size(), raw(hash), nullptr, sha1, nullptr), "SHA-1");
  return hash;
}

}  // namespace culvert::ike::crypto
