// Keyed hashes: the PRFs, prf+ (RFC 7296 §2.13) and the integrity algorithms. All are HMACs (RFC 2104, 4868).
#pragma once

#include <cstddef>
#include <initializer_list>

#include "ike/algorithms.h"
#include "net/bytes.h"
#include "net/secret.h"

namespace culvert::ike::crypto {

// The octets of `parts`, as if they were joined. A key of any length, empty too.
net::Secret prf(Prf algorithm, net::View key, std::initializer_list<net::View> parts);

// The first `octets` of T1 | T2 | ... Requires: octets <= 255 times the output size.
net::Secret prf_plus(Prf algorithm, net::View key, net::View seed, std::size_t octets);

// The truncated MAC, traits(algorithm).icv_octets long. Requires: algorithm is not none.
net::Bytes mac(Integrity algorithm, net::View key, net::View data);

// In time that depends on the sizes only.
bool equal_constant_time(net::View a, net::View b);

}  // namespace culvert::ike::crypto
