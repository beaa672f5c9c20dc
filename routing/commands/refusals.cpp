// Refusals are leaves that hold nothing.
#include "routing/commands/refusals.h"

#include "config-store/definition.h"

namespace culvert::routing {

namespace {
struct Nothing {
  bool operator==(const Nothing&) const = default;
};
}  // namespace

void define_refusals(config::Registry& registry) {
  registry.add(config::global<Nothing>(
      {.table = "routing_refusals",
       .leaves = {config::refuse("router eigrp <number:u32(1-65535)>",
                                 {.help = {"Enable a routing process",
                                           "Enhanced Interior Gateway Routing Protocol (EIGRP)", "Autonomous System"},
                                  .text = "% EIGRP is not supported: use ip route"})}}));
}

}  // namespace culvert::routing
