// Destinations that stay ACTIVE (RFC 7868 §4.4.1): after half the active time those that owe a REPLY are asked whether
// they still work on it; who does not answer, or is not done after three such questions, is reset.
#include <algorithm>

#include <fmt/format.h>

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {
namespace {

constexpr std::uint8_t sia_queries_max = 3;

}  // namespace

void Core::schedule_sia(net::Time now, Entry& entry) {
  if (!configuration_.active_time_s) return;
  entry.active->sia_due = now + std::chrono::seconds(*configuration_.active_time_s) / 2;
  sia_.emplace(entry.active->sia_due, entry.prefix);
}

void Core::press_active(net::Time now) {
  std::vector<NeighborId> stuck;
  while (!sia_.empty() && sia_.begin()->first <= now) {
    const auto [due, prefix] = *sia_.begin();
    sia_.erase(sia_.begin());
    auto* entry = topology_.find(prefix);
    if (entry && entry->active && entry->active->sia_due == due) press(now, *entry, stuck);
  }
  go_down(now, stuck, "stuck in active", true);
}

void Core::press(net::Time now, Entry& entry, std::vector<NeighborId>& stuck) {
  for (auto& awaited : entry.active->awaited) {
    auto* neighbor = find_neighbor(awaited.neighbor);
    if (!neighbor || neighbor->stub) continue;
    const bool silent = awaited.sia_queries > 0 && !awaited.sia_answered;
    if (silent || awaited.sia_queries == sia_queries_max) {
      if (std::ranges::find(stuck, awaited.neighbor) != stuck.end()) continue;
      stuck.push_back(awaited.neighbor);
      say(EventKind::stuck_in_active,
          fmt::format("Route {} stuck-in-active, no reply from {}. Cleaning up", entry.prefix, neighbor->address));
      continue;
    }
    ++awaited.sia_queries;
    awaited.sia_answered = false;
    neighbor->sia_queries.push_back(entry.prefix);
  }
  schedule_sia(now, entry);
}

void Core::hear_sia_reply(Entry& entry, const Neighbor& neighbor) {
  for (auto& awaited : entry.active->awaited)
    if (awaited.neighbor == neighbor.id) awaited.sia_answered = true;
}

}  // namespace culvert::routing::eigrp
