#include "ike/wire/payloads.h"

#include <algorithm>
#include <cassert>

#include "net/try.h"

namespace culvert::ike::wire {
namespace {

net::Bytes copy(net::View view) { return {view.begin(), view.end()}; }

// RFC 7296 §3.5: what an ID must hold by its type.
bool id_size_fits(IdType type, std::size_t octets) {
  switch (type) {
    case IdType::ipv4_address: return octets == 4;
    case IdType::ipv6_address: return octets == 16;
    case IdType::fqdn:
    case IdType::email:
    case IdType::der_distinguished_name:
    case IdType::der_general_name:
    case IdType::key_id: break;
  }
  return octets != 0;
}

constexpr std::size_t eap_header_octets = 4;

bool eap_length_agrees(net::View message) {
  net::Reader reader(message);
  reader.take(2);
  return message.size() >= eap_header_octets && reader.u16() == message.size();
}

}  // namespace

// ---- Key Exchange

std::expected<KeyExchange, WireError> KeyExchange::parse(net::View body) {
  constexpr WireError truncated{Fault::truncated, PayloadType::key_exchange};
  net::Reader reader(body);
  const auto group = TRY(reader.u16(), truncated);
  TRY(reader.take(2), truncated);
  if (reader.empty()) return std::unexpected(WireError{Fault::bad_length, PayloadType::key_exchange});
  return KeyExchange{group, copy(reader.rest())};
}

void KeyExchange::emit(net::Bytes& out) const {
  assert(!value.empty());
  net::Writer writer(out);
  writer.u16(group);
  writer.zeros(2);
  writer.bytes(value);
}

// ---- Identification

std::expected<Identification, WireError> Identification::parse(Side side, net::View body) {
  const auto payload =
      side == Side::initiator ? PayloadType::identification_initiator : PayloadType::identification_responder;
  const WireError truncated{Fault::truncated, payload};
  net::Reader reader(body);
  Identification id{.side = side, .type = IdType{TRY(reader.u8(), truncated)}};
  const auto reserved = TRY(reader.take(3), truncated);
  std::ranges::copy(reserved, id.reserved.begin());
  id.data = copy(reader.rest());
  if (!id_size_fits(id.type, id.data.size())) return std::unexpected(WireError{Fault::bad_length, payload});
  return id;
}

void Identification::emit(net::Bytes& out) const {
  assert(id_size_fits(type, data.size()));
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.bytes(reserved);
  writer.bytes(data);
}

net::Bytes Identification::body() const {
  net::Bytes out;
  emit(out);
  return out;
}

// ---- Certificate and Certificate Request

std::expected<Certificate, WireError> Certificate::parse(net::View body) {
  net::Reader reader(body);
  const auto encoding = TRY(reader.u8(), WireError(Fault::truncated, PayloadType::certificate));
  if (reader.empty()) return std::unexpected(WireError{Fault::bad_length, PayloadType::certificate});
  return Certificate{CertificateEncoding{encoding}, copy(reader.rest())};
}

void Certificate::emit(net::Bytes& out) const {
  assert(!data.empty());
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(encoding));
  writer.bytes(data);
}

std::expected<CertificateRequest, WireError> CertificateRequest::parse(net::View body) {
  net::Reader reader(body);
  const auto encoding = TRY(reader.u8(), WireError(Fault::truncated, PayloadType::certificate_request));
  return CertificateRequest{CertificateEncoding{encoding}, copy(reader.rest())};
}

void CertificateRequest::emit(net::Bytes& out) const {
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(encoding));
  writer.bytes(authorities);
}

// ---- Authentication

std::expected<Authentication, WireError> Authentication::parse(net::View body) {
  constexpr WireError truncated{Fault::truncated, PayloadType::authentication};
  net::Reader reader(body);
  const auto method = TRY(reader.u8(), truncated);
  TRY(reader.take(3), truncated);
  if (reader.empty()) return std::unexpected(WireError{Fault::bad_length, PayloadType::authentication});
  return Authentication{AuthMethod{method}, copy(reader.rest())};
}

void Authentication::emit(net::Bytes& out) const {
  assert(!data.empty());
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(method));
  writer.zeros(3);
  writer.bytes(data);
}

// ---- Nonce

std::expected<Nonce, WireError> Nonce::parse(net::View body) {
  if (body.size() < min_octets || body.size() > max_octets)
    return std::unexpected(WireError{Fault::bad_length, PayloadType::nonce});
  return Nonce{copy(body)};
}

void Nonce::emit(net::Bytes& out) const {
  assert(value.size() >= min_octets && value.size() <= max_octets);
  net::Writer(out).bytes(value);
}

// ---- Notify

