// Child SAs: offered or chosen in IKE_AUTH, installed when AUTH has verified, removed once (RFC 7296 §1.2, §2.9,
// §2.17).
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ike/v2/core.h"
#include "ike/v2/lookup.h"
#include "ike/v2/proposals.h"

namespace culvert::ike::v2 {

// What a tunnel interface protects: everything (an SVTI has selectors any-any).
std::vector<TrafficSelector> tunnel_selectors(const Tunnel& tunnel);

// Initiator: SA, TSi and TSr for the tunnel, with our inbound SPI.
void add_child_offer(wire::Payloads& payloads, const TunnelTerms& terms, std::span<const TransformSet> sets,
                     std::uint32_t inbound_spi);

// What both ends agreed on, not installed yet.
struct ChildAgreement {
  SpiLease inbound;
  EspChoice choice;
  std::vector<TrafficSelector> local_selectors, remote_selectors;
  TunnelTerms terms;
};
// Initiator: reads the peer's answer. The error is a sentence for the log.
std::expected<ChildAgreement, std::string> accept_child_answer(std::span<const wire::Payload> payloads,
                                                               const TunnelTerms& terms,
                                                               std::span<const TransformSet> offered, SpiLease inbound);
// Responder: chooses from the peer's offer. The error is the notify that tells the peer.
struct ChildRefusal {
  wire::NotifyType notify{};
  std::string reason;
};
std::expected<ChildAgreement, ChildRefusal> choose_child(Core& core, const Sa& sa,
                                                         std::span<const wire::Payload> payloads,
                                                         std::string_view profile, const Path& path);
// Appends SA, TSi and TSr for an agreement that we chose as responder.
void add_child_answer(wire::Payloads& payloads, const ChildAgreement& agreement);

// Derives the keys and hands them to the dataplane. Requires: sa is Established, so both AUTH payloads have verified.
void install_child(Core& core, Sa& sa, ChildAgreement agreement, net::View initiator_nonce, net::View responder_nonce);

// Takes one or all Child SAs from the dataplane; the peer is told nothing.
void remove_child(Core& core, Sa& sa, ChildId id, std::string_view reason);
void remove_children(Core& core, Sa& sa, std::string_view reason);

// The soonest end of a child of this SA has come: those that are due are removed and the peer is told.
void on_child_expiry(Core& core, Sa& sa);
// Removes a child and tells the peer by a Delete.
void close_child(Core& core, Sa& sa, ChildId id, std::string_view reason);

}  // namespace culvert::ike::v2
