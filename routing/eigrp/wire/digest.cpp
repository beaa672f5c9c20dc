#include "routing/eigrp/wire/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <stdexcept>

namespace culvert::routing::eigrp::wire {
namespace {

constexpr std::size_t md5_octets = 16;
constexpr std::size_t sha_256_octets = 32;

// For calls that only a broken library or an exhausted machine can fail.
void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(what);
}

}  // namespace

net::Bytes md5(std::initializer_list<net::View> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  require(context && EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1, "MD5");
  for (const auto part : parts) require(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1, "MD5");
  net::Bytes out(md5_octets);
  require(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1, "MD5");
  return out;
}

net::Bytes hmac_sha_256(net::View key, net::View data) {
  net::Bytes out(sha_256_octets);
  const auto* const made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
           data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
  require(made != nullptr, "HMAC");
  return out;
}

bool equal_constant_time(net::View a, net::View b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace culvert::routing::eigrp::wire
