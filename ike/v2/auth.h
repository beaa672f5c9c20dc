// IKE_AUTH: who the ends are, proved by pre-shared keys, and the first Child SA (RFC 7296 §1.2, §2.15, §2.21.2).
//
// An SA becomes Established here and nowhere else, and only after the peer's AUTH payload has verified: the initiator's
// at the responder, the responder's at the initiator.
#pragma once

#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// Initiator: sends the request.
void start_auth(Core& core, Sa& sa, Exchanged exchanged, Channel channel);
// Initiator: the response, opened with the SA's keys. Requires: AwaitingAuth.
void on_auth_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path);
// Responder: the request, opened with the SA's keys. Requires: Authenticating.
void on_auth_request(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path);

}  // namespace culvert::ike::v2
