#include "routing/eigrp/wire/authentication.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <string>

#include "routing/eigrp/wire/digest.h"

namespace culvert::routing::eigrp::wire {
namespace {

constexpr std::size_t checksum_offset = 2;
constexpr std::size_t digest_offset_in_tlv = 24;
constexpr std::size_t md5_octets = 16;
constexpr std::size_t sha_octets = 32;
constexpr std::size_t md5_uncovered_octets = 20;
constexpr std::string_view sha_key_prefix = "\n";

std::size_t digest_octets(AuthenticationType kind) { return kind == AuthenticationType::md5 ? md5_octets : sha_octets; }

// Where the digest begins. Requires: decode() accepted `octets`.
std::optional<std::size_t> digest_offset(net::View octets, AuthenticationType kind) {
  for (std::size_t at = header_octets; at < octets.size();) {
    net::Reader reader(octets.subspan(at));
    const auto type = *reader.u16(), length = *reader.u16();
    if (type == Authentication::type)
      return AuthenticationType{*reader.u16()} == kind ? std::optional(at + digest_offset_in_tlv) : std::nullopt;
    at += length;
  }
  return std::nullopt;
}

// The octets with checksum and digest zero, as both digests are taken over them.
net::Bytes blank(net::View octets, std::size_t offset, std::size_t size) {
  net::Bytes copy(octets.begin(), octets.end());
  net::Writer(copy).patch_u16(checksum_offset, 0);
  std::fill_n(copy.begin() + static_cast<std::ptrdiff_t>(offset), size, std::byte{0});
  return copy;
}

// The key stands where the digest will be, filled with zeros to its size or, longer, whole.
net::Bytes md5_digest(net::View octets, std::size_t offset, net::View password) {
  const auto covered = octets.size() - md5_uncovered_octets;
  const auto head = octets.first(std::min(covered, offset));
  const auto key_room = covered - head.size();
  const bool cut = key_room < md5_octets;
  const auto key = cut ? password.first(std::min(password.size(), key_room)) : password;
  static constexpr std::array<std::byte, md5_octets> zeros{};
  const auto padded_size = std::min(key_room, md5_octets);
  const auto padding = net::View(zeros).first(padded_size - std::min(padded_size, key.size()));
  const auto after = offset + md5_octets;
  return md5({head, key, padding, cut ? net::View{} : octets.subspan(after, covered - after)});
}

net::Bytes sha_digest(net::View octets, net::View password, const net::Address& source) {
  const auto address = source.to_string();
  net::Bytes joined;
  joined.reserve(sha_key_prefix.size() + password.size() + address.size());
  for (const auto part : {net::as_view(sha_key_prefix), password, net::as_view(address)})
    joined.insert(joined.end(), part.begin(), part.end());
  const net::Secret key(std::move(joined));
  return hmac_sha_256(key.view(), octets);
}

// `octets` have zero where checksum and digest stand.
net::Bytes digest(net::View octets, std::size_t offset, const AuthenticationKey& key, const net::Address& source) {
  if (key.kind == AuthenticationType::md5) return md5_digest(octets, offset, key.password.view());
  return sha_digest(octets, key.password.view(), source);
}

}  // namespace

net::Bytes encode_signed(Packet packet, const AuthenticationKey& key, const net::Address& source, net::View more) {
  assert(packet.find<Authentication>() == nullptr);
  packet.tlvs.insert(
      packet.tlvs.begin(),
      Authentication{
          .kind = key.kind, .key_id = key.id, .key_sequence = 0, .digest = net::Bytes(digest_octets(key.kind))});
  auto octets = packet.encode(more);
  const auto offset = header_octets + digest_offset_in_tlv;
  const auto made = digest(blank(octets, offset, digest_octets(key.kind)), offset, key, source);
  std::ranges::copy(made, octets.begin() + static_cast<std::ptrdiff_t>(offset));
  set_checksum(octets);
  return octets;
}

bool verify(net::View octets, const AuthenticationKey& key, const net::Address& source) {
  const auto offset = digest_offset(octets, key.kind);
  if (!offset) return false;
  const auto size = digest_octets(key.kind);
  return equal_constant_time(octets.subspan(*offset, size), digest(blank(octets, *offset, size), *offset, key, source));
}

}  // namespace culvert::routing::eigrp::wire
