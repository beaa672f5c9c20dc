#include "routing/eigrp/wire/tlv.h"

#include <array>
#include <cassert>

#include "net/overloaded.h"
#include "net/try.h"

namespace culvert::routing::eigrp::wire {
namespace {

template <class T>
using Decoded = std::expected<T, DecodeError>;

constexpr std::size_t key_padding_octets = 8;
constexpr std::size_t authentication_octets = 20;  // before the digest, without type and length
constexpr std::size_t tlv_octets_max = 0xffff;

std::optional<std::size_t> digest_octets(std::uint16_t kind) {
  if (kind == static_cast<std::uint16_t>(AuthenticationType::md5)) return 16;
  if (kind == static_cast<std::uint16_t>(AuthenticationType::hmac_sha_256)) return 32;
  return std::nullopt;
}

// Pairs of a length and an address of so many octets, until the value ends.
Decoded<std::vector<net::Address>> decode_addresses(net::View value, DecodeError error) {
  net::Reader reader(value);
  std::vector<net::Address> addresses;
  do {
    const auto length = TRY(reader.u8(), error);
    const auto octets = TRY(reader.take(length), error);
    addresses.push_back(TRY(net::Address::from_octets(octets), error));
  } while (!reader.empty());
  return addresses;
}

void encode_addresses(const std::vector<net::Address>& addresses, net::Bytes& out) {
  assert(!addresses.empty());
  net::Writer writer(out);
  for (const auto& address : addresses) {
    writer.u8(static_cast<std::uint8_t>(address.octets().size()));
    writer.bytes(address.octets());
  }
}

template <class T>
std::expected<void, DecodeError> append(Decoded<T>&& decoded, std::vector<Tlv>& tlvs) {
  if (!decoded) return std::unexpected(decoded.error());
  tlvs.emplace_back(std::in_place_type<T>, std::move(*decoded));
  return {};
}

// Type, length, and what `value` appends.
template <class Value>
void encode(std::uint16_t type, net::Bytes& out, Value value) {
  const auto start = out.size();
  net::Writer writer(out);
  writer.u16(type);
  writer.u16(0);
  value();
  assert(out.size() - start <= tlv_octets_max);
  writer.patch_u16(start + 2, static_cast<std::uint16_t>(out.size() - start));
}

}  // namespace

Decoded<Parameters> Parameters::decode(net::View value) {
  if (value.size() != 8) return std::unexpected(DecodeError::parameters);
  net::Reader reader(value);
  Parameters read;
  for (auto* k : {&read.k1, &read.k2, &read.k3, &read.k4, &read.k5, &read.k6}) *k = *reader.u8();
  read.hold_time_s = *reader.u16();
  return read;
}

void Parameters::encode(net::Bytes& out) const {
  net::Writer writer(out);
  for (const auto k : {k1, k2, k3, k4, k5, k6}) writer.u8(k);
  writer.u16(hold_time_s);
}

Decoded<Authentication> Authentication::decode(net::View value) {
  net::Reader reader(value);
  const auto kind = TRY(reader.u16(), DecodeError::authentication);
  const auto expected_octets = TRY(digest_octets(kind), DecodeError::authentication);
  const auto length = TRY(reader.u16(), DecodeError::authentication);
  if (length != expected_octets || value.size() != authentication_octets + length)
    return std::unexpected(DecodeError::authentication);
  Authentication read;
  read.kind = AuthenticationType{kind};
  read.key_id = *reader.u32();
  read.key_sequence = *reader.u32();
  reader.take(key_padding_octets);
  const auto octets = reader.rest();
  read.digest.assign(octets.begin(), octets.end());
  return read;
}

void Authentication::encode(net::Bytes& out) const {
  assert(digest_octets(static_cast<std::uint16_t>(kind)) == digest.size());
  net::Writer writer(out);
  writer.u16(static_cast<std::uint16_t>(kind));
  writer.u16(static_cast<std::uint16_t>(digest.size()));
  writer.u32(key_id);
  writer.u32(key_sequence);
  writer.zeros(key_padding_octets);
  writer.bytes(digest);
}

Decoded<SequenceList> SequenceList::decode(net::View value) {
  return SequenceList{TRY(decode_addresses(value, DecodeError::sequence))};
}

void SequenceList::encode(net::Bytes& out) const { encode_addresses(neighbors, out); }

Decoded<SoftwareVersion> SoftwareVersion::decode(net::View value) {
  if (value.size() != 4) return std::unexpected(DecodeError::software_version);
  net::Reader reader(value);
  SoftwareVersion read;
  for (auto* part : {&read.os_major, &read.os_minor, &read.tlv_major, &read.tlv_minor}) *part = *reader.u8();
  return read;
}

void SoftwareVersion::encode(net::Bytes& out) const {
  net::Writer writer(out);
  for (const auto part : {os_major, os_minor, tlv_major, tlv_minor}) writer.u8(part);
}

Decoded<NextMulticastSequence> NextMulticastSequence::decode(net::View value) {
  if (value.size() != 4) return std::unexpected(DecodeError::next_multicast_sequence);
  return NextMulticastSequence{*net::Reader(value).u32()};
}

void NextMulticastSequence::encode(net::Bytes& out) const { net::Writer(out).u32(sequence); }

Decoded<Stub> Stub::decode(net::View value) {
  if (value.size() != 2) return std::unexpected(DecodeError::stub);
  return Stub{*net::Reader(value).u16()};
}

void Stub::encode(net::Bytes& out) const { net::Writer(out).u16(flags); }

Decoded<PeerTermination> PeerTermination::decode(net::View value) {
  return PeerTermination{TRY(decode_addresses(value, DecodeError::peer_termination))};
}

void PeerTermination::encode(net::Bytes& out) const { encode_addresses(neighbors, out); }

std::expected<void, DecodeError> decode_tlv(std::uint16_t type, net::View value, std::vector<Tlv>& tlvs) {
  if (Route::is_type(type)) return append(Route::decode(type, value), tlvs);
  switch (type) {
    case Parameters::type: return append(Parameters::decode(value), tlvs);
    case Authentication::type: return append(Authentication::decode(value), tlvs);
    case SequenceList::type: return append(SequenceList::decode(value), tlvs);
    case SoftwareVersion::type: return append(SoftwareVersion::decode(value), tlvs);
    case NextMulticastSequence::type: return append(NextMulticastSequence::decode(value), tlvs);
    case Stub::type: return append(Stub::decode(value), tlvs);
    case PeerTermination::type: return append(PeerTermination::decode(value), tlvs);
    default: return append(Decoded<Unknown>(Unknown{type, {value.begin(), value.end()}}), tlvs);
  }
}

void encode_tlv(const Tlv& tlv, net::Bytes& out) {
  std::visit(net::overloaded{[&](const Route& route) { encode_tlv(route, out); },
                             [&](const Unknown& unknown) {
                               encode(unknown.type, out, [&] { net::Writer(out).bytes(unknown.value); });
                             },
                             [&]<class T>(const T& known) { encode(T::type, out, [&] { known.encode(out); }); }},
             tlv);
}

void encode_tlv(const Route& route, net::Bytes& out) {
  encode(route.type(), out, [&] { route.encode(out); });
}

}  // namespace culvert::routing::eigrp::wire
