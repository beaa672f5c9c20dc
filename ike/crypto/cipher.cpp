#include "ike/crypto/cipher.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "ike/crypto/openssl.h"

namespace culvert::ike::crypto {
namespace {

// OpenSSL's name for each Encryption, in the order of its enumerators; NULL is not a cipher to call. OpenSSL keeps DES
// itself among what is obsolete: it is 3DES under one key three times over.
constexpr std::array<const char*, 13> cipher_names{
    nullptr,       "DES-EDE3-CBC", "DES-EDE3-CBC", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC",      "AES-128-CTR",
    "AES-192-CTR", "AES-256-CTR",  "AES-128-GCM",  "AES-192-GCM", "AES-256-GCM", "ChaCha20-Poly1305"};

const EVP_CIPHER* fetched(Encryption algorithm) {
  static const auto ciphers = [] {
    std::array<EVP_CIPHER*, cipher_names.size()> all{};
    for (std::size_t i = 1; i < all.size(); ++i) all[i] = EVP_CIPHER_fetch(nullptr, cipher_names[i], nullptr);
    return all;
  }();
  return ciphers.at(static_cast<std::size_t>(algorithm));
}

net::Secret thrice(net::View key) {
  net::Secret joined{net::Bytes(3 * key.size())};
  for (std::size_t i = 0; i < 3; ++i) std::ranges::copy(key, joined.writable().subspan(i * key.size()).begin());
  return joined;
}

enum class Direction : int { decrypt = 0, encrypt = 1 };

CipherContext begin(Encryption algorithm, net::View key, net::View iv, Direction direction) {
  assert(algorithm != Encryption::null && key.size() == traits(algorithm).key_octets);
  CipherContext context(EVP_CIPHER_CTX_new());
  const auto* cipher = fetched(algorithm);
  const auto joined = algorithm == Encryption::des ? thrice(key) : net::Secret();
  const auto whole_key = joined.empty() ? key : joined.view();
  require(context && cipher &&
              EVP_CipherInit_ex2(context.get(), cipher, raw(whole_key), raw(iv), static_cast<int>(direction), nullptr),
          "cipher");
  return context;
}

void update(EVP_CIPHER_CTX* context, unsigned char* out, net::View in) {
  int size = 0;
  if (!in.empty()) require(EVP_CipherUpdate(context, out, &size, raw(in), static_cast<int>(in.size())), "cipher");
}

void run_cbc(Encryption algorithm, net::View key, net::View iv, net::View in, std::span<std::byte> out,
             Direction direction) {
  assert(!counts_ivs(algorithm) && iv.size() == traits(algorithm).iv_octets);
  assert(in.size() % traits(algorithm).block_octets == 0);
  const auto context = begin(algorithm, key, iv, direction);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  update(context.get(), raw(out), in);
}

constexpr std::size_t tag_octets = 16;
constexpr std::size_t nonce_octets = 12;

}  // namespace

net::Bytes encrypt_cbc(Encryption algorithm, net::View key, net::View iv, net::View plain) {
  net::Bytes out(plain.size());
  run_cbc(algorithm, key, iv, plain, out, Direction::encrypt);
  return out;
}

net::Secret decrypt_cbc(Encryption algorithm, net::View key, net::View iv, net::View cipher) {
  net::Secret out{net::Bytes(cipher.size())};
  run_cbc(algorithm, key, iv, cipher, out.writable(), Direction::decrypt);
  return out;
}

net::Secret crypt_ctr(Encryption algorithm, net::View key, net::View nonce, net::View in) {
  assert(counts_ivs(algorithm) && !is_aead(algorithm) && nonce.size() == nonce_octets);
  net::Bytes first_block(nonce.begin(), nonce.end());
  net::Writer(first_block).u32(1);
  const auto context = begin(algorithm, key, first_block, Direction::encrypt);
  net::Secret out{net::Bytes(in.size())};
  update(context.get(), raw(out.writable()), in);
  return out;
}

net::Bytes seal_aead(Encryption algorithm, net::View key, net::View nonce, net::View associated, net::View plain) {
  assert(is_aead(algorithm) && nonce.size() == nonce_octets);
  const auto context = begin(algorithm, key, nonce, Direction::encrypt);
  net::Bytes out(plain.size() + tag_octets);
  update(context.get(), nullptr, associated);
  update(context.get(), raw(out), plain);
  const auto tag = std::span(out).last(tag_octets);
  int size = 0;
  require(EVP_CipherFinal_ex(context.get(), raw(tag), &size) &&
              EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_octets, tag.data()),
          "cipher");
  return out;
}

std::optional<net::Secret> open_aead(Encryption algorithm, net::View key, net::View nonce, net::View associated,
                                     net::View sealed) {
  assert(is_aead(algorithm) && nonce.size() == nonce_octets);
  if (sealed.size() < tag_octets) return std::nullopt;
  const auto context = begin(algorithm, key, nonce, Direction::decrypt);
  auto tag = net::Bytes(sealed.end() - tag_octets, sealed.end());
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_octets, tag.data()), "cipher");
  net::Secret out{net::Bytes(sealed.size() - tag_octets)};
  update(context.get(), nullptr, associated);
  update(context.get(), raw(out.writable()), sealed.first(out.size()));
  int size = 0;
  std::array<unsigned char, tag_octets> nothing_more;
  if (EVP_CipherFinal_ex(context.get(), nothing_more.data(), &size) <= 0) return std::nullopt;
  return out;
}

}  // namespace culvert::ike::crypto
