// Child SAs on demand: what packets ask for, and what a peer's narrower answer left out (RFC 7296 §2.9).
//
// A tunnel on demand keeps what it wants as offers, in order. They are made one after the other on the newest IKE SA
// with the peer; where there is none, the first goes along with IKE_AUTH. A want ends when a Child SA covers it or the
// peer refuses it: the next packet asks again.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// A packet has no Child SA. Ignored where the tunnel does not carry it, or what it needs is wanted already.
void want(Core& core, std::string_view tunnel, const SelectorPair& packet);

// Starts what the tunnel wants: on an IKE SA that stands, else on a new one.
void serve(Core& core, const std::string& tunnel);
// Has every tunnel that wants something served, once this call is over.
void wake_wanting(Core& core);
// A tunnel that wants a Child SA on this IKE SA rather than on another.
std::optional<std::string> tunnel_that_wants(const Core& core, const Sa& sa);
// What to offer for the tunnel now: what it wants first, or all that one Child SA of it may carry.
ChildSelectors first_offer(const Core& core, const Tunnel& tunnel);

// The tunnel's peer cannot be reached: the next of its peers is tried. When all have failed, nothing is wanted until a
// packet asks again.
void on_peer_failed(Core& core, const std::string& tunnel);
// A child has come, whoever asked for it: what it covers is no longer wanted.
void drop_met_wants(Core& core, const std::string& tunnel);
// A Child SA came of this offer. Of a tunnel whose pairs share one, the pairs that the peer left out are wanted next.
void on_want_met(Core& core, const std::string& tunnel, const ChildSelectors& offer);
// The peer refused the offer, with these payloads if with any.
void on_want_refused(Core& core, Sa& sa, const std::string& tunnel, const ChildSelectors& offer,
                     std::span<const wire::Payload> payloads);
// Asks again in a while.
void want_later(Core& core, const std::string& tunnel);
void forget_wants(Core& core, const std::string& tunnel);

}  // namespace culvert::ike::v2
