#include "ike/crypto/os_random.h"

#include <openssl/rand.h>

#include "ike/crypto/openssl.h"

namespace culvert::ike::crypto {

void OsRandom::fill(std::span<std::byte> out) {
  require(RAND_bytes(raw(out), static_cast<int>(out.size())) == 1, "no entropy");
}

}  // namespace culvert::ike::crypto
