// The reference, function by function: headers, ICV, cipher, trailer.
#include "tests/dataplane-esp/reference.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

#include "net/checksum.h"
#include "net/try.h"

namespace culvert::dataplane::reference {

namespace {

using Failure = std::unexpected<std::string>;

bool combined(const SaParameters& keys) {
  return keys.cipher == EspCipher::aes_gcm_16 || keys.cipher == EspCipher::chacha20_poly1305;
}

const EVP_CIPHER* cipher_of(const SaParameters& keys) {
  const auto octets = keys.cipher_key.size();
  switch (keys.cipher) {
    case EspCipher::null: return EVP_enc_null();
    case EspCipher::des_cbc:  // with one key three times over: OpenSSL keeps single DES among what is obsolete
    case EspCipher::des3_cbc: return EVP_des_ede3_cbc();
    case EspCipher::aes_cbc:
      return octets == 16 ? EVP_aes_128_cbc() : octets == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
    case EspCipher::aes_ctr:
      return octets == 20 ? EVP_aes_128_ctr() : octets == 28 ? EVP_aes_192_ctr() : EVP_aes_256_ctr();
    case EspCipher::aes_gcm_16:
      return octets == 20 ? EVP_aes_128_gcm() : octets == 28 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
    case EspCipher::chacha20_poly1305: return EVP_chacha20_poly1305();
  }
  return nullptr;
}

struct Hash {
  const EVP_MD* digest = nullptr;
  std::size_t icv = 0;
};
Hash hash_of(const SaParameters& keys) {
  switch (keys.integrity) {
    case EspIntegrity::none: return {};
    case EspIntegrity::hmac_md5_96: return {EVP_md5(), 12};
    case EspIntegrity::hmac_sha1_96: return {EVP_sha1(), 12};
    case EspIntegrity::hmac_sha256_128: return {EVP_sha256(), 16};
    case EspIntegrity::hmac_sha384_192: return {EVP_sha384(), 24};
    case EspIntegrity::hmac_sha512_256: return {EVP_sha512(), 32};
  }
  return {};
}

std::size_t iv_octets(const SaParameters& keys) {
  switch (keys.cipher) {
    case EspCipher::null: return 0;
    case EspCipher::aes_cbc: return 16;
    default: return 8;
  }
}

const unsigned char* raw(net::View v) { return reinterpret_cast<const unsigned char*>(v.data()); }
unsigned char* raw(net::Bytes& v) { return reinterpret_cast<unsigned char*>(v.data()); }

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context start(const SaParameters& keys, net::View iv, bool encrypt) {
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  net::Bytes nonce, key(keys.cipher_key.view().begin(), keys.cipher_key.view().end());
  if (keys.cipher == EspCipher::des_cbc)
    for (int i = 0; i < 16; ++i) key.push_back(key[static_cast<std::size_t>(i)]);
  const bool counter = keys.cipher == EspCipher::aes_ctr;
  if (combined(keys) || counter) std::ranges::copy(keys.cipher_key.view().last(4), std::back_inserter(nonce));
  nonce.insert(nonce.end(), iv.begin(), iv.end());
  if (counter) net::Writer(nonce).u32(1);
  EVP_CipherInit_ex(context.get(), cipher_of(keys), nullptr, raw(key), raw(nonce), encrypt);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  return context;
}

// `tag`: read when opening, written when sealing; combined ciphers only.
std::expected<net::Bytes, std::string> crypt(const SaParameters& keys, bool encrypt, net::View associated, net::View iv,
                                             net::View text, net::Bytes& tag) {
  auto context = start(keys, iv, encrypt);
  int length = 0, last = 0;
  if (combined(keys))
    EVP_CipherUpdate(context.get(), nullptr, &length, raw(associated), static_cast<int>(associated.size()));
  net::Bytes out(text.size() + 16);
  if (EVP_CipherUpdate(context.get(), raw(out), &length, raw(text), static_cast<int>(text.size())) != 1)
    return Failure("the cipher refused the text");
  if (combined(keys) && !encrypt) EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, 16, tag.data());
  if (EVP_CipherFinal_ex(context.get(), raw(out) + length, &last) != 1) return Failure("wrong ICV");
  tag.resize(16);
  if (combined(keys) && encrypt) EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
  out.resize(static_cast<std::size_t>(length + last));
  return out;
}

net::Bytes hmac(const SaParameters& keys, net::View data) {
  const auto hash = hash_of(keys);
  net::Bytes out(EVP_MAX_MD_SIZE);
  const auto key = keys.integrity_key.view();
  HMAC(hash.digest, key.data(), static_cast<int>(key.size()), raw(data), data.size(), raw(out), nullptr);
  out.resize(hash.icv);
  return out;
}

std::expected<void, std::string> read_ipv4(net::View packet, Opened& opened) {
  if (packet.size() < 20 || packet[0] != std::byte{0x45}) return Failure("outer header is not 20 octets of IPv4");
  if (net::checksum(packet.first(20)) != 0) return Failure("outer checksum is wrong");
  net::Reader reader(packet.subspan(1));
  opened.service = *reader.u8();
  if (*reader.u16() != packet.size()) return Failure("outer length is wrong");
  opened.identification = *reader.u16();
  const auto fragment = *reader.u16();
  opened.dont_fragment = fragment == 0x4000;
  if ((fragment & 0xbfff) != 0) return Failure("a fragment");
  opened.time_to_live = *reader.u8();
  opened.protocol = *reader.u8();
  reader.take(2);
  opened.source = *net::Address::from_octets(*reader.take(4));
  opened.destination = *net::Address::from_octets(*reader.take(4));
  return {};
}

std::expected<net::View, std::string> esp_of(net::View packet, Opened& opened) {
  if (opened.protocol == 50) return packet.subspan(20);
  if (opened.protocol != 17 || packet.size() < 28) return Failure("neither ESP nor UDP");
  net::Reader reader(packet.subspan(20));
  opened.source_port = *reader.u16();
  opened.destination_port = *reader.u16();
  if (*reader.u16() != packet.size() - 20) return Failure("UDP length is wrong");
  opened.udp_checksum = *reader.u16();
  return reader.rest();
}

net::Bytes big_endian(std::uint64_t upper_half) {
  net::Bytes out;
  net::Writer(out).u32(static_cast<std::uint32_t>(upper_half));
  return out;
}

net::Bytes joined(net::View a, net::View b, net::View c = {}) {
  net::Bytes all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

// RFC 4106 section 5: SPI and sequence number, whole.
net::Bytes associated_data(const SaParameters& keys, net::View header, std::uint64_t epoch) {
  if (!keys.extended_sequence_numbers) return {header.begin(), header.end()};
  return joined(header.first(4), big_endian(epoch), header.subspan(4));
}

// RFC 4303 section 2.2.1: what a separate integrity algorithm covers.
net::Bytes covered_data(const SaParameters& keys, net::View packet, std::uint64_t epoch) {
  return keys.extended_sequence_numbers ? joined(packet, big_endian(epoch)) : joined(packet, {});
}

std::expected<net::Bytes, std::string> decrypt(const SaParameters& keys, net::View esp, std::uint32_t epoch,
                                               Opened& opened) {
  const auto icv_octets = combined(keys) ? 16 : hash_of(keys).icv;
  const auto iv = iv_octets(keys);
  if (esp.size() < 8 + iv + icv_octets + 2) return Failure("too short");
  net::Bytes icv(esp.end() - static_cast<std::ptrdiff_t>(icv_octets), esp.end());
  const auto covered = esp.first(esp.size() - icv_octets);
  if (icv_octets != 0 && !combined(keys) && hmac(keys, covered_data(keys, covered, epoch)) != icv)
    return Failure("wrong ICV");
  opened.iv.assign(covered.begin() + 8, covered.begin() + 8 + static_cast<std::ptrdiff_t>(iv));
  return crypt(keys, false, associated_data(keys, covered.first(8), epoch), opened.iv, covered.subspan(8 + iv), icv);
}

}  // namespace

std::expected<Opened, std::string> open(const SaParameters& keys, net::View packet, std::uint32_t epoch) {
  Opened opened;
  if (auto header = read_ipv4(packet, opened); !header) return Failure(header.error());
  const auto esp = TRY(esp_of(packet, opened));
  if (esp.size() < 8) return Failure("no room for SPI and sequence number");
  net::Reader reader(esp);
  opened.spi = *reader.u32();
  opened.sequence = std::uint64_t{epoch} << 32 | *reader.u32();
  auto text = TRY(decrypt(keys, esp, epoch, opened));
  if (esp.size() % 4 != 0 || text.size() % 4 != 0) return Failure("not aligned to 4 octets");
  opened.next_header = std::to_integer<std::uint8_t>(text.back());
  opened.padding = std::to_integer<std::uint8_t>(text[text.size() - 2]);
  if (opened.padding + 2u > text.size()) return Failure("padding longer than the text");
  const auto payload = text.size() - 2 - opened.padding;
  for (std::size_t i = 0; i < opened.padding; ++i)
    if (text[payload + i] != static_cast<std::byte>(i + 1)) return Failure("padding is not 1, 2, 3");
  text.resize(payload);
  opened.payload = std::move(text);
  return opened;
}

net::Bytes seal_text(const SaParameters& keys, std::uint32_t spi, std::uint64_t sequence, net::View iv,
                     net::View text) {
  net::Bytes out;
  net::Writer writer(out);
  writer.u32(spi);
  writer.u32(static_cast<std::uint32_t>(sequence));
  const auto associated = associated_data(keys, out, sequence >> 32);
  net::Bytes tag;
  const auto encrypted = crypt(keys, true, associated, iv, text, tag);
  writer.bytes(iv);
  writer.bytes(encrypted.value());
  if (combined(keys)) {
    writer.bytes(tag);
  } else if (keys.integrity != EspIntegrity::none) {
    const auto icv = hmac(keys, covered_data(keys, out, sequence >> 32));
    writer.bytes(icv);
  }
  return out;
}

net::Bytes with_trailer(net::View payload, std::size_t block, std::uint8_t next_header) {
  net::Bytes text(payload.begin(), payload.end());
  std::uint8_t padding = 0;
  while ((text.size() + 2) % block != 0) text.push_back(static_cast<std::byte>(++padding));
  text.push_back(static_cast<std::byte>(padding));
  text.push_back(static_cast<std::byte>(next_header));
  return text;
}

net::Bytes with_outer(const SaParameters& keys, net::View esp, std::uint8_t service) {
  net::Bytes packet;
  net::Writer writer(packet);
  const auto udp = keys.udp ? 8u : 0u;
  writer.u8(0x45);
  writer.u8(service);
  writer.u16(static_cast<std::uint16_t>(20 + udp + esp.size()));
  writer.u32(0);
  writer.u8(64);
  writer.u8(keys.udp ? 17 : 50);
  writer.u16(0);
  writer.bytes(keys.local.octets());
  writer.bytes(keys.remote.octets());
  writer.patch_u16(10, net::checksum(net::View(packet).first(20)));
  if (keys.udp) {
    writer.u16(keys.udp->local_port);
    writer.u16(keys.udp->remote_port);
    writer.u16(static_cast<std::uint16_t>(8 + esp.size()));
    writer.u16(0);
  }
  writer.bytes(esp);
  return packet;
}

}  // namespace culvert::dataplane::reference
