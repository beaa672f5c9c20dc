// `bandwidth` and `delay`: what an interface is said to be worth, for routing protocols and for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config-store/registry.h"
#include "routing/eigrp/metric.h"
#include "routing/interfaces/interface_table.h"

namespace culvert::routing {

struct LinkCostRow {
  std::string interface;
  std::optional<std::uint32_t> bandwidth_kbps, delay_10us;
};

void define_link_costs(config::Registry& registry);

// What an interface costs: the usual of its kind, but for what is configured.
eigrp::LinkMetric link_cost(const Interface& interface, const std::optional<LinkCostRow>& configured);

}  // namespace culvert::routing
