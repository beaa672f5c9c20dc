#include "routing/commands/link_cost.h"

#include "config-store/definition.h"

namespace culvert::routing {

void define_link_costs(config::Registry& registry) {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(
      config::leaf("bandwidth <kbps:u32(1-10000000)>", &LinkCostRow::bandwidth_kbps,
                   {.help = {"Set bandwidth informational parameter", "Bandwidth in kilobits"}, .order = 12}));
  leaves.push_back(config::leaf(
      "delay <tens:u32(1-16777215)>", &LinkCostRow::delay_10us,
      {.help = {"Specify interface throughput delay", "Throughput delay (tens of microseconds)"}, .order = 45}));
  registry.add(config::extend<LinkCostRow>(
      "interface", {.table = "interface_cost", .key = &LinkCostRow::interface, .leaves = std::move(leaves)}));
}

}  // namespace culvert::routing
