// The ciphers of the Encrypted payload: CBC without padding of its own, AES in counter mode, and the AEAD ciphers, all
// of them with a nonce of 12 octets and a tag of 16.
#pragma once

#include <optional>

#include "ike/algorithms.h"
#include "net/bytes.h"
#include "net/secret.h"

namespace culvert::ike::crypto {

// DES, 3DES or AES in CBC. Requires: key and IV as the traits say, a whole number of blocks.
net::Bytes encrypt_cbc(Encryption algorithm, net::View key, net::View iv, net::View plain);
net::Secret decrypt_cbc(Encryption algorithm, net::View key, net::View iv, net::View cipher);

// AES in counter mode, which is the same in both directions. `key` is the bare key, `nonce` the 12 octets of salt and
// explicit IV; the block counter begins at 1 (RFC 3686 §4). Any number of octets.
net::Secret crypt_ctr(Encryption algorithm, net::View key, net::View nonce, net::View in);

// AES-GCM or ChaCha20-Poly1305. `key` is the bare key, `nonce` as above; the result ends with the tag.
net::Bytes seal_aead(Encryption algorithm, net::View key, net::View nonce, net::View associated, net::View plain);
// nullopt where the tag does not verify. `sealed` ends with the tag; shorter than a tag is nullopt too.
std::optional<net::Secret> open_aead(Encryption algorithm, net::View key, net::View nonce, net::View associated,
                                     net::View sealed);

}  // namespace culvert::ike::crypto
