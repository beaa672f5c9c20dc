// Access lists as filters of routes: `distribute-list`, `offset-list`.
//
// A standard list compares the route's network with its source. An extended one compares it with its destination, and
// who tells the route with its source; entries that ask for anything of packets match no route.
#pragma once

#include <optional>
#include <string>

#include "config-store/view.h"
#include "routing/eigrp/configuration.h"

namespace culvert::router {

// nullopt: there is no list of this name, or it has no entries, and everything passes.
std::optional<routing::eigrp::Filter> route_filter(const config::View& configuration, const std::string& list);

}  // namespace culvert::router
