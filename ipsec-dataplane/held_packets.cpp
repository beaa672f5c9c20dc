#include "ipsec-dataplane/held_packets.h"

#include <algorithm>
#include <cassert>

namespace culvert::dataplane {

std::size_t HeldPackets::count(InterfaceIndex entry) const {
  const auto found = counts_.find(entry);
  return found == counts_.end() ? 0 : found->second;
}

InterfaceIndex HeldPackets::fullest() const {
  assert(!counts_.empty());
  return std::ranges::max_element(counts_, {}, [](const auto& one) { return one.second; })->first;
}

HeldPackets::Place HeldPackets::victim(const HeldPacket& newcomer) {
  const auto entry = count(newcomer.entry) > 0 ? newcomer.entry : fullest();
  const auto same_source = std::ranges::find_if(
      held_, [&](const auto& held) { return held.entry == entry && held.flow.source == newcomer.flow.source; });
  return same_source != held_.end() ? same_source : std::ranges::find(held_, entry, &HeldPacket::entry);
}

HeldPacket HeldPackets::remove(Place place) {
  auto packet = std::move(*place);
  held_.erase(place);
  if (--counts_[packet.entry] == 0) counts_.erase(packet.entry);
  return packet;
}

std::optional<HeldPacket> HeldPackets::hold(HeldPacket packet) {
  std::optional<HeldPacket> given_up;
  if (count(packet.entry) >= of_entry_max || held_.size() >= all_max) given_up = remove(victim(packet));
  ++counts_[packet.entry];
  held_.push_back(std::move(packet));
  return given_up;
}

bool HeldPackets::request(net::Time now, InterfaceIndex entry, const FlowKey& flow) {
  while (!requests_.empty() && requests_.front().at + request_interval <= now) requests_.pop_front();
  const auto asked = [&](const Request& one) { return one.entry == entry && one.flow == flow; };
  if (std::ranges::any_of(requests_, asked)) return false;
  if (requests_.size() == requests_max) requests_.pop_front();
  requests_.push_back({entry, flow, now});
  return true;
}

void HeldPackets::forget_request(InterfaceIndex entry, const FlowKey& flow) {
  std::erase_if(requests_, [&](const Request& one) { return one.entry == entry && one.flow == flow; });
}

std::vector<HeldPacket> HeldPackets::take(InterfaceIndex entry, const std::function<bool(const HeldPacket&)>& wanted) {
  std::vector<HeldPacket> taken;
  for (auto at = held_.begin(); at != held_.end();) {
    const auto place = at++;
    if (place->entry != entry || !wanted(*place)) continue;
    taken.push_back(remove(place));
    forget_request(entry, taken.back().flow);
  }
  return taken;
}

std::vector<HeldPacket> HeldPackets::take_all(InterfaceIndex entry) {
  return take(entry, [](const HeldPacket&) { return true; });
}

std::vector<HeldPacket> HeldPackets::timeout(net::Time now) {
  std::vector<HeldPacket> taken;
  while (!held_.empty() && held_.front().since + age_max <= now) taken.push_back(remove(held_.begin()));
  return taken;
}

std::optional<net::Time> HeldPackets::deadline() const {
  if (held_.empty()) return std::nullopt;
  return held_.front().since + age_max;
}

}  // namespace culvert::dataplane
