// The ciphers of the Encrypted payload: CBC without padding of its own, and AES-GCM with a 16-octet tag.
#pragma once

#include <optional>

#include "ike/algorithms.h"
#include "net/bytes.h"
#include "net/secret.h"

namespace culvert::ike::crypto {

// 3DES or AES in CBC. Requires: key and IV as the traits say, a whole number of blocks.
net::Bytes encrypt_cbc(Encryption algorithm, net::View key, net::View iv, net::View plain);
net::Secret decrypt_cbc(Encryption algorithm, net::View key, net::View iv, net::View cipher);

// AES-GCM. `key` is the bare key, `nonce` the 12 octets of salt and explicit IV; the result ends with the tag.
net::Bytes seal_gcm(Encryption algorithm, net::View key, net::View nonce, net::View associated, net::View plain);
// nullopt where the tag does not verify. `sealed` ends with the tag; shorter than a tag is nullopt too.
std::optional<net::Secret> open_gcm(Encryption algorithm, net::View key, net::View nonce, net::View associated,
                                    net::View sealed);

}  // namespace culvert::ike::crypto
