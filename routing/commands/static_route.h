// `ip route`: static routes, one line each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config-store/changes.h"
#include "config-store/registry.h"
#include "routing/rib/rib.h"

namespace culvert::routing {

struct StaticRoute {
  net::Address prefix, mask;
  std::optional<std::string> interface;
  std::optional<net::Address> gateway;  // at least one of the two
  std::optional<std::uint32_t> distance, tag;
  std::optional<std::string> name;
  bool permanent = false;
  bool operator==(const StaticRoute&) const = default;
};

struct StaticRoutes {
  std::vector<StaticRoute> routes;
  bool operator==(const StaticRoutes&) const = default;
};

void define_static_routes(config::Registry& registry);

// Whether an interface is configured with this address.
bool is_own_address(net::Address address, const config::View& view);

std::vector<Route> static_routes(const config::View& configuration);
// Whether a commit changed any of them.
bool touches_static_routes(const config::Changes& changes);

}  // namespace culvert::routing
