#include "routing/rib/next_hop_groups.h"

namespace culvert::routing {

NextHopGroup NextHopGroups::of(NextHops hops) {
  if (hops.empty()) return nullptr;
  if (groups_.size() > 2 * swept_ + 64) sweep();
  auto& group = groups_[hops];
  if (!group) group = new SharedNextHops(std::move(hops));
  return group;
}

void NextHopGroups::sweep() {
  std::erase_if(groups_, [](const auto& known) { return known.second->use_count() == 1; });
  swept_ = groups_.size();
}

}  // namespace culvert::routing
