#include "cli/ssh_key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cassert>
#include <memory>

#include "net/bytes.h"

namespace culvert::cli {
namespace {

struct Release {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Key = std::unique_ptr<EVP_PKEY, Release>;
using Bio = std::unique_ptr<BIO, Release>;
using Number = std::unique_ptr<BIGNUM, Release>;

void add_text(net::Writer& out, std::string_view text) {
  out.u32(static_cast<std::uint32_t>(text.size()));
  out.bytes(net::as_view(text));
}

// RFC 4251 §5: without leading zeros, but with one where the number would look negative.
void add_number(net::Writer& out, const EVP_PKEY* key, const char* name) {
  BIGNUM* found = nullptr;
  const auto got = EVP_PKEY_get_bn_param(key, name, &found);
  assert(got == 1);
  const Number number(found);
  const auto size = static_cast<std::size_t>(BN_num_bytes(number.get()));
  const std::size_t zero = BN_num_bits(number.get()) % 8 == 0 ? 1 : 0;
  net::Bytes octets(size + zero);
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(octets.data()) + zero);
  out.u32(static_cast<std::uint32_t>(octets.size()));
  out.bytes(octets);
}

std::string base64(const net::Bytes& octets) {
  std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0');
  const auto size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string rsa_line(const EVP_PKEY* key) {
  net::Bytes octets;
  net::Writer out(octets);
  add_text(out, "ssh-rsa");
  add_number(out, key, OSSL_PKEY_PARAM_RSA_E);
  add_number(out, key, OSSL_PKEY_PARAM_RSA_N);
  return "ssh-rsa " + base64(octets);
}

std::string ec_line(const EVP_PKEY* key, unsigned bits) {
  const auto curve = fmt::format("nistp{}", bits);
  net::Bytes point(256);
  std::size_t size = 0;
  const auto got = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                                   reinterpret_cast<unsigned char*>(point.data()), point.size(), &size);
  assert(got == 1);
  point.resize(size);
  net::Bytes octets;
  net::Writer out(octets);
  add_text(out, "ecdsa-sha2-" + curve);
  add_text(out, curve);
  out.u32(static_cast<std::uint32_t>(size));
  out.bytes(point);
  return "ecdsa-sha2-" + curve + " " + base64(octets);
}

}  // namespace

std::string generate_host_key(HostKeyKind kind, unsigned bits) {
  const Key key(kind == HostKeyKind::rsa ? EVP_RSA_gen(bits) : EVP_EC_gen(bits == 384 ? "P-384" : "P-256"));
  const Bio bio(BIO_new(BIO_s_secmem()));
  const auto written = PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  assert(key && written == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::optional<HostKeyFacts> host_key_facts(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return std::nullopt;
  const auto bits = static_cast<unsigned>(EVP_PKEY_get_bits(key.get()));
  if (EVP_PKEY_is_a(key.get(), "RSA") != 0) return HostKeyFacts{HostKeyKind::rsa, bits, rsa_line(key.get())};
  if (EVP_PKEY_is_a(key.get(), "EC") != 0 && (bits == 256 || bits == 384))
    return HostKeyFacts{HostKeyKind::ec, bits, ec_line(key.get(), bits)};
  return std::nullopt;
}

}  // namespace culvert::cli
