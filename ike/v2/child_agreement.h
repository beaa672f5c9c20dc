// What a Child SA is agreed to be: offered or chosen in IKE_AUTH or CREATE_CHILD_SA (RFC 7296 §1.2, §2.9).
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ike/v2/core.h"
#include "ike/v2/lookup.h"
#include "ike/v2/proposals.h"

namespace culvert::ike::v2 {

// Initiator: SA, TSi and TSr, with our inbound SPI.
void add_child_offer(wire::Payloads& payloads, const ChildSelectors& selectors, std::span<const TransformSet> sets,
                     std::uint32_t inbound_spi, std::optional<Group> group = {});

// Initiator: reads the peer's answer to an offer. The error is a sentence for the log.
std::expected<ChildAgreement, std::string> accept_child_answer(std::span<const wire::Payload> payloads,
                                                               const TunnelTerms& terms,
                                                               const ChildSelectors& selectors,
                                                               std::span<const TransformSet> offered, SpiLease inbound,
                                                               std::optional<Group> group = {});
// Responder: chooses from the peer's offer. The error is the notify that tells the peer.
struct ChildRefusal {
  wire::NotifyType notify{};
  std::string reason;
};
// Which of the tunnels on this path the offer is for: the first by sequence that permits its first selectors, else the
// first that permits any of it.
std::expected<TunnelTerms, ChildRefusal> choose_tunnel(Core& core, const Sa& sa,
                                                       std::span<const wire::Payload> payloads,
                                                       std::string_view profile, const Path& path);
std::expected<ChildAgreement, ChildRefusal> choose_child_of(Core& core, const TunnelTerms& terms,
                                                            std::span<const wire::Payload> payloads,
                                                            const PfsRule& pfs);
// Whether the tunnel, as configured now, permits the selectors agreed on.
bool permitted(const Tunnel& tunnel, const ChildAgreement& agreement);
// Appends SA, TSi and TSr, and what else the peer shall know, for an agreement that we chose as responder.
void add_child_answer(wire::Payloads& payloads, const ChildAgreement& agreement);

}  // namespace culvert::ike::v2
