#include "ike/wire/protection.h"

#include <cassert>

#include "ike/crypto/cipher.h"
#include "ike/crypto/mac.h"
#include "net/try.h"

namespace culvert::ike::wire {
namespace {

constexpr std::size_t generic_header_octets = 4;
constexpr std::size_t pad_length_octets = 1;
constexpr OpenError forged{};
constexpr OpenError malformed(Fault fault) { return {true, {fault, PayloadType::encrypted}}; }

// The payloads, then the least padding that fills whole blocks, then its length (RFC 7296 §3.14).
net::Secret padded_chain(std::span<const Payload> inner, std::size_t block_octets) {
  net::Bytes plain;
  emit_chain(inner, plain);
  const auto over = (plain.size() + pad_length_octets) % block_octets;
  const auto padding = over == 0 ? 0 : block_octets - over;
  net::Writer writer(plain);
  writer.zeros(padding);
  writer.u8(static_cast<std::uint8_t>(padding));
  return net::Secret(std::move(plain));
}

// The header and the generic header of an Encrypted payload whose body has `body_octets`: all that AES-GCM takes as
// associated data, and the beginning of what the MAC covers.
net::Bytes envelope(const Header& header, PayloadType first, std::size_t body_octets) {
  const auto payload_octets = generic_header_octets + body_octets;
  const auto length = Header::size_octets + payload_octets;
  assert(length <= 0xffff);
  net::Bytes out;
  out.reserve(length);
  header.emit(out, PayloadType::encrypted, static_cast<std::uint32_t>(length));
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(first));
  writer.u8(0);
  writer.u16(static_cast<std::uint16_t>(payload_octets));
  return out;
}

// SK_e of a cipher that counts its IVs is the key and then the salt, which begins every nonce (RFC 5282 §7.1, RFC 5930
// §2, RFC 7634 §2).
struct SaltedKey {
  net::View key, salt;
};
SaltedKey split(const ProtectionKeys& keys) {
  const auto whole = keys.encryption_key.view();
  const auto key_octets = traits(keys.encryption).key_octets;
  return {whole.first(key_octets), whole.subspan(key_octets)};
}

net::Bytes nonce_of(net::View salt, net::View iv) {
  net::Bytes nonce(salt.begin(), salt.end());
  net::Writer(nonce).bytes(iv);
  return nonce;
}

}  // namespace

net::Bytes Sealer::seal(const Header& header, std::span<const Payload> inner, net::Random& random) {
  const auto plain = padded_chain(inner, traits(keys_.encryption).block_octets);
  const auto first = first_of(inner);
  return is_aead(keys_.encryption) ? seal_aead(header, first, plain) : seal_then_mac(header, first, plain, random);
}

// IVs are counted from 1; a key does not live for 2^64 messages.
net::Bytes Sealer::counted_iv() {
  assert(next_iv_ != 0);
  net::Bytes iv;
  net::Writer(iv).u64(next_iv_++);
  return iv;
}

net::Bytes Sealer::encrypted(net::View iv, net::View plain) const {
  if (!counts_ivs(keys_.encryption))
    return crypto::encrypt_cbc(keys_.encryption, keys_.encryption_key.view(), iv, plain);
  const auto [key, salt] = split(keys_);
  const auto text = crypto::crypt_ctr(keys_.encryption, key, nonce_of(salt, iv), plain);
  return {text.view().begin(), text.view().end()};
}

net::Bytes Sealer::seal_then_mac(const Header& header, PayloadType first, const net::Secret& plain,
                                 net::Random& random) {
  const auto iv = counts_ivs(keys_.encryption) ? counted_iv() : random.bytes(traits(keys_.encryption).iv_octets);
  const auto icv_octets = traits(keys_.integrity).icv_octets;
  auto out = envelope(header, first, iv.size() + plain.size() + icv_octets);
  net::Writer writer(out);
  writer.bytes(iv);
  writer.bytes(encrypted(iv, plain.view()));
  writer.bytes(crypto::mac(keys_.integrity, keys_.integrity_key.view(), out));
  return out;
}

net::Bytes Sealer::seal_aead(const Header& header, PayloadType first, const net::Secret& plain) {
  const auto iv = counted_iv();
  auto out = envelope(header, first, iv.size() + plain.size() + traits(keys_.encryption).icv_octets);
  const auto [key, salt] = split(keys_);
  const auto sealed = crypto::seal_aead(keys_.encryption, key, nonce_of(salt, iv), out, plain.view());
  net::Writer writer(out);
  writer.bytes(iv);
  writer.bytes(sealed);
  return out;
}

std::expected<Payloads, OpenError> Opener::open(net::View datagram) const {
  const auto outer = Message::parse(datagram);
  if (!outer) return std::unexpected(OpenError{false, outer.error()});
  const auto* sealed = outer->payloads.empty() ? nullptr : std::get_if<Encrypted>(&outer->payloads.back());
  if (!sealed) return std::unexpected(OpenError{false, {Fault::misplaced, PayloadType::none}});
  const auto body = datagram.last(sealed->body.size());
  const auto plain = TRY(is_aead(keys_.encryption) ? open_aead(datagram, body) : open_macced(datagram, body));
  if (plain.empty()) return std::unexpected(malformed(Fault::bad_length));
  const auto padding = std::to_integer<std::size_t>(plain.view().back());
  if (padding + pad_length_octets > plain.size()) return std::unexpected(malformed(Fault::bad_length));
  auto inner = parse_inner_chain(sealed->first_inner, plain.view().first(plain.size() - padding - pad_length_octets));
  if (!inner) return std::unexpected(OpenError{true, inner.error()});
  return std::move(*inner);
}

net::Secret Opener::decrypted(net::View iv, net::View cipher) const {
  if (!counts_ivs(keys_.encryption))
    return crypto::decrypt_cbc(keys_.encryption, keys_.encryption_key.view(), iv, cipher);
  const auto [key, salt] = split(keys_);
  return crypto::crypt_ctr(keys_.encryption, key, nonce_of(salt, iv), cipher);
}

// The ICV covers the message from its first octet to the octet before the ICV.
std::expected<net::Secret, OpenError> Opener::open_macced(net::View datagram, net::View body) const {
  const auto iv_octets = traits(keys_.encryption).iv_octets;
  const auto icv_octets = traits(keys_.integrity).icv_octets;
  if (body.size() < iv_octets + icv_octets) return std::unexpected(forged);
  const auto covered = datagram.first(datagram.size() - icv_octets);
  const auto expected_icv = crypto::mac(keys_.integrity, keys_.integrity_key.view(), covered);
  if (!crypto::equal_constant_time(expected_icv, datagram.last(icv_octets))) return std::unexpected(forged);
  const auto cipher = body.subspan(iv_octets, body.size() - iv_octets - icv_octets);
  if (cipher.size() % traits(keys_.encryption).block_octets != 0) return std::unexpected(malformed(Fault::bad_length));
  return decrypted(body.first(iv_octets), cipher);
}

std::expected<net::Secret, OpenError> Opener::open_aead(net::View datagram, net::View body) const {
  const auto iv_octets = traits(keys_.encryption).iv_octets;
  if (body.size() < iv_octets) return std::unexpected(forged);
  const auto associated = datagram.first(datagram.size() - body.size());
  const auto [key, salt] = split(keys_);
  auto plain = crypto::open_aead(keys_.encryption, key, nonce_of(salt, body.first(iv_octets)), associated,
                                 body.subspan(iv_octets));
  if (!plain) return std::unexpected(forged);
  return std::move(*plain);
}

}  // namespace culvert::ike::wire
