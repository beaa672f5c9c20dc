#include "ike/wire/message.h"

#include <cassert>

#include "net/overloaded.h"
#include "net/try.h"

namespace culvert::ike::wire {
namespace {

constexpr std::size_t generic_header_octets = 4;
constexpr std::uint8_t critical_bit = 0x80;

using Parsed = std::expected<Payload, WireError>;

template <class T, class... Args>
Parsed as_payload(Args... args) {
  return TRY(T::parse(args...));
}

Parsed parse_unknown(PayloadType type, bool critical, net::View body) {
  if (critical) return std::unexpected(WireError{Fault::critical_payload, type});
  return UnknownPayload{type, {body.begin(), body.end()}};
}

// `next` is the payload's own Next Payload field: for Encrypted, the type of the first payload within.
Parsed parse_payload(PayloadType type, PayloadType next, bool critical, net::View body) {
  switch (type) {
    case PayloadType::security_association: return as_payload<SecurityAssociation>(body);
    case PayloadType::key_exchange: return as_payload<KeyExchange>(body);
    case PayloadType::identification_initiator: return as_payload<Identification>(Side::initiator, body);
    case PayloadType::identification_responder: return as_payload<Identification>(Side::responder, body);
    case PayloadType::certificate: return as_payload<Certificate>(body);
    case PayloadType::certificate_request: return as_payload<CertificateRequest>(body);
    case PayloadType::authentication: return as_payload<Authentication>(body);
    case PayloadType::nonce: return as_payload<Nonce>(body);
    case PayloadType::notify: return as_payload<Notify>(body);
    case PayloadType::delete_: return as_payload<Delete>(body);
    case PayloadType::vendor_id: return as_payload<VendorId>(body);
    case PayloadType::traffic_selector_initiator: return as_payload<TrafficSelectors>(Side::initiator, body);
    case PayloadType::traffic_selector_responder: return as_payload<TrafficSelectors>(Side::responder, body);
    case PayloadType::configuration: return as_payload<Configuration>(body);
    case PayloadType::eap: return as_payload<Eap>(body);
    case PayloadType::encrypted: return Encrypted{next, {body.begin(), body.end()}};
    case PayloadType::encrypted_fragment:
    case PayloadType::none: break;
  }
  return parse_unknown(type, critical, body);
}

enum class Place { outer, inner };

std::expected<Payloads, WireError> parse(PayloadType first, net::View octets, Place place) {
  net::Reader reader(octets);
  Payloads payloads;
  for (auto type = first; type != PayloadType::none;) {
    const WireError truncated{Fault::truncated, type};
    if (payloads.size() == payloads_max) return std::unexpected(WireError{Fault::too_many, type});
    if (type == PayloadType::encrypted && place == Place::inner)
      return std::unexpected(WireError{Fault::misplaced, type});
    const auto next = PayloadType{TRY(reader.u8(), truncated)};
    const bool critical = TRY(reader.u8(), truncated) & critical_bit;
    const auto length = TRY(reader.u16(), truncated);
    if (length < generic_header_octets) return std::unexpected(WireError{Fault::bad_length, type});
    const auto body = TRY(reader.take(length - generic_header_octets), truncated);
    payloads.push_back(TRY(parse_payload(type, next, critical, body)));
    if (type == PayloadType::encrypted) break;
    type = next;
  }
  const bool sealed = !payloads.empty() && std::holds_alternative<Encrypted>(payloads.back());
  if (!reader.empty())
    return std::unexpected(sealed ? WireError{Fault::misplaced, PayloadType::encrypted}
                                  : WireError{Fault::bad_length, PayloadType::none});
  return payloads;
}

void emit_body(const Payload& payload, net::Bytes& out) {
  std::visit(net::overloaded{[&](const Encrypted& sealed) { net::Writer(out).bytes(sealed.body); },
                             [&](const UnknownPayload& unknown) { net::Writer(out).bytes(unknown.body); },
                             [&](const auto& known) { known.emit(out); }},
             payload);
}

}  // namespace

PayloadType type_of(const Payload& payload) {
  using enum PayloadType;
  return std::visit(
      net::overloaded{
          [](const SecurityAssociation&) { return security_association; },
          [](const KeyExchange&) { return key_exchange; },
          [](const Identification& id) {
            return id.side == Side::initiator ? identification_initiator : identification_responder;
          },
          [](const Certificate&) { return certificate; }, [](const CertificateRequest&) { return certificate_request; },
          [](const Authentication&) { return authentication; }, [](const Nonce&) { return nonce; },
          [](const Notify&) { return notify; }, [](const Delete&) { return delete_; },
          [](const VendorId&) { return vendor_id; },
          [](const TrafficSelectors& ts) {
            return ts.side == Side::initiator ? traffic_selector_initiator : traffic_selector_responder;
          },
          [](const Configuration&) { return configuration; }, [](const Eap&) { return eap; },
          [](const Encrypted&) { return encrypted; }, [](const UnknownPayload& unknown) { return unknown.type; }},
      payload);
}

std::expected<Payloads, WireError> parse_chain(PayloadType first, net::View octets) {
  return parse(first, octets, Place::outer);
}
std::expected<Payloads, WireError> parse_inner_chain(PayloadType first, net::View octets) {
  return parse(first, octets, Place::inner);
}

void emit_chain(std::span<const Payload> payloads, net::Bytes& out) {
  net::Writer writer(out);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const auto* sealed = std::get_if<Encrypted>(&payloads[i]);
    assert(!sealed || i + 1 == payloads.size());
    const auto start = writer.size();
    const auto next = sealed ? sealed->first_inner : first_of(payloads.subspan(i + 1));
    writer.u8(static_cast<std::uint8_t>(next));
    writer.u8(0);
    writer.u16(0);
    emit_body(payloads[i], out);
    assert(writer.size() - start <= 0xffff);
    writer.patch_u16(start + 2, static_cast<std::uint16_t>(writer.size() - start));
  }
}

PayloadType first_of(std::span<const Payload> payloads) {
  return payloads.empty() ? PayloadType::none : type_of(payloads.front());
}

const Notify* find_notify(std::span<const Payload> payloads, NotifyType type) {
  for (const auto& payload : payloads)
    if (const auto* notify = std::get_if<Notify>(&payload); notify && notify->type == type) return notify;
  return nullptr;
}
const Identification* find_identification(std::span<const Payload> payloads, Side side) {
  for (const auto& payload : payloads)
    if (const auto* id = std::get_if<Identification>(&payload); id && id->side == side) return id;
  return nullptr;
}
const TrafficSelectors* find_selectors(std::span<const Payload> payloads, Side side) {
  for (const auto& payload : payloads)
    if (const auto* selectors = std::get_if<TrafficSelectors>(&payload); selectors && selectors->side == side)
      return selectors;
  return nullptr;
}

std::expected<Message, WireError> Message::parse(net::View datagram) {
  const auto framed = TRY(Header::parse(datagram));
  return Message{framed.header, TRY(parse_chain(framed.first, framed.payloads))};
}

net::Bytes Message::emit() const {
  net::Bytes chain;
  emit_chain(payloads, chain);
  const auto length = Header::size_octets + chain.size();
  assert(length <= 0xffff);
  net::Bytes out;
  out.reserve(length);
  header.emit(out, first_of(payloads), static_cast<std::uint32_t>(length));
  net::Writer(out).bytes(chain);
  return out;
}

}  // namespace culvert::ike::wire
