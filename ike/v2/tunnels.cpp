#include "ike/v2/tunnels.h"

#include <algorithm>
#include <utility>

#include "ike/v2/child.h"
#include "ike/v2/ending.h"
#include "ike/v2/init.h"
#include "ike/v2/wants.h"

namespace culvert::ike::v2 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto settled_after = seconds(60);   // a child that lived so long proves that the peer is content
constexpr auto abandoned_after = seconds(3);  // a peer that goes on to IKE_AUTH does so before, and repeats itself
constexpr unsigned failures_max = 6;          // 2^6 s between attempts is the longest wait

// 1, 2, 4 ... 64 s, and up to half of it more, so that two ends that met by chance do not meet for ever.
net::Duration back_off(Core& core, unsigned failures) {
  const net::Duration base = seconds(1LL << std::min(failures, failures_max));
  return base +
         net::Duration(static_cast<std::int64_t>(core.random.below(static_cast<std::uint64_t>(base.count() / 2))));
}

void try_after(Core& core, const std::string& name, net::Duration wait) {
  core.tunnel_schedule.set(name, core.now + wait);
}

template <class F>
void for_each_sa_of(Core& core, std::string_view tunnel, F act) {
  const auto serving = core.sas_of_tunnel.find(tunnel);
  if (serving == core.sas_of_tunnel.end()) return;
  for (const auto spi : serving->second)
    if (auto* sa = core.find(spi)) act(*sa);
}

bool on_demand(const Core& core, std::string_view tunnel) {
  const auto found = core.configuration.tunnels.find(tunnel);
  return found != core.configuration.tunnels.end() && found->second.on_demand;
}

bool of_tunnel(const Child& child, std::string_view tunnel) { return child.tunnel == tunnel; }

// The IKE SA stays, for the children of others.
void close_children(Core& core, Sa& sa, const std::string& tunnel, std::string_view reason) {
  std::vector<ChildId> ids;
  for (const auto& child : sa.established()->children)
    if (of_tunnel(child, tunnel)) ids.push_back(child.id);
  for (const auto id : ids) close_child(core, sa, id, reason);
  const auto& left = sa.established()->children;
  if (sa.tunnel == tunnel) core.serve(sa, left.front().tunnel);
}

// Takes the tunnel from every IKE SA.
void close_all(Core& core, const std::string& name, std::string_view reason) {
  for (const auto& [spi, sa] : core.sas) {
    const auto* state = sa->established();
    const auto count =
        state ? std::ranges::count_if(state->children, [&](auto& one) { return of_tunnel(one, name); }) : 0;
    if (state && std::cmp_less(count, state->children.size())) {
      if (count > 0) close_children(core, *sa, name, reason);
    } else if (count > 0 || (sa->tunnel == name && !sa->gone())) {
      close(core, *sa, reason);
    }
  }
}

// An attempt whose IKE_AUTH has not left may vanish: the peer holds nothing but a half-open SA.
bool can_vanish(const Sa& sa) {
  return sa.initiator && !sa.established() && !std::holds_alternative<AwaitingAuth>(sa.state) &&
         !std::holds_alternative<Closing>(sa.state);
}

bool loses_to(const Origin& a, const Origin& b) {
  return std::pair(a.initiator_spi, a.responder_spi) > std::pair(b.initiator_spi, b.responder_spi);
}

// What names a Child SA at both ends.
auto spis_of(const Child& child) {
  const auto ours = child.inbound.spi();
  return std::pair(std::min(ours, child.outbound_spi), std::max(ours, child.outbound_spi));
}

bool same_selectors(const Child& a, const Child& b) {
  return a.tunnel == b.tunnel && a.local_selectors == b.local_selectors && a.remote_selectors == b.remote_selectors;
}

// Both ends asked for the same at once: of all children for it, the one with the lowest SPIs is kept, and each other is
// let go by the end that initiated it.
void settle_twins(Core& core, const Child& newest) {
  auto twins = children_of(core, newest.tunnel);
  std::erase_if(twins, [&](const auto& twin) {
    return twin.second->stage != ChildStage::live || !same_selectors(*twin.second, newest);
  });
  const auto kept =
      std::ranges::min_element(twins, {}, [](const auto& twin) { return spis_of(*twin.second); })->second->id;
  std::vector<std::pair<Sa*, ChildId>> losers;
  for (const auto& [sa, child] : twins)
    if (child->initiator && child->id != kept) losers.emplace_back(sa, child->id);
  for (const auto& [sa, id] : losers) retire_child(core, *sa, id);
}

// Of two that carry the same tunnel, whether the first is let go: the one that stood when the other was begun, or if
// they crossed, by their SPIs, which both ends see alike.
bool gives_way(const Established& one, const Established& other) {
  if (one.order < other.origin.born) return true;
  if (other.order < one.origin.born) return false;
  const bool crossed = one.origin.initiator != other.origin.initiator;
  return crossed ? loses_to(one.origin, other.origin) : one.order < other.order;
}

bool rekeys(const Established& state) {
  return !std::holds_alternative<std::monostate>(state.own) || !std::holds_alternative<std::monostate>(state.answering);
}

// Without a gap: the tunnel sends on the other SA, and this one receives until the peer has answered the Delete. An SA
// that is left without a child is closed (look_whether_surplus). In the middle of a rekey it is closed at once.
void let_go(Core& core, Sa& loser, const std::string& tunnel) {
  const auto& state = *loser.established();
  if (rekeys(state)) return close(core, loser, "another SA carries the tunnel");
  core.touch(loser);
  std::vector<ChildId> ids;
  for (const auto& child : state.children)
    if (of_tunnel(child, tunnel)) ids.push_back(child.id);
  for (const auto id : ids) {
    send_no_more(core, *find_child(loser, id));
    retire_child(core, loser, id);
  }
}

