// Who may speak: MD5 and HMAC-SHA-256 over a packet, RFC 7868 §6.7.2 as IOS does it.
//
// MD5 (type 2) hashes the packet with the key in the place of the digest and without its last 20 octets, so that a
// HELLO is covered up to the authentication TLV and an UPDATE without routes is covered by no key at all: protection
// against accident more than against an attacker. HMAC-SHA-256 (type 3) covers everything, the sender's address too.
#pragma once

#include <cstdint>

#include "net/address.h"
#include "net/bytes.h"
#include "net/secret.h"
#include "routing/eigrp/wire/packet.h"

namespace culvert::routing::eigrp::wire {

struct AuthenticationKey {
  AuthenticationType kind = AuthenticationType::md5;
  std::uint32_t id = 0;
  net::Secret password{};
  bool operator==(const AuthenticationKey&) const = default;
};

// The packet with an authentication TLV in front of its TLVs and of `more`, which were encoded before. `source` is the
// address it will be sent from. Requires: it has none yet.
net::Bytes encode_signed(Packet packet, const AuthenticationKey& key, const net::Address& source, net::View more = {});

// Whether `octets`, which decode() accepted, carry the digest that `key` gives; in time that tells nothing of it.
// False without an authentication TLV of the key's kind. Which key is meant (its id) is for the caller to compare.
bool verify(net::View octets, const AuthenticationKey& key, const net::Address& source);

}  // namespace culvert::routing::eigrp::wire
