#include "ike/v2/proposals.h"

#include <algorithm>

namespace culvert::ike::v2 {
namespace {

using wire::Transform;
using wire::TransformType;

constexpr std::uint16_t no_group = 0;  // transform type 4, NONE

Prf prf_like(Integrity integrity) {
  switch (integrity) {
    case Integrity::md5: return Prf::md5;
    case Integrity::sha1: return Prf::sha1;
    case Integrity::sha384: return Prf::sha384;
    case Integrity::sha512: return Prf::sha512;
    default: return Prf::sha256;
  }
}

// The PRFs of a proposal: those configured, else those of its integrity algorithms.
std::vector<Prf> prfs_of(const Proposal& proposal) {
  if (!proposal.prf.empty()) return proposal.prf;
  std::vector<Prf> prfs;
  for (const auto integrity : proposal.integrity) prfs.push_back(prf_like(integrity));
  return prfs;
}

// All values that the wire proposal has of a type, read by `get`; a transform we do not know is passed over.
template <class T>
std::vector<T> values(const wire::Proposal& proposal, std::optional<T> (Transform::*get)() const) {
  std::vector<T> found;
  for (const auto& transform : proposal.transforms)
    if (const auto value = (transform.*get)()) found.push_back(*value);
  return found;
}

bool has_type(const wire::Proposal& proposal, TransformType type) {
  return std::ranges::any_of(proposal.transforms, [&](const Transform& t) { return t.type == type; });
}

template <class T>
bool contains(std::span<const T> list, T value) {
  return std::ranges::find(list, value) != list.end();
}
template <class T>
std::optional<T> first_common(std::span<const T> preferred, const std::vector<T>& offered) {
  for (const auto value : preferred)
    if (contains<T>(offered, value)) return value;
  return std::nullopt;
}

// The integrity that goes with a cipher: none with AEAD, where the peer must offer nothing else; else a real one.
std::optional<Integrity> common_integrity(Encryption encryption, std::span<const Integrity> preferred,
                                          const wire::Proposal& offered) {
  const auto values_offered = values(offered, &Transform::integrity);
  if (!is_aead(encryption)) {
    const auto common = first_common(preferred, values_offered);
    return common == Integrity::none ? std::nullopt : common;
  }
  const bool none_offered =
      !has_type(offered, TransformType::integrity) || contains<Integrity>(values_offered, Integrity::none);
  return none_offered ? std::optional(Integrity::none) : std::nullopt;
}

void add_all(wire::Proposal& out, const auto& list) {
  for (const auto value : list) out.transforms.push_back(Transform::of(value));
}

std::optional<wire::Proposal> wire_proposal(const Proposal& proposal, bool aead) {
  wire::Proposal out{.protocol = wire::ProtocolId::ike, .spi = {}, .transforms = {}};
  for (const auto encryption : proposal.encryption)
    if (is_aead(encryption) == aead && encryption != Encryption::null)
      out.transforms.push_back(Transform::of(encryption));
  const auto prfs = prfs_of(proposal);
  if (out.transforms.empty() || prfs.empty() || proposal.groups.empty()) return std::nullopt;
  if (!aead && proposal.integrity.empty()) return std::nullopt;
  if (!aead) add_all(out, proposal.integrity);
  add_all(out, prfs);
  add_all(out, proposal.groups);
  return out;
}

std::optional<IkeSuite> choose_within(const wire::Proposal& offered, const Proposal& ours,
                                      std::optional<Group> sent_group) {
  const auto encryptions = values(offered, &Transform::encryption);
  const auto prf = first_common<Prf>(prfs_of(ours), values(offered, &Transform::prf));
  const auto groups = values(offered, &Transform::group);
  auto group = first_common<Group>(ours.groups, groups);
  if (sent_group && contains<Group>(ours.groups, *sent_group) && contains<Group>(groups, *sent_group))
    group = sent_group;
  if (!prf || !group) return std::nullopt;
  for (const auto encryption : ours.encryption) {
    if (encryption == Encryption::null || !contains<Encryption>(encryptions, encryption)) continue;
    const auto integrity = common_integrity(encryption, ours.integrity, offered);
    if (integrity) return IkeSuite{encryption, *integrity, *prf, *group};
  }
  return std::nullopt;
}

bool acceptable(const wire::Proposal& offered, wire::ProtocolId protocol) {
  return offered.protocol == protocol && !offered.has_unknown_type();
}

// Every transform of an answer stands in the proposal of the same number, and no type twice.
const wire::Proposal* answered_proposal(const wire::SecurityAssociation& offer,
                                        const wire::SecurityAssociation& answer) {
  if (answer.proposals.size() != 1) return nullptr;
  const auto& chosen = answer.proposals.front();
  const auto offered = std::ranges::find(offer.proposals, chosen.number, &wire::Proposal::number);
  if (offered == offer.proposals.end() || offered->protocol != chosen.protocol) return nullptr;
  std::vector<TransformType> seen;
  for (const auto& transform : chosen.transforms) {
    const bool none = transform.type == TransformType::integrity && transform.id == 0;
    if (!none && std::ranges::find(offered->transforms, transform) == offered->transforms.end()) return nullptr;
    if (std::ranges::find(seen, transform.type) != seen.end()) return nullptr;
    seen.push_back(transform.type);
  }
  return &chosen;
}

template <class T>
std::optional<T> only(const wire::Proposal& proposal, std::optional<T> (Transform::*get)() const) {
  const auto found = values(proposal, get);
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

// The integrity of an answer that has one transform a type, nullopt where cipher and integrity do not fit.
std::optional<Integrity> answered_integrity(const wire::Proposal& proposal, Encryption encryption) {
  const auto integrity = only(proposal, &Transform::integrity).value_or(Integrity::none);
  return is_aead(encryption) == (integrity == Integrity::none) ? std::optional(integrity) : std::nullopt;
}

// ESP ciphers without AEAD need an integrity algorithm; a set that has none offers nothing.
bool usable(const TransformSet& set) { return is_aead(set.encryption) || set.integrity != Integrity::none; }

bool permits_no_group(const wire::Proposal& offered) {
  return !has_type(offered, TransformType::group) || std::ranges::any_of(offered.transforms, [](const Transform& t) {
    return t.type == TransformType::group && t.id == no_group;
  });
}

// The group of a Child SA by the rule, which may be none; nullopt where the proposal has nothing that may stand.
std::optional<std::optional<Group>> choose_group(const wire::Proposal& offered, const PfsRule& pfs) {
  const auto groups = values(offered, &Transform::group);
  const auto stands = [&](Group group) { return contains<Group>(pfs.groups, group) && contains<Group>(groups, group); };
  if (pfs.sent && stands(*pfs.sent)) return pfs.sent;
  if (!pfs.required && permits_no_group(offered)) return std::optional<Group>();
  if (const auto common = first_common<Group>(pfs.groups, groups)) return common;
  return std::nullopt;
}

bool offers_group(const wire::SecurityAssociation& offer, std::uint8_t number) {
  return std::ranges::any_of(offer.proposals, [&](const wire::Proposal& proposal) {
    return proposal.number == number && has_type(proposal, TransformType::group);
  });
}

// Extended ones where both ends want them; without them only where the peer says so, too (RFC 7296 section 3.3.2).
std::optional<SequenceNumbers> common_numbers(const wire::Proposal& offered, const TransformSet& set) {
  const auto theirs = values(offered, &Transform::sequence_numbers);
  if (set.extended_sequence_numbers && contains<SequenceNumbers>(theirs, SequenceNumbers::extended_64))
    return SequenceNumbers::extended_64;
  if (contains<SequenceNumbers>(theirs, SequenceNumbers::short_32)) return SequenceNumbers::short_32;
  return std::nullopt;
}

bool offers(const wire::Proposal& offered, const TransformSet& set) {
  if (!contains<Encryption>(values(offered, &Transform::encryption), set.encryption)) return false;
  const std::array preferred{set.integrity};
  return common_integrity(set.encryption, preferred, offered).has_value();
}

}  // namespace

wire::SecurityAssociation offer_ike(std::span<const Proposal> proposals) {
  wire::SecurityAssociation offer;
  for (const auto& proposal : proposals) {
    for (const bool aead : {true, false}) {
      auto out = wire_proposal(proposal, aead);
      if (!out || offer.proposals.size() == wire::SecurityAssociation::proposals_max) continue;
      out->number = static_cast<std::uint8_t>(offer.proposals.size() + 1);
      offer.proposals.push_back(std::move(*out));
    }
  }
  return offer;
}

std::vector<Group> groups_of(const wire::SecurityAssociation& offer) {
  std::vector<Group> groups;
  for (const auto& proposal : offer.proposals)
    for (const auto group : values(proposal, &Transform::group))
      if (!contains<Group>(groups, group)) groups.push_back(group);
  return groups;
}

std::optional<IkeChoice> choose_ike(const wire::SecurityAssociation& offered, std::span<const Proposal> proposals,
                                    std::optional<Group> sent_group) {
  for (const auto& ours : proposals) {
    for (const auto& theirs : offered.proposals) {
      if (!acceptable(theirs, wire::ProtocolId::ike)) continue;
      if (const auto suite = choose_within(theirs, ours, sent_group))
        return IkeChoice{*suite, theirs.number, theirs.ike_spi().value_or(0)};
    }
  }
  return std::nullopt;
}

wire::SecurityAssociation answer_ike(const IkeChoice& choice) {
  wire::Proposal out{.number = choice.number, .protocol = wire::ProtocolId::ike, .spi = {}, .transforms = {}};
  out.transforms.push_back(Transform::of(choice.suite.encryption));
  if (!is_aead(choice.suite.encryption)) out.transforms.push_back(Transform::of(choice.suite.integrity));
  out.transforms.push_back(Transform::of(choice.suite.prf));
  out.transforms.push_back(Transform::of(choice.suite.group));
  return {{std::move(out)}};
}

std::optional<IkeSuite> accepted_ike(const wire::SecurityAssociation& offer, const wire::SecurityAssociation& answer) {
  const auto* chosen = answered_proposal(offer, answer);
  if (!chosen || !acceptable(*chosen, wire::ProtocolId::ike)) return std::nullopt;
  const auto encryption = only(*chosen, &Transform::encryption);
  const auto prf = only(*chosen, &Transform::prf);
  const auto group = only(*chosen, &Transform::group);
  if (!encryption || !prf || !group) return std::nullopt;
  const auto integrity = answered_integrity(*chosen, *encryption);
  if (!integrity) return std::nullopt;
  return IkeSuite{*encryption, *integrity, *prf, *group};
}

wire::SecurityAssociation offer_esp(std::span<const TransformSet> sets, std::uint32_t spi, std::optional<Group> group) {
  wire::SecurityAssociation offer;
  for (const auto& set : sets) {
    if (!usable(set) || offer.proposals.size() == wire::SecurityAssociation::proposals_max) continue;
    wire::Proposal out{.number = static_cast<std::uint8_t>(offer.proposals.size() + 1),
                       .protocol = wire::ProtocolId::esp,
                       .spi = wire::spi_octets(spi),
                       .transforms = {}};
    out.transforms.push_back(Transform::of(set.encryption));
    if (!is_aead(set.encryption)) out.transforms.push_back(Transform::of(set.integrity));
    if (group) out.transforms.push_back(Transform::of(*group));
    if (set.extended_sequence_numbers) out.transforms.push_back(Transform::of(SequenceNumbers::extended_64));
    out.transforms.push_back(Transform::of(SequenceNumbers::short_32));
    offer.proposals.push_back(std::move(out));
  }
  return offer;
}

std::optional<EspChoice> choose_esp(const wire::SecurityAssociation& offered, std::span<const TransformSet> sets,
                                    const PfsRule& pfs) {
  for (const auto& set : sets) {
    for (const auto& theirs : offered.proposals) {
      const auto spi = theirs.child_spi();
      if (!usable(set) || !acceptable(theirs, wire::ProtocolId::esp) || !spi) continue;
      const auto numbers = common_numbers(theirs, set);
      if (!numbers) continue;
      const auto group = choose_group(theirs, pfs);
      if (!group || !offers(theirs, set)) continue;
      const auto integrity = is_aead(set.encryption) ? Integrity::none : set.integrity;
      return EspChoice{.suite = {.encryption = set.encryption,
                                 .integrity = integrity,
                                 .group = *group,
                                 .sequence_numbers = *numbers},
                       .number = theirs.number,
                       .peer_spi = *spi,
                       .names_no_group = !*group && has_type(theirs, TransformType::group)};
    }
  }
  return std::nullopt;
}

wire::SecurityAssociation answer_esp(const EspChoice& choice, std::uint32_t spi) {
  wire::Proposal out{.number = choice.number,
                     .protocol = wire::ProtocolId::esp,
                     .spi = wire::spi_octets(spi),
                     .transforms = {Transform::of(choice.suite.encryption)}};
  if (!is_aead(choice.suite.encryption)) out.transforms.push_back(Transform::of(choice.suite.integrity));
  if (choice.suite.group) out.transforms.push_back(Transform::of(*choice.suite.group));
  if (choice.names_no_group)
    out.transforms.push_back(
        {.type = TransformType::group, .id = no_group, .key_length_bits = {}, .unknown_attributes = {}});
  out.transforms.push_back(Transform::of(choice.suite.sequence_numbers));
  return {{std::move(out)}};
}

std::optional<EspChoice> accepted_esp(const wire::SecurityAssociation& offer, const wire::SecurityAssociation& answer) {
  const auto* chosen = answered_proposal(offer, answer);
  if (!chosen || !acceptable(*chosen, wire::ProtocolId::esp)) return std::nullopt;
  const auto encryption = only(*chosen, &Transform::encryption);
  const auto spi = chosen->child_spi();
  const auto numbers = only(*chosen, &Transform::sequence_numbers);
  if (!encryption || !spi || !numbers) return std::nullopt;
  const auto group = only(*chosen, &Transform::group);
  if (!group && offers_group(offer, chosen->number)) return std::nullopt;
  const auto integrity = answered_integrity(*chosen, *encryption);
  if (!integrity) return std::nullopt;
  return EspChoice{
      .suite = {.encryption = *encryption, .integrity = *integrity, .group = group, .sequence_numbers = *numbers},
      .number = chosen->number,
      .peer_spi = *spi};
}

}  // namespace culvert::ike::v2
