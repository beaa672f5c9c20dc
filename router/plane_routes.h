// What changed in the routing table, in the words of the dataplane.
#pragma once

#include <vector>

#include "ipsec-dataplane/dataplane.h"
#include "routing/rib/route.h"

namespace culvert::router {

std::vector<dataplane::RouteUpdate> plane_updates(const std::vector<routing::RouteChange>& changes);

}  // namespace culvert::router
