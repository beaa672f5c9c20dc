// The rows that shows are made of.
#pragma once

#include <vector>

#include "ike/v2/core.h"
#include "ike/views.h"

namespace culvert::ike::v2 {

// In the order of their tunnel IDs.
std::vector<SaView> show(const Core& core, net::Time now);

}  // namespace culvert::ike::v2
