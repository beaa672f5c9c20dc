// From a datagram to the concern it is for: framing, versions, SPIs, message windows, protection (RFC 7296 §2.2 to
// §2.5, §2.21, §3.1). Nothing before the integrity check changes an SA's state.
#pragma once

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

void receive(Core& core, const Path& path, net::View datagram);
// A message under protection of an SA that has keys. `message` is without the non-ESP marker.
void receive_protected(Core& core, Sa& sa, net::View message, const Path& path);

}  // namespace culvert::ike::v2
