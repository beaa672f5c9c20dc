// `bandwidth` and `delay`: what an interface is said to be worth, for routing protocols and for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config-store/registry.h"

namespace culvert::routing {

struct LinkCostRow {
  std::string interface;
  std::optional<std::uint32_t> bandwidth_kbps, delay_10us;
};

void define_link_costs(config::Registry& registry);

}  // namespace culvert::routing
