// CREATE_CHILD_SA: which exchange a message belongs to, and when ours may begin (RFC 7296 §1.3, §2.25).
//
// Only tunnels on demand have further Child SAs beside the first; for others they are refused with NO_ADDITIONAL_SAS.
#pragma once

#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// A request whose ID is due, opened with the SA's keys. Requires: Established.
void on_create_child_request(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path);
// The response to our own. Requires: Established.
void on_create_child_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads);
// Slow work of a rekey is done: of the peer's, or of our own. Requires: Established.
void on_rekey_answer(Core& core, Sa& sa, bool for_peer, Answer answer);
// Begins the next rekey that is due, and sends the request that is ready, if the window is free. Harmless at any time.
void begin_what_is_due(Core& core, Sa& sa);

}  // namespace culvert::ike::v2
