// IKE_SA_INIT: suites, keys and nonces, in the clear (RFC 7296 §1.2, §2.6, §2.7, §2.10, §2.14).
//
// Nothing here is authenticated. An error in a response is a hint, not a verdict: the initiator keeps waiting for a
// better answer until its patience ends. The responder refuses without state, and keeps state only for a request that
// it can go on with.
#pragma once

#include <optional>
#include <string>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// Begins an attempt for a tunnel that is up. nullopt where the configuration does not suffice; an event says why.
std::optional<Spi> start_init(Core& core, const std::string& tunnel);

void on_init_request(Core& core, const wire::Message& message, net::View datagram, const Path& path);
// Requires: the SPI and the path are those of the SA, which we initiated.
void on_init_response(Core& core, Sa& sa, const wire::Message& message, net::View datagram, const Path& path);

// The slow work of an SA is done.
void on_answer(Core& core, Sa& sa, Answer answer);

// The responder met the first IKE_AUTH request: keys are made now, the request waits for them. Requires: HalfOpen.
void derive_for(Core& core, Sa& sa, net::View datagram, const Path& path);

}  // namespace culvert::ike::v2
