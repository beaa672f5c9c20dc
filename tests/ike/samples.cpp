#include "tests/ike/samples.h"

#include <utility>

#include "tests/ike/octets.h"

namespace culvert::testing {
namespace {

using namespace ike::wire;
using ike::Encryption;
using ike::Group;
using ike::Integrity;
using ike::Prf;
using ike::SequenceNumbers;
using net::Random;

net::Bytes some(Random& random, std::size_t least, std::size_t most) {
  return random.bytes(least + random.below(most - least + 1));
}
template <class T>
T one_of(Random& random, std::initializer_list<T> values) {
  return *(values.begin() + random.below(values.size()));
}
std::uint16_t u16(Random& random) { return static_cast<std::uint16_t>(random.u64()); }
std::uint8_t u8(Random& random) { return static_cast<std::uint8_t>(random.u64()); }
Side side(Random& random) { return one_of(random, {Side::initiator, Side::responder}); }

Attribute any_attribute(Random& random, std::uint16_t type) {
  const bool fixed = random.below(2) != 0;
  return {.type = type, .fixed = fixed, .value = fixed ? random.bytes(2) : some(random, 0, 12)};
}

Transform any_transform(Random& random) {
  Transform transform;
  transform.type = TransformType{static_cast<std::uint8_t>(random.below(7))};
  transform.id = u16(random);
  if (random.below(2)) transform.key_length_bits = u16(random);
  for (auto count = random.below(3); count > 0; --count)
    transform.unknown_attributes.push_back(any_attribute(random, static_cast<std::uint16_t>(100 + count)));
  return transform;
}

Proposal any_proposal(Random& random) {
  Proposal proposal;
  proposal.number = u8(random);
  proposal.protocol = one_of(random, {ProtocolId::ike, ProtocolId::esp, ProtocolId::ah, ProtocolId{99}});
  if (proposal.protocol == ProtocolId::ike) proposal.spi = random.bytes(random.below(2) * 8);
  if (proposal.protocol == ProtocolId::esp || proposal.protocol == ProtocolId::ah) proposal.spi = random.bytes(4);
  if (proposal.protocol == ProtocolId{99}) proposal.spi = some(random, 0, 20);
  for (auto count = random.below(8); count > 0; --count) proposal.transforms.push_back(any_transform(random));
  return proposal;
}

SecurityAssociation any_sa(Random& random) {
  SecurityAssociation sa;
  for (auto count = 1 + random.below(4); count > 0; --count) sa.proposals.push_back(any_proposal(random));
  return sa;
}

TrafficSelector any_selector(Random& random) {
  TrafficSelector selector;
  selector.protocol = u8(random);
  selector.start_port = u16(random);
  selector.end_port = u16(random);
  if (selector.start_port > selector.end_port) std::swap(selector.start_port, selector.end_port);
  if (random.below(8) == 0) selector.start_port = 65535, selector.end_port = 0;
  const auto octets = one_of<std::size_t>(random, {4, 16});
  selector.start = *net::Address::from_octets(random.bytes(octets));
  selector.end = *net::Address::from_octets(random.bytes(octets));
  if (selector.start > selector.end) std::swap(selector.start, selector.end);
  return selector;
}

TrafficSelectors any_selectors(Random& random) {
  TrafficSelectors selectors{.side = side(random)};
  for (auto count = 1 + random.below(5); count > 0; --count) selectors.selectors.push_back(any_selector(random));
  return selectors;
}

Identification any_identification(Random& random) {
  Identification id{.side = side(random)};
  id.type = one_of(random, {IdType::ipv4_address, IdType::fqdn, IdType::email, IdType::ipv6_address,
                            IdType::der_distinguished_name, IdType::der_general_name, IdType::key_id, IdType{200}});
  random.fill(id.reserved);
  id.data = id.type == IdType::ipv4_address   ? random.bytes(4)
            : id.type == IdType::ipv6_address ? random.bytes(16)
                                              : some(random, 1, 60);
  return id;
}

Delete any_delete(Random& random) {
  Delete deletion{.protocol = one_of(random, {ProtocolId::ike, ProtocolId::ah, ProtocolId::esp})};
  if (deletion.protocol != ProtocolId::ike)
    for (auto count = random.below(6); count > 0; --count)
      deletion.spis.push_back(static_cast<std::uint32_t>(random.u64()));
  return deletion;
}

Configuration any_configuration(Random& random) {
  Configuration configuration{.type = ConfigurationType{u8(random)}};
  for (auto count = random.below(6); count > 0; --count)
    configuration.attributes.push_back({static_cast<std::uint16_t>(u16(random) & 0x7fff), some(random, 0, 17)});
  return configuration;
}

Eap any_eap(Random& random) {
  auto message = some(random, 4, 40);
  net::Bytes head(message.begin(), message.begin() + 2);
  net::Writer(head).u16(static_cast<std::uint16_t>(message.size()));
  std::copy(head.begin(), head.end(), message.begin());
  return {message};
}

net::Bytes eight(std::uint64_t value) { return spi_octets(value); }

Notify notify(NotifyType type, net::Bytes data = {}) { return {.type = type, .data = std::move(data)}; }

}  // namespace

Message sa_init() {
  const Header header{.initiator_spi = 0x1122334455667788, .from_initiator = true};
  const Proposal cbc{
      .number = 1,
      .protocol = ProtocolId::ike,
      .transforms = {Transform::of(Encryption::aes_cbc_256), Transform::of(Encryption::triple_des),
                     Transform::of(Integrity::sha256), Transform::of(Prf::sha256), Transform::of(Group::modp_2048)}};
  const Proposal gcm{.number = 2,
                     .protocol = ProtocolId::ike,
                     .transforms = {Transform::of(Encryption::aes_gcm_256), Transform::of(Prf::sha384),
                                    Transform::of(Group::ecp_384)}};
  return {header,
          {SecurityAssociation{{cbc, gcm}}, KeyExchange{14, net::Bytes(256, std::byte{0x42})},
           Nonce{net::Bytes(32, std::byte{0x17})}, VendorId{net::to_bytes("CISCO-DELETE-REASON")},
           notify(NotifyType::nat_detection_source_ip, net::Bytes(20, std::byte{1})),
           notify(NotifyType::nat_detection_destination_ip, net::Bytes(20, std::byte{2})),
           notify(NotifyType::cookie, eight(7))}};
}

Payloads auth_payloads() {
  const Proposal esp{.number = 1,
                     .protocol = ProtocolId::esp,
                     .spi = spi_octets(0xc0ffee01u),
                     .transforms = {Transform::of(Encryption::aes_gcm_256), Transform::of(SequenceNumbers::short_32)}};
  return {Identification{.type = IdType::fqdn, .data = net::to_bytes("hq.example")},
          Certificate{CertificateEncoding::x509_signature, net::Bytes(120, std::byte{0x30})},
          CertificateRequest{CertificateEncoding::x509_signature, net::Bytes(40, std::byte{9})},
          Authentication{AuthMethod::shared_key, net::Bytes(32, std::byte{0xaa})},
          Configuration{ConfigurationType::request, {{1, {}}, {7, net::to_bytes("Culvert")}}},
          SecurityAssociation{{esp}},
          TrafficSelectors{Side::initiator, {TrafficSelector::of(*net::Prefix::parse("10.1.0.0/16"))}},
          TrafficSelectors{Side::responder,
                           {TrafficSelector::any(net::Family::ipv4), TrafficSelector::any(net::Family::ipv6)}},
          Delete{ProtocolId::esp, {1, 2, 3}},
          notify(NotifyType::initial_contact),
          notify(NotifyType::esp_tfc_padding_not_supported)};
}

Payload any_payload(Random& random) {
  switch (random.below(14)) {
    case 0: return any_sa(random);
    case 1: return KeyExchange{u16(random), some(random, 1, 300)};
    case 2: return any_identification(random);
    case 3: return Certificate{CertificateEncoding{u8(random)}, some(random, 1, 100)};
    case 4: return CertificateRequest{CertificateEncoding{u8(random)}, some(random, 0, 60)};
    case 5: return Authentication{AuthMethod{u8(random)}, some(random, 1, 64)};
    case 6: return Nonce{some(random, Nonce::min_octets, Nonce::max_octets)};
    case 7:
      return Notify{ProtocolId{u8(random)}, NotifyType{u16(random)}, random.bytes(4 * random.below(3)),
                    some(random, 0, 80)};
    case 8: return any_delete(random);
    case 9: return VendorId{some(random, 0, 40)};
    case 10: return any_selectors(random);
    case 11: return any_configuration(random);
    case 12: return any_eap(random);
    default: return UnknownPayload{PayloadType{static_cast<std::uint8_t>(54 + random.below(200))}, some(random, 0, 30)};
  }
}

Message any_message(Random& random) {
  Message message;
  auto& header = message.header;
  header.initiator_spi = random.u64() | 1;
  header.responder_spi = random.u64();
  header.exchange = ExchangeType{u8(random)};
  header.minor_version = u8(random) & 0x0f;
  header.from_initiator = random.below(2) != 0;
  header.higher_version = random.below(2) != 0;
  header.is_response = random.below(2) != 0;
  header.message_id = static_cast<std::uint32_t>(random.u64());
  for (auto count = random.below(9); count > 0; --count) message.payloads.push_back(any_payload(random));
  if (random.below(3) == 0)
    message.payloads.push_back(
        Encrypted{PayloadType{static_cast<std::uint8_t>(33 + random.below(16))}, some(random, 0, 200)});
  return message;
}

std::vector<net::Bytes> datagrams() {
  Message auth{.header = {.initiator_spi = 1, .responder_spi = 2, .exchange = ExchangeType::ike_auth, .message_id = 1},
               .payloads = auth_payloads()};
  Message sealed = auth;
  sealed.payloads = {notify(NotifyType::cookie, eight(1)),
                     Encrypted{PayloadType::identification_initiator, net::Bytes(160, std::byte{0x77})}};
  std::vector<net::Bytes> all{sa_init().emit(), auth.emit(), sealed.emit()};
  net::SeededRandom random(1);
  for (int i = 0; i < 16; ++i) all.push_back(any_message(random).emit());
  return all;
}

}  // namespace culvert::testing
