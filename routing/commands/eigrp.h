// EIGRP's part of the configuration: `router eigrp`, what interfaces say about it, and what follows for the engines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config-store/registry.h"
#include "net/time.h"
#include "routing/eigrp/engine.h"
#include "routing/interfaces/interface_table.h"
#include "routing/rib/rib.h"

namespace culvert::routing {

void define_eigrp(config::Registry& registry);
void define_eigrp_interfaces(config::Registry& registry);

// What an access list says of routes; nullopt: there is none of this name, or it is empty, and every route passes.
using FilterOf = std::function<std::optional<eigrp::Filter>(const std::string& list)>;

// What each process is told, by their numbers; those that are shut down are left out. Keys are those valid at `now`.
std::vector<eigrp::Configuration> eigrp_configurations(const config::View& configuration, net::WallTime now,
                                                       const FilterOf& filter_of);

// All interfaces, as the engines want them.
std::vector<eigrp::Interface> eigrp_interfaces(const InterfaceTable& table, const config::View& configuration);
// The connected and static routes in use.
std::vector<eigrp::ForeignRoute> foreign_routes(const Rib& rib);

}  // namespace culvert::routing
