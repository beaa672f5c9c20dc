// Proposals: what we offer, what we choose of an offer, and whether an answer is one of what we offered
// (RFC 7296 §2.7, §3.3; RFC 5282 §8).
//
// An IOS proposal lists values of each kind; one wire proposal carries them all. AEAD ciphers go in a proposal of their
// own, since they take no integrity transform.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "ike/algorithms.h"
#include "ike/configuration.h"
#include "ike/wire/sa.h"

namespace culvert::ike::v2 {

// Proposals that lack a cipher, a group, or both integrity and PRF offer nothing: the result may be empty.
wire::SecurityAssociation offer_ike(std::span<const Proposal> proposals);
// The groups on offer, each once, in order.
std::vector<Group> groups_of(const wire::SecurityAssociation& offer);

struct IkeChoice {
  IkeSuite suite;
  std::uint8_t number = 0;     // of the peer's proposal
  std::uint64_t peer_spi = 0;  // in a rekey: of the peer's half of the new IKE SA
};
// In our order of preference. Among the groups of the proposal chosen, the one whose KE the peer has sent already.
std::optional<IkeChoice> choose_ike(const wire::SecurityAssociation& offered, std::span<const Proposal> proposals,
                                    std::optional<Group> sent_group);
wire::SecurityAssociation answer_ike(const IkeChoice& choice);
// The suite that the answer names, if it is one that we offered: one proposal, one transform a type (§3.3.6).
std::optional<IkeSuite> accepted_ike(const wire::SecurityAssociation& offer, const wire::SecurityAssociation& answer);

// Perfect forward secrecy: what may stand as the group of a Child SA. Without groups only NONE may, as in IKE_AUTH,
// where no KE payload travels (§1.2).
struct PfsRule {
  std::vector<Group> groups{};
  bool required = false;
  std::optional<Group> sent{};  // whose KE the peer has sent already
};

// With a group, every proposal demands it.
wire::SecurityAssociation offer_esp(std::span<const TransformSet> sets, std::uint32_t spi,
                                    std::optional<Group> group = {});
struct EspChoice {
  EspSuite suite;
  std::uint8_t number = 0;
  std::uint32_t peer_spi = 0;
  bool names_no_group = false;  // the peer offered the group NONE, which the answer repeats
};
std::optional<EspChoice> choose_esp(const wire::SecurityAssociation& offered, std::span<const TransformSet> sets,
                                    const PfsRule& pfs = {});
wire::SecurityAssociation answer_esp(const EspChoice& choice, std::uint32_t spi);
std::optional<EspChoice> accepted_esp(const wire::SecurityAssociation& offer, const wire::SecurityAssociation& answer);

}  // namespace culvert::ike::v2
