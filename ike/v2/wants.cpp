#include "ike/v2/wants.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ike/v2/child.h"
#include "ike/v2/create_child.h"
#include "ike/v2/init.h"
#include "ike/v2/lookup.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;

constexpr std::size_t wanted_max = 64;
constexpr auto later = std::chrono::seconds(2);

const SelectorPair* line_of(std::span<const SelectorPair> policy, const SelectorPair& packet) {
  const auto found = std::ranges::find_if(policy, [&](const SelectorPair& line) {
    return covers(line.local, packet.local) && covers(line.remote, packet.remote);
  });
  return found == policy.end() ? nullptr : &*found;
}

// The line's protocol and ports, between two addresses.
TrafficSelector host_of(const TrafficSelector& line, const net::Address& address) {
  auto host = line;
  host.start = host.end = address;
  return host;
}

// The packet's own selectors come first, so that the peer keeps them in (§2.9).
void put_first(std::vector<TrafficSelector>& selectors, const TrafficSelector& packet) {
  if (selectors.front() != packet) selectors.insert(selectors.begin(), packet);
}

// What to offer for a packet; nullopt where the tunnel does not carry it.
std::optional<ChildSelectors> offer_for(const Tunnel& tunnel, SaLevel level, const SelectorPair& packet) {
  const auto policy = tunnel.policy();
  const auto* line = line_of(policy, packet);
  if (!line) return std::nullopt;
  if (level == SaLevel::per_host)
    return ChildSelectors{{host_of(line->local, packet.local.start)}, {host_of(line->remote, packet.remote.start)}};
  auto offer = level == SaLevel::multi ? all_of(policy) : ChildSelectors{{line->local}, {line->remote}};
  if (!covers(offer, packet)) offer = {{line->local}, {line->remote}};  // more pairs than one Child SA can name
  put_first(offer.local, packet.local);
  put_first(offer.remote, packet.remote);
  return offer;
}

SaLevel level_of(const Tunnel& tunnel, const TunnelRun& run) {
  return run.single_pairs && tunnel.level == SaLevel::multi ? SaLevel::per_pair : tunnel.level;
}

// An SA that carries what is wanted, or soon will: of this tunnel, not about to go.
bool has_child_for(Core& core, std::string_view tunnel, const SelectorPair& pair) {
  return std::ranges::any_of(children_of(core, tunnel), [&](const auto& entry) {
    const Child& child = *entry.second;
    return stays(child) && covers({child.local_selectors, child.remote_selectors}, pair);
  });
}

void add_want(Core& core, const std::string& tunnel, TunnelRun& run, ChildSelectors offer) {
  if (run.wanted.size() >= wanted_max) return;
  run.wanted.push_back(std::move(offer));
  core.wanting.insert(tunnel);
}

bool reaches(const TunnelTerms& terms, const Path& path) {
  return terms.tunnel->local == path.local.address && terms.tunnel->has_remote(path.remote.address);
}

bool can_carry(const Sa& sa, const TunnelTerms& terms) {
  const auto* state = sa.established();
  return state && !state->replaced && !state->heir_of && state->doomed.empty() &&
         state->profile == terms.profile->name && reaches(terms, sa.path);
}

// The SAs with any of the tunnel's peers.
std::vector<Sa*> with_its_peers(const Core& core, const Tunnel& tunnel) {
  std::vector<Sa*> all;
  for (const auto& remote : tunnel.remotes()) std::ranges::copy(core.sas_with(remote), std::back_inserter(all));
  return all;
}

// The newest IKE SA on which the tunnel can have a Child SA.
Sa* carrier_of(const Core& core, const TunnelTerms& terms) {
  Sa* newest = nullptr;
  for (auto* sa : with_its_peers(core, *terms.tunnel))
    if (can_carry(*sa, terms) && (!newest || newest->established()->order < sa->established()->order)) newest = sa;
  return newest;
}

// Another tunnel of the same IKE SA-to-be has begun already.
bool being_reached(const Core& core, const TunnelTerms& terms) {
  return std::ranges::any_of(with_its_peers(core, *terms.tunnel), [&](const Sa* sa) {
    if (!sa->initiator || sa->established() || std::holds_alternative<Closing>(sa->state)) return false;
    const auto other = resolve_tunnel(core.configuration, sa->tunnel);
    return other && other->tunnel->on_demand && other->profile == terms.profile && reaches(terms, sa->path);
  });
}

void drop_want(Core& core, const std::string& tunnel, TunnelRun& run, const ChildSelectors& offer) {
  std::erase(run.wanted, offer);
  if (run.wanted.empty()) core.wanting.erase(tunnel);
}

// The first selectors of an offer: those of the packet that asked.
SelectorPair asked_for(const ChildSelectors& offer) { return {offer.local.front(), offer.remote.front()}; }

// From now on each pair has a Child SA of its own; that of the packet comes first.
void split_into_pairs(Core& core, const Tunnel& tunnel, TunnelRun& run, const SelectorPair& packet) {
  run.single_pairs = true;
  if (auto offer = offer_for(tunnel, SaLevel::per_pair, packet)) add_want(core, tunnel.name, run, std::move(*offer));
  for (const auto& line : tunnel.policy())
    if (!covers(line.local, packet.local) || !covers(line.remote, packet.remote))
      add_want(core, tunnel.name, run, {{line.local}, {line.remote}});
}

