// How this folder holds OpenSSL's objects. Included by its .cpp files only.
#pragma once

#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "net/bytes.h"

namespace culvert::ike::crypto {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Release<EVP_CIPHER_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Release<EVP_MAC_CTX_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;

// For calls that only a broken library or an exhausted machine can fail.
inline void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(what);
}

template <std::size_t size>
inline unsigned char* raw(std::array<std::byte, size>& octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}
inline const unsigned char* raw(net::View view) { return reinterpret_cast<const unsigned char*>(view.data()); }
inline unsigned char* raw(std::span<std::byte> view) { return reinterpret_cast<unsigned char*>(view.data()); }
inline unsigned char* raw(net::Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace culvert::ike::crypto
