// What a routing protocol learned, in the words of the routing table.
#pragma once

#include "routing/eigrp/engine.h"
#include "routing/rib/route.h"

namespace culvert::router {

// Routes that follow each other with the same path share it.
routing::RouteBatch learned_routes(const routing::Origin& origin, const routing::eigrp::RouteBatch& batch);

}  // namespace culvert::router
