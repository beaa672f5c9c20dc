// When an SA goes, so do its keys: the memory that is given back holds nothing of them.
#include <algorithm>
#include <cstdlib>
#include <new>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "ipsec-dataplane/lane_keys.h"
#include "tests/dataplane-esp/bench.h"

namespace {

// What was given back since somebody wanted to see it.
std::vector<culvert::net::Bytes>* given_back = nullptr;

void note(const void* memory, std::size_t octets) {
  auto* notes = std::exchange(given_back, nullptr);  // the notes themselves are memory too
  if (notes == nullptr) return;
  const auto* first = static_cast<const std::byte*>(memory);
  notes->emplace_back(first, first + octets);
  given_back = notes;
}

}  // namespace

// Cipher keys are aligned, and come from here alone.
void* operator new(std::size_t octets, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(unit, (octets + unit - 1) / unit * unit)) return memory;
  std::abort();
}
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t octets, std::align_val_t) noexcept {
  note(memory, octets);
  std::free(memory);
}

namespace culvert::dataplane {
namespace {

using Octets = std::span<const std::byte>;

bool holds(const std::vector<net::Bytes>& memory, Octets secret) {
  return std::ranges::any_of(memory, [&](const auto& one) { return !std::ranges::search(one, secret).empty(); });
}

net::Bytes octets_at(const void* memory, std::size_t octets) {
  const auto* first = static_cast<const std::byte*>(memory);
  return {first, first + octets};
}

// The keys as they came, and of each schedule what a cipher reads.
std::vector<net::Bytes> secrets_of(const SaParameters& parameters, const SecurityAssociation& sa) {
  const auto key = parameters.cipher_key.view().first(16);
  std::vector<net::Bytes> secrets{{key.begin(), key.end()}};
  if (sa.keys().lanes() == nullptr) return secrets;
  const auto& job = sa.keys().lanes()->job();
  if (job.cipher_mode == IMB_CIPHER_CBC) secrets.push_back(octets_at(job.enc_keys, 32));
  if (parameters.integrity != EspIntegrity::none)
    secrets.push_back(octets_at(job.u.HMAC._hashed_auth_key_xor_ipad, 16));
  return secrets;
}

TEST(KeyErasure, NothingOfAnSaStaysInTheMemoryItGivesBack) {
  for (const auto* name : {"AES-GCM-128", "AES-GCM-256", "ChaCha20-Poly1305", "AES-CBC-128+SHA1", "3DES+SHA256"}) {
    SCOPED_TRACE(name);
    const auto parameters = parameters_of(suite_named(name), SaDirection::outbound);
    std::vector<net::Bytes> secrets, memory;
    {
      Bench bench;
      secrets = secrets_of(parameters, *bench.install(parameters));
      given_back = &memory;
    }
    given_back = nullptr;
    EXPECT_FALSE(memory.empty()) << "a test that looks in the wrong place proves nothing";
    for (const auto& secret : secrets) EXPECT_FALSE(holds(memory, secret));
  }
}

}  // namespace
}  // namespace culvert::dataplane
