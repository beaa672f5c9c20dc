// How an IKE SA ends: given up in negotiation, closed orderly by a Delete, or found dead (RFC 7296 §1.4.1, §2.4,
// §2.21).
#pragma once

#include <string_view>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// How long an SA that the peer has closed still repeats its last response.
constexpr auto linger_for = std::chrono::seconds(30);

// Our request was sent as often as patience allows, and nobody answered.
void on_unanswered(Core& core, Sa& sa, const Purpose& purpose);

// Forgets an SA at once and in silence. Requires: nothing is installed for it.
void vanish(Core& core, Sa& sa);
// Ends a negotiation. The peer is told nothing; a tunnel that this was the attempt of tries again later.
void abort(Core& core, Sa& sa, std::string_view reason);
// Ends an established SA at once, without a word to the peer: it is dead, or has forgotten.
void drop(Core& core, Sa& sa, std::string_view reason);
// Removes the Child SAs, then tells the peer by a Delete as soon as the window allows, and is Gone when it has
// answered. An SA still in negotiation is abandoned; one whose IKE_AUTH or rekey of the
// IKE SA is in flight is closed when the answer comes, with what that made.
void close(Core& core, Sa& sa, std::string_view reason);
// The responder did not prove who it is: tells it so in an exchange of its own (§2.21.2). Requires: AwaitingAuth.
void refuse_responder(Core& core, Sa& sa, std::string_view reason);
// Nothing is left but to repeat the response just sent: to the peer's Delete, or the refusal of its IKE_AUTH.
void linger(Core& core, Sa& sa, std::string_view reason);

// Closes an IKE SA that another has replaced, or that was redundant from the start. The log hears nothing.
void retire(Core& core, Sa& sa);
// Sends the Delete that is owed, if one is and the window is free.
void send_farewell(Core& core, Sa& sa);

}  // namespace culvert::ike::v2