// Two SAs that crossed, or that followed each other. Whoever initiated the one that is kept knows that both ends hold
// it, and lets the other one go.
void settle_crossing(Core& core, Sa& newest, const std::string& tunnel) {
  std::vector<Sa*> losers;
  for_each_sa_of(core, tunnel, [&](Sa& other) {
    if (&other == &newest || !carries(other, tunnel)) return;
    const auto& theirs = *other.established();
    const auto& ours = *newest.established();
    if (theirs.remote_id != ours.remote_id) return;
    const bool newest_loses = gives_way(ours, theirs);
    if ((newest_loses ? theirs : ours).origin.initiator) losers.push_back(newest_loses ? &newest : &other);
  });
  for (auto* loser : losers)
    if (loser->established()) let_go(core, *loser, tunnel);
}

// The peer gave up what it had begun, for what we began: it will hardly go on to IKE_AUTH. Another host behind the same
// NAT might.
void expect_no_more_of(Core& core, const Sa& sa) {
  if (!sa.initiator || sa.nat.any()) return;
  for (const auto& [order, spi] : core.half_open) {
    auto* other = core.find(spi);
    if (!other || !std::holds_alternative<HalfOpen>(other->state) || other->path != sa.path || other->nat.any())
      continue;
    const auto due = other->timers.due(Timer::half_open);
    other->timers.set(Timer::half_open, std::min(due.value_or(net::Time::max()), core.now + abandoned_after));
    core.touch(*other);
  }
}

}  // namespace

bool carries(const Sa& sa, std::string_view tunnel) {
  const auto* state = sa.established();
  return state && std::ranges::any_of(state->children,
                                      [&](const Child& child) { return stays(child) && child.tunnel == tunnel; });
}

bool carried(const Core& core, std::string_view tunnel) {
  const auto ids = core.children_of_tunnel.find(tunnel);
  return ids != core.children_of_tunnel.end() && std::ranges::any_of(ids->second, [&](ChildId id) {
           const auto owner = core.sas.find(core.owner_of_child.at(id));
           return owner != core.sas.end() && carries(*owner->second, tunnel);
         });
}

void apply(Core& core, const TunnelChange& change) {
  if (change.action != TunnelAction::start) {
    forget_wants(core, change.tunnel);
    core.tunnels.erase(change.tunnel);
    core.tunnel_schedule.set(change.tunnel, std::nullopt);
    close_all(core, change.tunnel, change.action == TunnelAction::stop ? "tunnel is down" : "configuration changed");
  }
  if (change.action != TunnelAction::stop) {
    core.tunnels.try_emplace(change.tunnel);
    if (!on_demand(core, change.tunnel)) core.tunnel_schedule.set(change.tunnel, core.now);
  }
}

void on_tunnel_due(Core& core, const std::string& name) {
  if (on_demand(core, name)) return serve(core, name);
  const auto run = core.tunnels.find(name);
  if (run == core.tunnels.end() || run->second.attempt || carried(core, name)) return;
  for_each_sa_of(core, name, [&](Sa& sa) {
    if (sa.established()) close(core, sa, "it carries no Child SA");
  });
  if (const auto started = start_init(core, name)) {
    run->second.attempt = *started;
    return;
  }
  try_after(core, name, back_off(core, run->second.failures++));
}

void begin_beside(Core& core, const std::string& name) {
  const auto run = core.tunnels.find(name);
  if (run == core.tunnels.end() || run->second.attempt || on_demand(core, name)) return;
  run->second.attempt = start_init(core, name);
}

void on_attempt_failed(Core& core, const Sa& sa) {
  const auto run = core.tunnels.find(sa.tunnel);
  if (run == core.tunnels.end() || run->second.attempt != sa.local_spi) return;
  run->second.attempt.reset();
  if (on_demand(core, sa.tunnel)) return on_peer_failed(core, sa.tunnel);
  if (!carried(core, sa.tunnel)) try_after(core, sa.tunnel, back_off(core, run->second.failures++));
}

void on_child_installed(Core& core, Sa& sa, const std::string& tunnel) {
  const auto run = core.tunnels.find(tunnel);
  if (run == core.tunnels.end()) return;
  run->second.child_since = core.now;
  if (run->second.attempt == sa.local_spi) run->second.attempt.reset();
  if (auto* attempt = run->second.attempt ? core.find(*run->second.attempt) : nullptr;
      attempt && can_vanish(*attempt)) {
    run->second.attempt.reset();
    vanish(core, *attempt);
  }
  if (on_demand(core, tunnel)) {
    drop_met_wants(core, tunnel);
    settle_twins(core, sa.established()->children.back());
    wake_wanting(core);
  } else {
    settle_crossing(core, sa, tunnel);
  }
  expect_no_more_of(core, sa);
  for_each_sa_of(core, tunnel, [&](Sa& other) { look_whether_surplus(core, other, tunnel); });
}

void look_whether_surplus(Core& core, Sa& sa, std::string_view tunnel) {
  constexpr auto soon = seconds(1);
  const auto* state = sa.established();
  if (!state || state->replaced || state->heir_of || !state->children.empty() || !carried(core, tunnel)) return;
  sa.timers.set(Timer::rekey, core.now + soon);
  core.touch(sa);
}

void on_child_removed(Core& core, const std::string& tunnel) {
  const auto run = core.tunnels.find(tunnel);
  if (run == core.tunnels.end() || on_demand(core, tunnel) || carried(core, tunnel)) return;
  if (core.now - run->second.child_since >= settled_after) run->second.failures = 0;
  if (!run->second.attempt) try_after(core, tunnel, back_off(core, run->second.failures++) / 2);
}

}  // namespace culvert::ike::v2
