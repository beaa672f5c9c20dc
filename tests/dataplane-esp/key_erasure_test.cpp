// When an SA goes, so do its keys: the memory of the crypto sessions, octet by octet.
#include <rte_mempool.h>

#include <algorithm>
#include <span>

#include <gtest/gtest.h>

#include "ipsec-dataplane/crypto_device.h"
#include "tests/dataplane-esp/bench.h"

namespace culvert::dataplane {
namespace {

using Octets = std::span<const std::byte>;

// The objects of the pool, whether they are in use or not.
std::vector<net::Bytes> sessions() {
  std::vector<net::Bytes> all;
  rte_mempool_obj_iter(
      CryptoDrivers::current()->sessions(),
      [](rte_mempool* pool, void* into, void* object, unsigned) {
        const Octets octets(static_cast<const std::byte*>(object), pool->elt_size);
        static_cast<std::vector<net::Bytes>*>(into)->emplace_back(octets.begin(), octets.end());
      },
      &all);
  return all;
}

bool holds(const std::vector<net::Bytes>& memory, Octets key) {
  return std::ranges::any_of(memory, [&](const auto& one) { return !std::ranges::search(one, key).empty(); });
}

// What differs from before, once it is over: nothing of an SA may stay.
TEST(KeyErasure, NothingOfAnSaStaysInItsSession) {
  for (const auto* name : {"AES-GCM-128", "AES-GCM-256", "ChaCha20-Poly1305", "AES-CBC-128+SHA1", "3DES+SHA256"}) {
    SCOPED_TRACE(name);
    const auto parameters = parameters_of(suite_named(name), SaDirection::outbound);
    const auto key = parameters.cipher_key.view().first(16);
    {
      Bench bench;
      bench.install(parameters);
      EXPECT_TRUE(holds(sessions(), key)) << "a test that looks in the wrong place proves nothing";
    }
    const auto after = sessions();
    EXPECT_FALSE(holds(after, key));
    for (const auto& session : after)
      EXPECT_TRUE(std::ranges::all_of(session, [](std::byte b) { return b == std::byte{0}; }));
  }
}

}  // namespace
}  // namespace culvert::dataplane
