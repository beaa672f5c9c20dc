#include "ike/crypto/mac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <span>

#include "ike/crypto/openssl.h"

namespace culvert::ike::crypto {
namespace {

// The order of Prf; Integrity has the same digests, one place later.
constexpr std::array digest_names{"MD5", "SHA1", "SHA2-256", "SHA2-384", "SHA2-512"};
constexpr std::size_t output_octets_max = 64;

EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return fetched;
}

MacContext keyless(const char* digest) {
  MacContext context(EVP_MAC_CTX_new(hmac_algorithm()));
  const OSSL_PARAM parameters[]{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
                                OSSL_PARAM_construct_end()};
  require(context && EVP_MAC_CTX_set_params(context.get(), parameters) > 0, "HMAC");
  return context;
}

// Looking a digest up by its name costs more than the HMAC of a short message: it is done once, for contexts without a
// key, which are copied.
const EVP_MAC_CTX* keyless(std::size_t digest) {
  static const auto all = [] {
    std::array<MacContext, digest_names.size()> contexts;
    std::ranges::transform(digest_names, contexts.begin(), [](const char* name) { return keyless(name); });
    return contexts;
  }();
  return all.at(digest).get();
}

class Hmac {
 public:
  Hmac(std::size_t digest, net::View key) : context_(EVP_MAC_CTX_dup(keyless(digest))) {
    // A null pointer would mean "the key of before", so an empty key points at something.
    static constexpr unsigned char nothing = 0;
    require(context_ && EVP_MAC_init(context_.get(), key.empty() ? &nothing : raw(key), key.size(), nullptr), "HMAC");
  }
  void update(net::View data) { require(EVP_MAC_update(context_.get(), raw(data), data.size()), "HMAC"); }
  // The octets so far; afterwards the object begins anew under the same key.
  net::Secret finish() {
    std::array<std::byte, output_octets_max> out;
    std::size_t size = 0;
    require(EVP_MAC_final(context_.get(), raw(out), &size, out.size()), "HMAC");
    net::Secret result{net::View(out).first(size)};
    OPENSSL_cleanse(out.data(), out.size());
    return result;
  }
  void restart() { require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr), "HMAC"); }

 private:
  MacContext context_;
};

}  // namespace

net::Secret prf(Prf algorithm, net::View key, std::initializer_list<net::View> parts) {
  Hmac hmac(static_cast<std::size_t>(algorithm), key);
  for (const auto part : parts) hmac.update(part);
  return hmac.finish();
}

net::Secret prf_plus(Prf algorithm, net::View key, net::View seed, std::size_t octets) {
  assert(octets <= 255 * traits(algorithm).key_octets);
  net::Secret out{net::Bytes(octets)};
  Hmac hmac(static_cast<std::size_t>(algorithm), key);
  net::Secret block;
  std::uint8_t number = 1;
  for (std::size_t done = 0; done < octets; ++number) {
    if (done != 0) hmac.restart();
    hmac.update(block.view());
    hmac.update(seed);
    hmac.update(std::as_bytes(std::span(&number, 1)));
    block = hmac.finish();
    const auto wanted = std::min(block.size(), octets - done);
    std::ranges::copy(block.view().first(wanted), out.writable().begin() + static_cast<std::ptrdiff_t>(done));
    done += wanted;
  }
  return out;
}

net::Bytes mac(Integrity algorithm, net::View key, net::View data) {
  assert(algorithm != Integrity::none);
  Hmac hmac(static_cast<std::size_t>(algorithm) - 1, key);
  hmac.update(data);
  const auto whole = hmac.finish();
  const auto icv = whole.view().first(traits(algorithm).icv_octets);
  return {icv.begin(), icv.end()};
}

bool equal_constant_time(net::View a, net::View b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace culvert::ike::crypto
