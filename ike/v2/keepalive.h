// NAT keepalives: a lone 0xFF every twenty seconds from the end that sits behind the NAT (RFC 3948 §2.3, §4).
#pragma once

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

void start_keepalive(Core& core, Sa& sa);
void on_keepalive_due(Core& core, Sa& sa);

}  // namespace culvert::ike::v2
