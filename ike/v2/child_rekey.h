// Rekeying a Child SA, both roles (RFC 7296 §1.3.3, §2.8, §2.8.1).
//
//   initiator                            responder
//   begin: key if PFS  ->  send   --->   answer: keys, install to receive
//   install, send on it          <---    response
//   Delete of the old            --->    send on the new; the old one drains
//
// Both ends may do so at once. Then there are two new children, and of the four nonces the lowest names the one that
// its initiator deletes; the other initiator deletes the old child. Until then all of them receive.
//
// One more Child SA takes the same way, without an old one to delete.
#pragma once

#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// Initiator. Requires: the SA has no rekey of its own under way, and the child is live.
void begin_child_rekey(Core& core, Sa& sa, Child& child);
// The like for one more Child SA, of what a tunnel on demand wants first (§1.3.1).
void begin_child_creation(Core& core, Sa& sa, const std::string& tunnel);
// Requires: our own rekey is of a child and ready; the window is free.
void send_child_rekey(Core& core, Sa& sa);
void on_child_rekey_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads);
void on_child_rekey_work(Core& core, Sa& sa, Answer& answer);

// Responder.
void answer_child_rekey(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const wire::Notify& rekey,
                        const Path& path);
// The peer wants one more, of any tunnel on demand that it may have with us.
void answer_child_creation(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path);
void on_child_answer_work(Core& core, Sa& sa, Answer& answer);

}  // namespace culvert::ike::v2
