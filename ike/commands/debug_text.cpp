#include "ike/commands/debug_text.h"

#include <fmt/format.h>

#include "net/overloaded.h"

namespace culvert::ike {

namespace {

using wire::PayloadType;
using wire::ProtocolId;

std::string exchange_name(wire::ExchangeType type) {
  switch (type) {
    case wire::ExchangeType::ike_sa_init: return "IKE_SA_INIT";
    case wire::ExchangeType::ike_auth: return "IKE_AUTH";
    case wire::ExchangeType::create_child_sa: return "CREATE_CHILD_SA";
    case wire::ExchangeType::informational: return "INFORMATIONAL";
  }
  return fmt::format("Unknown - {}", static_cast<unsigned>(type));
}

std::string payload_name(PayloadType type) {
  switch (type) {
    case PayloadType::none: return "NONE";
    case PayloadType::security_association: return "SA";
    case PayloadType::key_exchange: return "KE";
    case PayloadType::identification_initiator: return "IDi";
    case PayloadType::identification_responder: return "IDr";
    case PayloadType::certificate: return "CERT";
    case PayloadType::certificate_request: return "CERTREQ";
    case PayloadType::authentication: return "AUTH";
    case PayloadType::nonce: return "N";
    case PayloadType::notify: return "NOTIFY";
    case PayloadType::delete_: return "DELETE";
    case PayloadType::vendor_id: return "VID";
    case PayloadType::traffic_selector_initiator: return "TSi";
    case PayloadType::traffic_selector_responder: return "TSr";
    case PayloadType::encrypted: return "ENCR";
    case PayloadType::configuration: return "CFG";
    case PayloadType::eap: return "EAP";
    case PayloadType::encrypted_fragment: return "SKF";
  }
  return fmt::format("Unknown - {}", static_cast<unsigned>(type));
}

std::string shown_name(const wire::Payload& payload) {
  if (const auto* notify = std::get_if<wire::Notify>(&payload))
    return fmt::format("NOTIFY({})", notify_name(notify->type));
  return payload_name(type_of(payload));
}

std::string protocol_name(ProtocolId protocol) {
  switch (protocol) {
    case ProtocolId::ike: return "IKE";
    case ProtocolId::ah: return "AH";
    case ProtocolId::esp: return "ESP";
    case ProtocolId::none: break;
  }
  return fmt::format("Unknown - {}", static_cast<unsigned>(protocol));
}

std::string auth_method_name(wire::AuthMethod method) {
  switch (method) {
    case wire::AuthMethod::rsa_signature: return "RSA";
    case wire::AuthMethod::shared_key: return "PSK";
    case wire::AuthMethod::dss_signature: return "DSS";
    case wire::AuthMethod::digital_signature: return "Digital Signature";
  }
  return fmt::format("Unknown - {}", static_cast<unsigned>(method));
}

std::string id_type_name(wire::IdType type) {
  switch (type) {
    case wire::IdType::ipv4_address: return "IPv4 address";
    case wire::IdType::fqdn: return "FQDN";
    case wire::IdType::email: return "Email";
    case wire::IdType::ipv6_address: return "IPv6 address";
    case wire::IdType::der_distinguished_name: return "DER ASN1 DN";
    case wire::IdType::der_general_name: return "DER ASN1 GN";
    case wire::IdType::key_id: return "Key ID";
  }
  return fmt::format("Unknown - {}", static_cast<unsigned>(type));
}

std::string transform_name(const wire::Transform& transform) {
  if (const auto a = transform.encryption()) return std::string(traits(*a).shown);
  if (const auto a = transform.prf()) return std::string(traits(*a).shown);
  if (const auto a = transform.integrity()) return std::string(traits(*a).shown);
  if (const auto a = transform.group()) return std::string(traits(*a).shown);
  if (const auto a = transform.sequence_numbers()) return *a == SequenceNumbers::short_32 ? "Don't use ESN" : "Use ESN";
  auto text = fmt::format("Unknown - {}", transform.id);
  if (transform.key_length_bits) text += fmt::format(", key length {}", *transform.key_length_bits);
  return text;
}

std::string proposal_text(const wire::Proposal& proposal) {
  auto text = fmt::format("\n  Proposal: {}, Protocol id: {}, SPI size: {}, #trans: {}", proposal.number,
                          protocol_name(proposal.protocol), proposal.spi.size(), proposal.transforms.size());
  for (const auto& transform : proposal.transforms)
    text += fmt::format("\n    type: {}, id: {}", static_cast<unsigned>(transform.type), transform_name(transform));
  return text;
}

std::string selectors_text(const wire::TrafficSelectors& selectors) {
  auto text = fmt::format("\n    Num of TSs: {}, reserved 0x0, reserved 0x0", selectors.selectors.size());
  for (const auto& one : selectors.selectors)
    text += fmt::format(
        "\n    TS type: {}, proto id: {}, length: {}\n    start port: {}, end port: {}\n    start addr: {}, end addr: "
        "{}",
        one.start.is_v4() ? "TS_IPV4_ADDR_RANGE" : "TS_IPV6_ADDR_RANGE", one.protocol, one.start.is_v4() ? 16 : 40,
        one.start_port, one.end_port, one.start, one.end);
  return text;
}

// What is below the line of a payload.
std::string payload_text(const wire::Payload& payload) {
  return std::visit(
      net::overloaded{
          [](const wire::SecurityAssociation& sa) {
            std::string text;
            for (const auto& proposal : sa.proposals) text += proposal_text(proposal);
            return text;
          },
          [](const wire::KeyExchange& ke) { return fmt::format("\n    DH group: {}, Reserved: 0x0", ke.group); },
          [](const wire::Identification& id) {
            return fmt::format("\n    Id type: {}, Reserved: 0x0 0x0", id_type_name(id.type));
          },
          [](const wire::Authentication& auth) {
            return fmt::format("\n    Auth method {}, reserved: 0x0, reserved 0x0", auth_method_name(auth.method));
          },
          [](const wire::Notify& notify) {
            return fmt::format("\n    Security protocol id: {}, spi size: {}, type: {}", protocol_name(notify.protocol),
                               notify.spi.size(), notify_name(notify.type));
          },
          [](const wire::Delete& deleted) {
            auto text = fmt::format("\n    Security protocol id: {}, spi size: {}, num of spi: {}",
                                    protocol_name(deleted.protocol), deleted.protocol == ProtocolId::ike ? 0 : 4,
                                    deleted.spis.size());
            for (const auto spi : deleted.spis) text += fmt::format("\n    SPI: 0x{:08X}", spi);
            return text;
          },
          [](const wire::TrafficSelectors& selectors) { return selectors_text(selectors); },
          [](const auto&) { return std::string(); }},
      payload);
}

// Selectors of a type that is not known were left out when they were read, so none may be left to emit.
std::size_t length_of(const wire::Payload& payload) {
  if (const auto* selectors = std::get_if<wire::TrafficSelectors>(&payload)) {
    std::size_t octets = 8;
    for (const auto& one : selectors->selectors) octets += one.start.is_v4() ? 16 : 40;
    return octets;
  }
  net::Bytes octets;
  wire::emit_chain({&payload, 1}, octets);
  return octets.size();
}

std::string head(const TracedMessage& m) {
  const auto& to = m.sent ? m.path.remote : m.path.local;
  const auto& from = m.sent ? m.path.local : m.path.remote;
  return fmt::format(
      "{} Packet [{} {}:{}/{} {}:{}/VRF i0:f0] \nInitiator SPI : {:016X} - Responder SPI : {:016X} Message id: {}",
      m.sent ? "Sending" : "Received", m.sent ? "To" : "From", (m.sent ? to : from).address, (m.sent ? to : from).port,
      m.sent ? "From" : "To", (m.sent ? from : to).address, (m.sent ? from : to).port, m.header.initiator_spi,
      m.header.responder_spi, m.header.message_id);
}

}  // namespace

std::string debug_prefix(TracedSa sa, std::string_view kind) {
  if (sa.session_id == 0) return fmt::format("IKEv2{}:", kind);
  return fmt::format("IKEv2{}:(SESSION ID = {},SA ID = {}):", kind, sa.session_id, sa.tunnel_id);
}

std::string message_summary(const TracedMessage& m) {
  auto text = debug_prefix(m.sa) + head(m);
  text += fmt::format("\nIKEv2 {} Exchange {} \nPayload contents: \n", exchange_name(m.header.exchange),
                      m.header.is_response ? "RESPONSE" : "REQUEST");
  for (const auto& payload : m.payloads) text += " " + shown_name(payload);
  return text + " ";
}

std::string message_details(const TracedMessage& m) {
  auto text = debug_prefix(m.sa, "-PAK") + head(m);
  const auto first = m.payloads.empty() ? PayloadType::none : type_of(m.payloads.front());
  text += fmt::format("\nNext payload: {}, version: 2.{} Exchange type: {}, flags: {}{} Message id: {}, length: {} \n",
                      m.header.exchange == wire::ExchangeType::ike_sa_init ? payload_name(first) : "ENCR",
                      m.header.minor_version, exchange_name(m.header.exchange),
                      m.header.from_initiator ? "INITIATOR" : "RESPONDER", m.header.is_response ? " MSG-RESPONSE" : "",
                      m.header.message_id, m.size_octets);
  text += "Payload contents: ";
  for (std::size_t i = 0; i < m.payloads.size(); ++i) {
    const auto next = i + 1 < m.payloads.size() ? type_of(m.payloads[i + 1]) : PayloadType::none;
    text += fmt::format("\n {}  Next payload: {}, reserved: 0x0, length: {}{}", shown_name(m.payloads[i]),
                        payload_name(next), length_of(m.payloads[i]), payload_text(m.payloads[i]));
  }
  return text;
}

}  // namespace culvert::ike
