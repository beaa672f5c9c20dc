// Routing that IOS has and Culvert does not: each command is answered by a sentence that says so.
#pragma once

#include "config-store/registry.h"

namespace culvert::routing {

void define_refusals(config::Registry& registry);

}  // namespace culvert::routing
