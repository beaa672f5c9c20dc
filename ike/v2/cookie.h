// Cookies: what a newcomer must repeat before we keep anything for it (RFC 7296 §2.6).
//
// A cookie is the number of a secret and a MAC under it of nonce, address and SPI, so it proves that who asks receives
// at that address, and costs us no memory. Secrets change with time; the one before is still accepted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "net/address.h"
#include "net/bytes.h"
#include "net/random.h"
#include "net/secret.h"
#include "net/time.h"

namespace culvert::ike::v2 {

// What a cookie is about.
struct CookieSubject {
  net::View initiator_nonce;
  net::Address address;
  std::uint64_t initiator_spi = 0;
};

class Cookies {
 public:
  static constexpr auto secret_age_max = std::chrono::seconds(60);

  // `random` gives a new secret where the present one is older than secret_age_max.
  net::Bytes make(net::Time now, net::Random& random, const CookieSubject& about);
  // Whether `cookie` was made for just this, at most twice secret_age_max ago. Compares in constant time.
  bool accepts(net::Time now, const CookieSubject& about, net::View cookie) const;

 private:
  struct Secret {
    std::uint8_t number = 0;
    net::Time since;
    net::Secret value;
  };
  std::optional<Secret> present_, former_;
};

}  // namespace culvert::ike::v2
