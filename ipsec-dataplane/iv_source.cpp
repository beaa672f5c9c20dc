// One getrandom(2) and one key schedule serve 256 packets of AES-CBC.
#include "ipsec-dataplane/iv_source.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdlib>

namespace culvert::dataplane {

namespace {

using KeyAndCounter = std::array<unsigned char, 32 + 16>;

KeyAndCounter draw() {
  KeyAndCounter drawn;
  for (std::size_t filled = 0; filled < drawn.size();) {
    const auto got = getrandom(drawn.data() + filled, drawn.size() - filled, 0);
    if (got < 0 && errno != EINTR) std::abort();  // a kernel that has no randomness cannot run a router
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return drawn;
}

}  // namespace

void IvSource::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

IvSource::IvSource() : context_(EVP_CIPHER_CTX_new()) {
  if (context_ == nullptr || EVP_EncryptInit_ex(context_.get(), EVP_aes_256_ctr(), nullptr, nullptr, nullptr) != 1)
    std::abort();  // no memory, at the start
}

void IvSource::take(std::span<std::byte> out) {
  assert(out.size() <= 16);
  if (pool_.size() - used_ < out.size()) refill();
  std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
  used_ += out.size();
}

// What was there is encrypted: no worse than zeros.
void IvSource::refill() {
  const auto key = draw();
  auto* octets = reinterpret_cast<unsigned char*>(pool_.data());
  int done = 0;
  if (EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, key.data(), key.data() + 32) != 1 ||
      EVP_EncryptUpdate(context_.get(), octets, &done, octets, static_cast<int>(pool_.size())) != 1)
    std::abort();  // predictable IVs would be worse
  used_ = 0;
}

}  // namespace culvert::dataplane