std::expected<Notify, WireError> Notify::parse(net::View body) {
  constexpr WireError truncated{Fault::truncated, PayloadType::notify};
  net::Reader reader(body);
  Notify notify;
  notify.protocol = ProtocolId{TRY(reader.u8(), truncated)};
  const auto spi_size = TRY(reader.u8(), truncated);
  notify.type = NotifyType{TRY(reader.u16(), truncated)};
  if (spi_size != 0 && spi_size != 4 && spi_size != 8)
    return std::unexpected(WireError{Fault::bad_length, PayloadType::notify});
  notify.spi = copy(TRY(reader.take(spi_size), truncated));
  notify.data = copy(reader.rest());
  return notify;
}

void Notify::emit(net::Bytes& out) const {
  assert(spi.empty() || spi.size() == 4 || spi.size() == 8);
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(protocol));
  writer.u8(static_cast<std::uint8_t>(spi.size()));
  writer.u16(static_cast<std::uint16_t>(type));
  writer.bytes(spi);
  writer.bytes(data);
}

std::optional<std::uint16_t> Notify::u16() const {
  if (data.size() != 2) return std::nullopt;
  return net::Reader(data).u16();
}
std::optional<std::uint32_t> Notify::u32() const {
  if (data.size() != 4) return std::nullopt;
  return net::Reader(data).u32();
}
std::optional<std::uint32_t> Notify::child_spi() const {
  if (spi.size() != 4) return std::nullopt;
  return net::Reader(spi).u32();
}

// ---- Delete

std::expected<Delete, WireError> Delete::parse(net::View body) {
  constexpr WireError truncated{Fault::truncated, PayloadType::delete_};
  constexpr WireError bad_length{Fault::bad_length, PayloadType::delete_};
  net::Reader reader(body);
  Delete deletion{.protocol = ProtocolId{TRY(reader.u8(), truncated)}};
  const auto spi_size = TRY(reader.u8(), truncated);
  const std::size_t count = TRY(reader.u16(), truncated);
  const bool of_ike = deletion.protocol == ProtocolId::ike;
  const bool of_child = deletion.protocol == ProtocolId::ah || deletion.protocol == ProtocolId::esp;
  if (!of_ike && !of_child) return std::unexpected(WireError{Fault::bad_value, PayloadType::delete_});
  if (of_ike ? spi_size != 0 || count != 0 : spi_size != 4) return std::unexpected(bad_length);
  if (reader.left() != count * spi_size) return std::unexpected(bad_length);
  deletion.spis.reserve(count);
  while (const auto spi = reader.u32()) deletion.spis.push_back(*spi);
  return deletion;
}

void Delete::emit(net::Bytes& out) const {
  assert(protocol == ProtocolId::ike ? spis.empty() : protocol == ProtocolId::ah || protocol == ProtocolId::esp);
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(protocol));
  writer.u8(protocol == ProtocolId::ike ? 0 : 4);
  writer.u16(static_cast<std::uint16_t>(spis.size()));
  for (const auto spi : spis) writer.u32(spi);
}

// ---- Vendor ID

std::expected<VendorId, WireError> VendorId::parse(net::View body) { return VendorId{copy(body)}; }

void VendorId::emit(net::Bytes& out) const { net::Writer(out).bytes(value); }

// ---- Configuration

std::expected<Configuration, WireError> Configuration::parse(net::View body) {
  constexpr WireError truncated{Fault::truncated, PayloadType::configuration};
  net::Reader reader(body);
  Configuration configuration{.type = ConfigurationType{TRY(reader.u8(), truncated)}};
  TRY(reader.take(3), truncated);
  while (!reader.empty()) {
    if (configuration.attributes.size() == attributes_max)
      return std::unexpected(WireError{Fault::too_many, PayloadType::configuration});
    const auto type = TRY(reader.u16(), truncated);
    const auto length = TRY(reader.u16(), truncated);
    const auto value = TRY(reader.take(length), truncated);
    configuration.attributes.push_back({static_cast<std::uint16_t>(type & 0x7fff), copy(value)});
  }
  return configuration;
}

void Configuration::emit(net::Bytes& out) const {
  assert(attributes.size() <= attributes_max);
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.zeros(3);
  for (const auto& attribute : attributes) {
    assert(attribute.type <= 0x7fff);
    writer.u16(attribute.type);
    writer.u16(static_cast<std::uint16_t>(attribute.value.size()));
    writer.bytes(attribute.value);
  }
}

// ---- EAP

std::expected<Eap, WireError> Eap::parse(net::View body) {
  if (!eap_length_agrees(body)) return std::unexpected(WireError{Fault::bad_length, PayloadType::eap});
  return Eap{copy(body)};
}

void Eap::emit(net::Bytes& out) const {
  assert(eap_length_agrees(message));
  net::Writer(out).bytes(message);
}

}  // namespace culvert::ike::wire
