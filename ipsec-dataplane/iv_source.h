// Unpredictable IVs for CBC (RFC 3602 section 3): a page at a time of AES-CTR under a key of the operating system's
// generator, which serves that page alone.
//
// A counter or the last ciphertext block would be predictable to whoever chooses plaintexts. Every octet is handed out
// once. A worker has a source of its own.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace culvert::dataplane {

class IvSource {
 public:
  IvSource();

  // Requires: out.size() <= 16.
  void take(std::span<std::byte> out);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  void refill();

  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
  std::array<std::byte, 4096> pool_{};
  std::size_t used_ = 4096;
};

}  // namespace culvert::dataplane
