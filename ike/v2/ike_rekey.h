// Rekeying an IKE SA, both roles (RFC 7296 §1.3.2, §2.8.2, §2.18).
//
// The new IKE SA inherits identities and children of the old; the dataplane notices nothing. The initiator of the rekey
// deletes the old SA. Where both ends rekey at once, the new SA that the peer made waits as heir until our own exchange
// has ended, and then one of them inherits: the lowest of the four nonces names the other, which its maker deletes.
#pragma once

#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// Whether our own rekey of the IKE SA is before the peer's eyes.
bool in_flight(const Established& state);
// Whether we are rekeying or closing a child: then the peer may not rekey the IKE SA, nor do we (§2.25.1).
bool busy_with_children(const Sa& sa);

// Initiator. Requires: the SA has no rekey of its own under way.
void begin_ike_rekey(Core& core, Sa& sa);
// Requires: our own rekey is of the IKE SA and ready; the window is free.
void send_ike_rekey(Core& core, Sa& sa);
void on_ike_rekey_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads);
void on_ike_rekey_work(Core& core, Sa& sa, Answer& answer);

// Responder.
void answer_ike_rekey(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path);
void on_ike_answer_work(Core& core, Sa& sa, Answer& answer);

// Our own rekey of `old` has come to nothing: if there is an heir of the peer's making, it inherits now.
void yield_to_rival(Core& core, Sa& old);
// The peer uses an heir as the survivor, so it is. Requires: `heir` is Established and an heir.
void claim_inheritance(Core& core, Sa& heir);

}  // namespace culvert::ike::v2
