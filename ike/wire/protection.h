// The Encrypted payload, sealed and opened: encrypt-then-MAC with CBC or counter mode (RFC 7296 §3.14, RFC 5930), or an
// AEAD cipher (RFC 5282, RFC 7634).
//
// An IKE SA has a Sealer for its own direction and an Opener for the peer's. A Sealer counts the IVs of AEAD and
// counter mode, so there must be one Sealer to a key and it cannot be copied; a retransmission sends the octets sealed
// before.
#pragma once

#include <cstdint>
#include <expected>
#include <span>

#include "ike/algorithms.h"
#include "ike/wire/message.h"
#include "net/bytes.h"
#include "net/random.h"
#include "net/secret.h"

namespace culvert::ike::wire {

// One direction of an IKE SA. Key sizes are those of the traits; the salt, if there is one, follows the key.
struct ProtectionKeys {
  Encryption encryption = Encryption::aes_cbc_256;
  Integrity integrity = Integrity::sha256;
  net::Secret encryption_key{};  // SK_ei or SK_er
  net::Secret integrity_key{};   // SK_ai or SK_ar; empty for AEAD
};

class Sealer {
 public:
  explicit Sealer(ProtectionKeys keys) : keys_(std::move(keys)) {}
  Sealer(Sealer&&) = default;
  Sealer& operator=(Sealer&&) = default;
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // A whole message whose only payload is Encrypted. `random` gives the IV of CBC; it must be unpredictable.
  // Requires: the message fits in 65535 octets.
  net::Bytes seal(const Header& header, std::span<const Payload> inner, net::Random& random);

 private:
  net::Bytes counted_iv();
  net::Bytes encrypted(net::View iv, net::View plain) const;
  net::Bytes seal_then_mac(const Header& header, PayloadType first, const net::Secret& plain, net::Random& random);
  net::Bytes seal_aead(const Header& header, PayloadType first, const net::Secret& plain);

  ProtectionKeys keys_;
  std::uint64_t next_iv_ = 1;
};

struct OpenError {
  // False: anybody may have sent it; count and drop. True: the peer holds the keys and its message is malformed, so
  // `error` is to be answered under protection (RFC 7296 §2.21.2).
  bool authentic = false;
  WireError error;
};

class Opener {
 public:
  explicit Opener(ProtectionKeys keys) : keys_(std::move(keys)) {}

  // The payloads inside the Encrypted payload of `datagram` (no non-ESP marker). Nothing is decrypted by CBC or
  // counter mode, and nothing returned by an AEAD cipher, before the ICV has been verified.
  std::expected<Payloads, OpenError> open(net::View datagram) const;

 private:
  net::Secret decrypted(net::View iv, net::View cipher) const;
  std::expected<net::Secret, OpenError> open_macced(net::View datagram, net::View body) const;
  std::expected<net::Secret, OpenError> open_aead(net::View datagram, net::View body) const;

  ProtectionKeys keys_;
};

}  // namespace culvert::ike::wire