bool wants_single_pairs(std::span<const wire::Payload> payloads) {
  return wire::find_notify(payloads, NotifyType::single_pair_required) != nullptr;
}

}  // namespace

void want(Core& core, std::string_view tunnel, const SelectorPair& packet) {
  const auto run = core.tunnels.find(tunnel);
  const auto terms = resolve_tunnel(core.configuration, tunnel);
  if (run == core.tunnels.end() || !terms || !terms->tunnel->on_demand || has_child_for(core, tunnel, packet)) return;
  const auto same = [&](const ChildSelectors& offer) { return covers(offer, packet); };
  if (std::ranges::any_of(run->second.wanted, same)) return;
  auto offer = offer_for(*terms->tunnel, level_of(*terms->tunnel, run->second), packet);
  if (!offer) return;
  add_want(core, run->first, run->second, std::move(*offer));
  serve(core, run->first);
}

void serve(Core& core, const std::string& tunnel) {
  const auto run = core.tunnels.find(tunnel);
  if (run == core.tunnels.end() || run->second.wanted.empty()) return;
  const auto terms = resolve_tunnel(core.configuration, tunnel);
  if (!terms) return forget_wants(core, tunnel);
  if (auto* carrier = carrier_of(core, *terms)) return begin_what_is_due(core, *carrier);
  if (run->second.attempt || being_reached(core, *terms)) return;
  run->second.attempt = start_init(core, tunnel);
  if (!run->second.attempt) on_peer_failed(core, tunnel);
}

void on_peer_failed(Core& core, const std::string& tunnel) {
  auto& run = core.tunnels.find(tunnel)->second;
  if (++run.remote >= core.configuration.tunnels.find(tunnel)->second.remotes().size()) {
    run.remote = 0;
    forget_wants(core, tunnel);
  }
  wake_wanting(core);
}

void drop_met_wants(Core& core, const std::string& tunnel) {
  const auto run = core.tunnels.find(tunnel);
  if (run == core.tunnels.end()) return;
  std::erase_if(run->second.wanted,
                [&](const ChildSelectors& offer) { return has_child_for(core, tunnel, asked_for(offer)); });
  if (run->second.wanted.empty()) core.wanting.erase(tunnel);
}

void wake_wanting(Core& core) {
  for (const auto& name : core.wanting) core.tunnel_schedule.set(name, core.now);
}

std::optional<std::string> tunnel_that_wants(const Core& core, const Sa& sa) {
  for (const auto& name : core.wanting) {
    if (core.tunnels.find(name)->second.not_before > core.now) continue;
    const auto terms = resolve_tunnel(core.configuration, name);
    if (terms && can_carry(sa, *terms) && carrier_of(core, *terms) == &sa) return name;
  }
  return std::nullopt;
}

ChildSelectors first_offer(const Core& core, const Tunnel& tunnel) {
  const auto run = core.tunnels.find(tunnel.name);
  if (run != core.tunnels.end() && !run->second.wanted.empty()) return run->second.wanted.front();
  const auto policy = tunnel.policy();
  return tunnel.level == SaLevel::multi ? all_of(policy) : ChildSelectors{{policy[0].local}, {policy[0].remote}};
}

void on_want_met(Core& core, const std::string& tunnel, const ChildSelectors& offer) {
  const auto run = core.tunnels.find(tunnel);
  const auto terms = resolve_tunnel(core.configuration, tunnel);
  if (run == core.tunnels.end() || !terms || !terms->tunnel->on_demand) return;
  run->second.remote = 0;
  drop_want(core, tunnel, run->second, offer);
  if (terms->tunnel->level == SaLevel::multi)
    for (const auto& line : terms->tunnel->policy()) {
      const ChildSelectors single{{line.local}, {line.remote}};
      if (covers(offer, line) && offer != single && !has_child_for(core, tunnel, line))
        add_want(core, tunnel, run->second, single);
    }
  wake_wanting(core);
}

void on_want_refused(Core& core, Sa&, const std::string& tunnel, const ChildSelectors& offer,
                     std::span<const wire::Payload> payloads) {
  const auto run = core.tunnels.find(tunnel);
  if (run == core.tunnels.end()) return;
  drop_want(core, tunnel, run->second, offer);
  const auto terms = resolve_tunnel(core.configuration, tunnel);
  const bool splits = terms && terms->tunnel->level == SaLevel::multi && !run->second.single_pairs;
  if (splits && wants_single_pairs(payloads)) split_into_pairs(core, *terms->tunnel, run->second, asked_for(offer));
  wake_wanting(core);
}

void want_later(Core& core, const std::string& tunnel) {
  const auto run = core.tunnels.find(tunnel);
  if (run == core.tunnels.end()) return;
  run->second.not_before = core.now + later;
  core.tunnel_schedule.set(tunnel, run->second.not_before);
}

void forget_wants(Core& core, const std::string& tunnel) {
  core.wanting.erase(tunnel);
  if (const auto run = core.tunnels.find(tunnel); run != core.tunnels.end()) run->second.wanted.clear();
}

}  // namespace culvert::ike::v2
