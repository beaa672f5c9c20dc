// The key schedule of RFC 7296 §2.14, §2.17 and §2.18, and the AUTH value of a shared key (§2.15).
#pragma once

#include <cstdint>
#include <optional>

#include "ike/algorithms.h"
#include "net/bytes.h"
#include "net/secret.h"

namespace culvert::ike::crypto {

// What both ends contributed to an IKE SA.
struct Contributions {
  net::View initiator_nonce;  // Ni, without its payload header
  net::View responder_nonce;
  std::uint64_t initiator_spi = 0;
  std::uint64_t responder_spi = 0;
};

// SK_d, SK_ai, ... For AEAD ai and ar are empty, and ei and er end with the salt.
struct IkeKeys {
  net::Secret d, ai, ar, ei, er, pi, pr;
};

// Of a new IKE SA: SKEYSEED = prf(Ni | Nr, g^ir).
IkeKeys ike_keys(const IkeSuite& suite, const Contributions& from, const net::Secret& shared_secret);

// Of an IKE SA that rekeys another: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr), with the old SA's PRF.
IkeKeys rekeyed_ike_keys(const IkeSuite& suite, Prf old_prf, const net::Secret& old_d, const Contributions& from,
                         const net::Secret& shared_secret);

// Of one direction of a Child SA. `encryption` ends with the salt where the cipher has one.
struct DirectionKeys {
  net::Secret encryption, integrity;
};
struct ChildKeys {
  DirectionKeys from_initiator, from_responder;  // of the exchange that made the Child SA
};

// KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr), with the PRF of the IKE SA. `shared_secret` where the exchange had a KE.
ChildKeys child_keys(const EspSuite& suite, Prf prf, const net::Secret& sk_d, net::View initiator_nonce,
                     net::View responder_nonce, const net::Secret* shared_secret = nullptr);

// InitiatorSignedOctets or ResponderSignedOctets: the sender's first message whole, the other side's nonce, and
// prf(SK_p of the sender, body of the sender's ID payload).
net::Bytes signed_octets(Prf prf, net::View first_message, net::View other_nonce, const net::Secret& sk_p,
                         net::View id_body);

// AUTH = prf(prf(secret, "Key Pad for IKEv2"), octets). Compare with equal_constant_time (mac.h).
net::Bytes shared_key_auth(Prf prf, const net::Secret& pre_shared_key, net::View octets);

}  // namespace culvert::ike::crypto
