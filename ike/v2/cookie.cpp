#include "ike/v2/cookie.h"

#include <utility>

#include "ike/crypto/mac.h"

namespace culvert::ike::v2 {
namespace {

constexpr std::size_t secret_octets = 32;

net::Bytes cookie_of(std::uint8_t number, const net::Secret& secret, const CookieSubject& about) {
  net::Bytes subject;
  net::Writer out(subject);
  out.u8(static_cast<std::uint8_t>(about.address.bits()));
  out.bytes(about.address.octets());
  out.u64(about.initiator_spi);
  out.bytes(about.initiator_nonce);
  net::Bytes cookie{std::byte{number}};
  net::Writer(cookie).bytes(crypto::mac(Integrity::sha256, secret.view(), subject));
  return cookie;
}

}  // namespace

net::Bytes Cookies::make(net::Time now, net::Random& random, const CookieSubject& about) {
  if (!present_ || now - present_->since >= secret_age_max) {
    const auto number = static_cast<std::uint8_t>(present_ ? present_->number + 1 : 0);
    former_ = std::exchange(present_, Secret{number, now, net::Secret(random.bytes(secret_octets))});
  }
  return cookie_of(present_->number, present_->value, about);
}

bool Cookies::accepts(net::Time now, const CookieSubject& about, net::View cookie) const {
  if (cookie.empty()) return false;
  for (const auto* secret : {&present_, &former_}) {
    if (!*secret || std::byte{(*secret)->number} != cookie.front()) continue;
    if (now - (*secret)->since >= 2 * secret_age_max) continue;
    return crypto::equal_constant_time(cookie_of((*secret)->number, (*secret)->value, about), cookie);
  }
  return false;
}

}  // namespace culvert::ike::v2
