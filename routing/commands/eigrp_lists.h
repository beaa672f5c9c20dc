// The lines of `router eigrp` that name access lists, and what they mean to an engine.
#pragma once

#include <vector>

#include "config-store/leaf.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/eigrp_rows.h"

namespace culvert::routing {

std::vector<config::LeafDefinition> eigrp_list_leaves();
void take_lists(eigrp::Configuration& into, const EigrpRow& row, const FilterOf& filter_of);

}  // namespace culvert::routing
