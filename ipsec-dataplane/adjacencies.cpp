#include "ipsec-dataplane/adjacencies.h"

#include <algorithm>
#include <cassert>

namespace culvert::dataplane {

// One place each, the rest one by one to whoever lacks most of its part.
FlowShares shares_of(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& weighted) {
  FlowShares places{};
  assert(!weighted.empty() && weighted.size() <= places.size());
  std::vector<std::uint64_t> taken(weighted.size(), 1);
  for (auto left = places.size() - weighted.size(); left-- > 0;) {
    std::size_t poorest = 0;
    for (std::size_t i = 1; i < weighted.size(); ++i)
      if (taken[i] * weighted[poorest].second < taken[poorest] * weighted[i].second) poorest = i;
    ++taken[poorest];
  }
  auto* to = places.data();
  for (std::size_t i = 0; i < weighted.size(); ++i) to = std::fill_n(to, taken[i], weighted[i].first);
  return places;
}

std::uint16_t Adjacencies::new_index() {
  std::uint16_t index = 0;
  if (!free_->empty()) {
    index = free_->back();
    free_->pop_back();
  } else if (slots_.size() <= Fib::next_hop_max) {
    index = static_cast<std::uint16_t>(slots_.size());
    slots_.emplace_back();
  }
  fresh_ = fresh_ || index != 0;
  return index;
}

std::uint16_t Adjacencies::hold(const AdjacencyKey& key) {
  if (const auto known = find(key); known != 0) {
    hold_again(known);
    return known;
  }
  const auto index = new_index();
  if (index == 0) return 0;
  slots_[index] = {1, key};
  return keys_[key] = index;
}

std::uint16_t Adjacencies::hold(const Shares& shares) {
  if (const auto known = shared_.find(shares); known != shared_.end()) {
    hold_again(known->second);
    return known->second;
  }
  Several several{shares, {}};
  for (const auto& [key, weight] : shares)
    if (const auto member = hold(key); member != 0) several.members.emplace_back(member, weight);
  const auto index = several.members.size() == shares.size() ? new_index() : std::uint16_t{0};
  if (index == 0) {
    for (const auto& [member, _] : several.members) release(member);
    return 0;
  }
  slots_[index] = {1, std::move(several)};
  return shared_[shares] = index;
}

void Adjacencies::release(std::uint16_t index) {
  if (index == 0 || --slots_[index].holders > 0) return;
  const auto gone = std::move(slots_[index].what);
  if (const auto* several = std::get_if<Several>(&gone)) {
    shared_.erase(several->key);
    for (const auto& [member, _] : several->members) release(member);
  } else {
    keys_.erase(std::get<AdjacencyKey>(gone));
  }
  after_grace_([free = free_, index] { free->push_back(index); });
}

std::uint16_t Adjacencies::find(const AdjacencyKey& key) const {
  const auto known = keys_.find(key);
  return known == keys_.end() ? std::uint16_t{0} : known->second;
}

void Adjacencies::each(const std::function<void(const AdjacencyKey&, std::uint16_t)>& take) const {
  for (const auto& [key, index] : keys_) take(key, index);
}

void Adjacencies::each_shared(const std::function<void(const FlowShares&, std::uint16_t)>& take) const {
  for (const auto& [_, index] : shared_) take(shares_of(std::get<Several>(slots_[index].what).members), index);
}

}  // namespace culvert::dataplane
