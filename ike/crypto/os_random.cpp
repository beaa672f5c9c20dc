#include "ike/crypto/os_random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "ike/crypto/openssl.h"

namespace culvert::ike::crypto {
namespace {

void draw(std::span<std::byte> out) { require(RAND_bytes(raw(out), static_cast<int>(out.size())) == 1, "no entropy"); }

// A call of OpenSSL's generator costs the same for 8 octets as for some hundred. What has been given out is wiped, so
// that nobody finds in memory what has become a nonce or an IV.
class Reserve {
 public:
  static constexpr std::size_t served_max = 64;  // octets a request; longer ones go to the generator

  ~Reserve() { OPENSSL_cleanse(octets_.data(), octets_.size()); }
  void give(std::span<std::byte> out) {
    if (left_ < out.size()) {
      draw(octets_);
      left_ = octets_.size();
    }
    const auto given = std::span(octets_).subspan(octets_.size() - left_, out.size());
    std::ranges::copy(given, out.begin());
    OPENSSL_cleanse(given.data(), given.size());
    left_ -= out.size();
  }

 private:
  std::array<std::byte, 512> octets_{};
  std::size_t left_ = 0;
};

}  // namespace

void OsRandom::fill(std::span<std::byte> out) {
  thread_local Reserve reserve;
  out.size() <= Reserve::served_max ? reserve.give(out) : draw(out);
}

}  // namespace culvert::ike::crypto
