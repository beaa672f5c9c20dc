#include "ike/wire/sa.h"

#include <algorithm>
#include <cassert>

#include "net/try.h"

namespace culvert::ike::wire {
namespace {

constexpr WireError fault(Fault found) { return {found, PayloadType::security_association}; }

constexpr std::uint16_t key_length_type = 14;
constexpr std::uint16_t tv_format = 0x8000;
constexpr std::size_t transform_header_octets = 8;
constexpr std::uint8_t more_proposals = 2;
constexpr std::uint8_t more_transforms = 3;

// ---- attributes (§3.3.5)

std::expected<Attribute, WireError> parse_attribute(net::Reader& reader) {
  const auto format_and_type = TRY(reader.u16(), fault(Fault::truncated));
  const bool fixed = format_and_type & tv_format;
  const std::size_t length = fixed ? 2 : TRY(reader.u16(), fault(Fault::truncated));
  const auto value = TRY(reader.take(length), fault(Fault::truncated));
  Attribute attribute;
  attribute.type = static_cast<std::uint16_t>(format_and_type & ~tv_format);
  attribute.fixed = fixed;
  attribute.value.assign(value.begin(), value.end());
  return attribute;
}

// Key Length is TV, never TLV, and no attribute comes twice.
std::expected<void, WireError> keep(Transform& transform, Attribute attribute) {
  if (attribute.type == key_length_type) {
    if (!attribute.fixed || transform.key_length_bits) return std::unexpected(fault(Fault::bad_value));
    transform.key_length_bits = net::Reader(attribute.value).u16();
    return {};
  }
  if (std::ranges::count(transform.unknown_attributes, attribute.type, &Attribute::type) != 0)
    return std::unexpected(fault(Fault::bad_value));
  if (transform.unknown_attributes.size() == SecurityAssociation::attributes_max)
    return std::unexpected(fault(Fault::too_many));
  transform.unknown_attributes.push_back(std::move(attribute));
  return {};
}

void emit_attribute(const Attribute& attribute, net::Writer& writer) {
  assert(attribute.type < tv_format && attribute.type != key_length_type);
  assert(!attribute.fixed || attribute.value.size() == 2);
  writer.u16(static_cast<std::uint16_t>(attribute.type | (attribute.fixed ? tv_format : 0)));
  if (!attribute.fixed) writer.u16(static_cast<std::uint16_t>(attribute.value.size()));
  writer.bytes(attribute.value);
}

// ---- substructures: a mark (0 = last), a reserved octet, a length that counts these four octets

struct Substructure {
  bool is_last;
  net::View body;
};

std::expected<Substructure, WireError> parse_substructure(net::Reader& reader, std::uint8_t more_mark) {
  const auto mark = TRY(reader.u8(), fault(Fault::truncated));
  TRY(reader.u8(), fault(Fault::truncated));
  const auto length = TRY(reader.u16(), fault(Fault::truncated));
  if (mark != 0 && mark != more_mark) return std::unexpected(fault(Fault::bad_value));
  if (length < 4) return std::unexpected(fault(Fault::bad_length));
  return Substructure{mark == 0, TRY(reader.take(length - 4u), fault(Fault::truncated))};
}

// Calls `emit_body` between the header and the patching of its length.
void emit_substructure(net::Bytes& out, bool is_last, std::uint8_t more_mark, auto emit_body) {
  net::Writer writer(out);
  const auto start = writer.size();
  writer.u8(is_last ? 0 : more_mark);
  writer.u8(0);
  writer.u16(0);
  emit_body(writer);
  writer.patch_u16(start + 2, static_cast<std::uint16_t>(writer.size() - start));
}

// ---- transforms (§3.3.2)

std::expected<Transform, WireError> parse_transform(net::View body) {
  net::Reader reader(body);
  Transform transform;
  transform.type = TransformType{TRY(reader.u8(), fault(Fault::truncated))};
  TRY(reader.u8(), fault(Fault::truncated));
  transform.id = TRY(reader.u16(), fault(Fault::truncated));
  while (!reader.empty()) {
    auto attribute = TRY(parse_attribute(reader));
    if (auto kept = keep(transform, std::move(attribute)); !kept) return std::unexpected(kept.error());
  }
  return transform;
}

void emit_transform(const Transform& transform, bool is_last, net::Bytes& out) {
  emit_substructure(out, is_last, more_transforms, [&](net::Writer& writer) {
    writer.u8(static_cast<std::uint8_t>(transform.type));
    writer.u8(0);
    writer.u16(transform.id);
    if (transform.key_length_bits) {
      writer.u16(key_length_type | tv_format);
      writer.u16(*transform.key_length_bits);
    }
    for (const auto& attribute : transform.unknown_attributes) emit_attribute(attribute, writer);
  });
}

// ---- proposals (§3.3.1)

bool spi_size_fits(ProtocolId protocol, std::size_t octets) {
  switch (protocol) {
    case ProtocolId::ike: return octets == 0 || octets == 8;
    case ProtocolId::ah:
    case ProtocolId::esp: return octets == 4;
    case ProtocolId::none: break;
  }
  return true;  // a protocol we do not know is not chosen, whatever its SPI
}

std::expected<Proposal, WireError> parse_proposal(net::View body, std::size_t& transforms_left) {
  net::Reader reader(body);
  Proposal proposal;
  proposal.number = TRY(reader.u8(), fault(Fault::truncated));
  proposal.protocol = ProtocolId{TRY(reader.u8(), fault(Fault::truncated))};
  const auto spi_octets_count = TRY(reader.u8(), fault(Fault::truncated));
  const auto transform_count = TRY(reader.u8(), fault(Fault::truncated));
  const auto spi = TRY(reader.take(spi_octets_count), fault(Fault::truncated));
  proposal.spi.assign(spi.begin(), spi.end());
  if (!spi_size_fits(proposal.protocol, spi.size())) return std::unexpected(fault(Fault::bad_length));
  if (transform_count > transforms_left) return std::unexpected(fault(Fault::too_many));
  if (transform_count * transform_header_octets > reader.left()) return std::unexpected(fault(Fault::truncated));
  transforms_left -= transform_count;
  proposal.transforms.reserve(transform_count);
  for (std::size_t left = transform_count; left > 0; --left) {
    const auto part = TRY(parse_substructure(reader, more_transforms));
    if (part.is_last != (left == 1)) return std::unexpected(fault(Fault::bad_value));
    proposal.transforms.push_back(TRY(parse_transform(part.body)));
  }
  if (!reader.empty()) return std::unexpected(fault(Fault::bad_length));
  return proposal;
}

void emit_proposal(const Proposal& proposal, bool is_last, net::Bytes& out) {
  assert(spi_size_fits(proposal.protocol, proposal.spi.size()) && proposal.transforms.size() <= 255);
  emit_substructure(out, is_last, more_proposals, [&](net::Writer& writer) {
    writer.u8(proposal.number);
    writer.u8(static_cast<std::uint8_t>(proposal.protocol));
    writer.u8(static_cast<std::uint8_t>(proposal.spi.size()));
    writer.u8(static_cast<std::uint8_t>(proposal.transforms.size()));
    writer.bytes(proposal.spi);
    for (const auto& transform : proposal.transforms)
      emit_transform(transform, &transform == &proposal.transforms.back(), out);
  });
}

bool plain(const Transform& transform, TransformType type) {
  return transform.type == type && transform.usable() && !transform.key_length_bits;
}

}  // namespace

Transform Transform::of(Encryption algorithm) {
  return {TransformType::encryption, traits(algorithm).transform_id, traits(algorithm).key_length_bits, {}};
}
Transform Transform::of(Integrity algorithm) {
  return {TransformType::integrity, traits(algorithm).transform_id, std::nullopt, {}};
}
Transform Transform::of(Prf algorithm) {
  return {TransformType::prf, traits(algorithm).transform_id, std::nullopt, {}};
}
Transform Transform::of(Group group) {
  return {TransformType::group, static_cast<std::uint16_t>(group), std::nullopt, {}};
}
Transform Transform::of(SequenceNumbers numbers) {
  return {TransformType::sequence_numbers, static_cast<std::uint16_t>(numbers), std::nullopt, {}};
}

std::optional<Encryption> Transform::encryption() const {
  if (type != TransformType::encryption || !usable()) return std::nullopt;
  return encryption_of(id, key_length_bits);
}
std::optional<Integrity> Transform::integrity() const {
  return plain(*this, TransformType::integrity) ? integrity_of(id) : std::nullopt;
}
std::optional<Prf> Transform::prf() const { return plain(*this, TransformType::prf) ? prf_of(id) : std::nullopt; }
std::optional<Group> Transform::group() const {
  return plain(*this, TransformType::group) ? group_of(id) : std::nullopt;
}
std::optional<SequenceNumbers> Transform::sequence_numbers() const {
  if (!plain(*this, TransformType::sequence_numbers) || id > 1) return std::nullopt;
  return SequenceNumbers{static_cast<std::uint8_t>(id)};
}

bool Proposal::has_unknown_type() const {
  return std::ranges::any_of(transforms, [](const Transform& transform) {
    return transform.type < TransformType::encryption || transform.type > TransformType::sequence_numbers;
  });
}
std::optional<std::uint32_t> Proposal::child_spi() const {
  if (spi.size() != 4) return std::nullopt;
  return net::Reader(spi).u32();
}
std::optional<std::uint64_t> Proposal::ike_spi() const {
  if (spi.size() != 8) return std::nullopt;
  return net::Reader(spi).u64();
}

net::Bytes spi_octets(std::uint32_t spi) {
  net::Bytes octets;
  net::Writer(octets).u32(spi);
  return octets;
}
net::Bytes spi_octets(std::uint64_t spi) {
  net::Bytes octets;
  net::Writer(octets).u64(spi);
  return octets;
}

std::expected<SecurityAssociation, WireError> SecurityAssociation::parse(net::View body) {
  net::Reader reader(body);
  SecurityAssociation sa;
  auto transforms_left = transforms_max;
  for (bool is_last = false; !is_last;) {
    if (sa.proposals.size() == proposals_max) return std::unexpected(fault(Fault::too_many));
    const auto part = TRY(parse_substructure(reader, more_proposals));
    is_last = part.is_last;
    sa.proposals.push_back(TRY(parse_proposal(part.body, transforms_left)));
  }
  if (!reader.empty()) return std::unexpected(fault(Fault::bad_length));
  return sa;
}

void SecurityAssociation::emit(net::Bytes& out) const {
  assert(!proposals.empty());
  for (const auto& proposal : proposals) emit_proposal(proposal, &proposal == &proposals.back(), out);
}

bool SecurityAssociation::numbered_from_one() const {
  for (std::size_t i = 0; i < proposals.size(); ++i)
    if (proposals[i].number != i + 1) return false;
  return true;
}

}  // namespace culvert::ike::wire
