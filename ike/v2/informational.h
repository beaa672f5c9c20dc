// INFORMATIONAL: deletes, liveness, and whatever else a peer may say once it is known (RFC 7296 §1.4, §2.4).
#pragma once

#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// A request whose ID is due, opened with the SA's keys.
void on_informational(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path);

}  // namespace culvert::ike::v2
