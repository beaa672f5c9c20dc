// Dead-peer detection: an empty INFORMATIONAL when the peer has been silent, and death when it stays so (§2.4).
//
// Every authenticated IKE message and every ESP packet is a sign of life; signs only note their time, and the timer
// looks at the note when it fires. Periodic probes follow any silence; on-demand probes follow silence that we have
// spoken into.
#pragma once

#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

void start_dpd(Core& core, Sa& sa);
void on_sign_of_life(Core& core, Sa& sa);
void on_dpd_due(Core& core, Sa& sa);
// Asks whether the peer lives, in an INFORMATIONAL that may say something as well. Requires: the request window is
// free.
void send_probe(Core& core, Sa& sa, std::span<const wire::Payload> payloads = {});

}  // namespace culvert::ike::v2
