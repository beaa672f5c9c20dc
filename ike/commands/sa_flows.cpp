#include "ike/commands/sa_flows.h"

#include <algorithm>
#include <utility>

namespace culvert::ike {
namespace {

struct Placed {
  std::size_t place;  // in the policy
  SaFlow flow;
};

std::vector<TrafficSelector> or_any(std::vector<TrafficSelector> selectors) {
  if (selectors.empty()) selectors.push_back(TrafficSelector::any(net::Family::ipv4));
  return selectors;
}

// Without those that another covers, such as the packet's own that began an offer.
std::vector<TrafficSelector> widest(const std::vector<TrafficSelector>& selectors) {
  std::vector<TrafficSelector> kept;
  for (const auto& one : selectors) {
    if (covers(kept, std::vector{one})) continue;
    std::erase_if(kept, [&](const TrafficSelector& other) { return covers(one, other); });
    kept.push_back(one);
  }
  return or_any(std::move(kept));
}

bool is_within(const ChildSelectors& child, const SelectorPair& pair) {
  return covers(std::vector{pair.local}, child.local) && covers(std::vector{pair.remote}, child.remote);
}

// The pairs that a flow carries whole, and where the first that it has to do with stands.
Placed placed(const std::vector<SelectorPair>& policy, SaFlow flow) {
  const ChildSelectors child{flow.local, flow.remote};
  auto place = policy.size();
  for (std::size_t i = 0; i < policy.size(); ++i) {
    const bool whole = covers(child, policy[i]);
    if (whole) flow.pairs.push_back(policy[i]);
    if (whole || is_within(child, policy[i])) place = std::min(place, i);
  }
  if (flow.pairs.empty()) flow.pairs.push_back({flow.local.front(), flow.remote.front()});
  return {place, std::move(flow)};
}

std::vector<SaFlow> carried(const std::vector<const IpsecSaRow*>& rows) {
  std::vector<SaFlow> flows;
  for (const auto* row : rows) {
    SaFlow flow{widest(row->child.local_selectors), widest(row->child.remote_selectors), {}, {}};
    auto known = std::ranges::find_if(
        flows, [&](const SaFlow& other) { return other.local == flow.local && other.remote == flow.remote; });
    if (known == flows.end()) known = flows.insert(flows.end(), std::move(flow));
    known->rows.push_back(row);
  }
  return flows;
}

bool is_met(const std::vector<Placed>& flows, const SelectorPair& pair) {
  return std::ranges::any_of(flows, [&](const Placed& placed) {
    const ChildSelectors child{placed.flow.local, placed.flow.remote};
    return covers(child, pair) || is_within(child, pair);
  });
}

SaFlow whole_tunnel(std::vector<const IpsecSaRow*> rows) {
  SaFlow flow;
  if (!rows.empty()) {
    flow.local = rows.back()->child.local_selectors;
    flow.remote = rows.back()->child.remote_selectors;
  }
  flow.local = or_any(std::move(flow.local));
  flow.remote = or_any(std::move(flow.remote));
  flow.pairs = {{flow.local.front(), flow.remote.front()}};
  flow.rows = std::move(rows);
  return flow;
}

}  // namespace

std::vector<SaFlow> flows_of(const ProtectedTunnel& tunnel, const std::vector<IpsecSaRow>& sas) {
  std::vector<const IpsecSaRow*> rows;
  for (const auto& row : sas)
    if (row.child.tunnel == tunnel.name) rows.push_back(&row);
  if (tunnel.crypto_map.empty()) return {whole_tunnel(std::move(rows))};

  std::vector<Placed> flows;
  for (auto& flow : carried(rows)) flows.push_back(placed(tunnel.pairs, std::move(flow)));
  for (std::size_t i = 0; i < tunnel.pairs.size(); ++i)
    if (const auto& pair = tunnel.pairs[i]; !is_met(flows, pair))
      flows.push_back({i, {{pair.local}, {pair.remote}, {pair}, {}}});
  std::ranges::stable_sort(flows, {}, &Placed::place);
  std::vector<SaFlow> sorted;
  for (auto& one : flows) sorted.push_back(std::move(one.flow));
  return sorted;
}

}  // namespace culvert::ike
