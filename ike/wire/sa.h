// The Security Association payload: proposals, their transforms, the transforms' attributes (RFC 7296 §3.3).
//
// The parser keeps what it does not know, for the RFC wants it judged, not refused: an unknown attribute spoils its
// transform only, an unknown transform type spoils its proposal only. usable() and has_unknown_type() tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "ike/algorithms.h"
#include "ike/wire/error.h"
#include "ike/wire/numbers.h"
#include "net/bytes.h"

namespace culvert::ike::wire {

// An attribute other than Key Length (§3.3.5).
struct Attribute {
  std::uint16_t type = 0;  // 15 bits
  bool fixed = false;      // TV: the value is two octets and no length is sent; else TLV
  net::Bytes value{};
  bool operator==(const Attribute&) const = default;
};

struct Transform {
  TransformType type = TransformType::encryption;
  std::uint16_t id = 0;
  std::optional<std::uint16_t> key_length_bits{};
  std::vector<Attribute> unknown_attributes{};

  static Transform of(Encryption algorithm);
  static Transform of(Integrity algorithm);
  static Transform of(Prf algorithm);
  static Transform of(Group group);
  static Transform of(SequenceNumbers numbers);

  // False where an attribute is not understood: the transform is passed over (§3.3.6).
  bool usable() const { return unknown_attributes.empty(); }
  // The algorithm it names, if it is of that type, usable, and one of ours.
  std::optional<Encryption> encryption() const;
  std::optional<Integrity> integrity() const;
  std::optional<Prf> prf() const;
  std::optional<Group> group() const;
  std::optional<SequenceNumbers> sequence_numbers() const;

  bool operator==(const Transform&) const = default;
};

struct Proposal {
  std::uint8_t number = 1;
  ProtocolId protocol = ProtocolId::ike;
  net::Bytes spi{};  // IKE: none, or 8 octets in a rekey; AH and ESP: 4
  std::vector<Transform> transforms{};

  // Such a proposal is unacceptable (§3.3.6).
  bool has_unknown_type() const;
  // The SPI of an AH or ESP proposal.
  std::optional<std::uint32_t> child_spi() const;
  // The SPI in a proposal that rekeys an IKE SA.
  std::optional<std::uint64_t> ike_spi() const;

  bool operator==(const Proposal&) const = default;
};

// Four or eight octets in network order, as proposals and notifies carry SPIs.
net::Bytes spi_octets(std::uint32_t spi);
net::Bytes spi_octets(std::uint64_t spi);

struct SecurityAssociation {
  // More than any peer offers, few enough to hold for a stranger.
  static constexpr std::size_t proposals_max = 64;
  static constexpr std::size_t transforms_max = 512;  // over all proposals
  static constexpr std::size_t attributes_max = 8;    // of one transform

  std::vector<Proposal> proposals{};  // at least one

  static std::expected<SecurityAssociation, WireError> parse(net::View body);
  void emit(net::Bytes& out) const;
  // An offer numbers its proposals 1, 2, 3, ... (§3.3.1).
  bool numbered_from_one() const;

  bool operator==(const SecurityAssociation&) const = default;
};

}  // namespace culvert::ike::wire
