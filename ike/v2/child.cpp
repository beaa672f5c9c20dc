#include "ike/v2/child.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "ike/v2/ending.h"
#include "ike/v2/lifetimes.h"
#include "ike/v2/speak.h"
#include "ike/v2/tunnels.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;
using wire::Side;

constexpr auto drain_for = std::chrono::seconds(5);

// Only one in use may be too idle; one that goes has its own end.
net::Time idle_at(const Child& child) {
  if (child.idle_time_s == 0 || child.stage != ChildStage::live) return net::Time::max();
  return child.used + std::chrono::seconds(child.idle_time_s);
}

net::Time next_of(const Child& child) {
  return std::min({child.expires, child.rekey_at.value_or(child.expires), idle_at(child)});
}

// The key pair of RFC 7296 §2.17 as seen from our end.
struct OwnKeys {
  crypto::DirectionKeys inbound, outbound;
};
OwnKeys derive(const Channel& channel, const EspSuite& suite, const ChildExchange& exchange) {
  auto keys = crypto::child_keys(suite, channel.suite.prf, channel.keys.d, exchange.initiator_nonce,
                                 exchange.responder_nonce, exchange.shared_secret);
  if (exchange.initiator) return {std::move(keys.from_responder), std::move(keys.from_initiator)};
  return {std::move(keys.from_initiator), std::move(keys.from_responder)};
}

InstallSa install_order(const Child& child, OwnKeys keys, std::uint64_t rekey_kb) {
  InstallSa order{.child = child.id,
                  .tunnel = child.tunnel,
                  .inbound_spi = child.inbound.spi(),
                  .outbound_spi = child.outbound_spi,
                  .local = child.path.local.address,
                  .remote = child.path.remote.address,
                  .encryption = child.suite.encryption,
                  .integrity = child.suite.integrity,
                  .inbound = std::move(keys.inbound),
                  .outbound = std::move(keys.outbound),
                  .local_selectors = child.local_selectors,
                  .remote_selectors = child.remote_selectors,
                  .udp = {},
                  .initiator = child.initiator,
                  .receive_only = !child.sends,
                  .lifetime_s = child.lifetime_s,
                  .lifetime_kb = child.lifetime_kb,
                  .rekey_kb = rekey_kb,
                  .extended_sequence_numbers = child.suite.sequence_numbers == SequenceNumbers::extended_64,
                  .replay_window_packets = child.replay_window_packets};
  if (child.encapsulated) order.udp = UdpEncapsulation{child.path.local.port, child.path.remote.port};
  return order;
}

void forget_child(Core& core, const Child& child) {
  const auto of_tunnel = core.children_of_tunnel.find(child.tunnel);
  of_tunnel->second.erase(child.id);
  if (of_tunnel->second.empty()) core.children_of_tunnel.erase(of_tunnel);
}

void announce_removal(Core& core, const Sa& sa, const Child& child, std::string_view reason) {
  ++core.statistics.children_removed;
  core.owner_of_child.erase(child.id);
  forget_child(core, child);
  core.outputs.emplace_back(RemoveSa{child.id, child.tunnel, child.inbound.spi(), child.outbound_spi});
  core.event(EventKind::child_down, sa, fmt::format("{}: {}", child.tunnel, reason));
}

// Whoever the child that goes had replaced is live again. One that was replaced itself leaves nothing behind.
void restore_replaced(Core& core, Established& state, ChildId gone) {
  for (auto& child : state.children) {
    if (child.stage != ChildStage::replaced || child.successor != gone) continue;
    child.stage = ChildStage::live;
    child.successor.reset();
    child.rekey_at = core.now + rekey_retry(core, child.expires - core.now);
  }
}

// Whatever `old` carries, the child can carry.
bool replaces(const Child& child, const Child& old) {
  return child.tunnel == old.tunnel && covers(child.local_selectors, old.local_selectors) &&
         covers(child.remote_selectors, old.remote_selectors);
}

// The last child that sends goes: the newest of those that only receive takes over. False if there is no other.
bool keep_sending(Core& core, const Child& going) {
  Child* newest = nullptr;
  for (const auto& [sa, child] : children_of(core, going.tunnel)) {
    if (child->id == going.id || !replaces(*child, going) || !stays(*child)) continue;
    if (child->sends) return true;
    newest = child;
  }
  if (newest) send_on(core, *newest);
  return newest;
}

// Nobody sends on one that drains, not even for want of another.
void end_draining(Core& core, const std::string& tunnel) {
  if (carried(core, tunnel)) return;
  std::vector<std::pair<Sa*, ChildId>> draining;
  for (const auto& [sa, child] : children_of(core, tunnel))
    if (child->stage == ChildStage::draining) draining.emplace_back(sa, child->id);
  for (const auto& [sa, id] : draining) {
    auto& children = sa->established()->children;
    const auto last = std::ranges::find(children, id, &Child::id);
    const auto child = std::move(*last);
    children.erase(last);
    announce_removal(core, *sa, child, "replaced");
  }
}

}  // namespace

Child* find_child(Sa& sa, ChildId id) {
  auto* state = sa.established();
  if (!state) return nullptr;
  const auto found = std::ranges::find(state->children, id, &Child::id);
  return found == state->children.end() ? nullptr : &*found;
}

std::vector<std::pair<Sa*, Child*>> children_of(Core& core, std::string_view tunnel) {
  std::vector<std::pair<Sa*, Child*>> children;
  const auto ids = core.children_of_tunnel.find(tunnel);
  if (ids == core.children_of_tunnel.end()) return children;
  for (const auto id : ids->second) {
    auto* sa = core.find(core.owner_of_child.at(id));
    if (auto* child = sa ? find_child(*sa, id) : nullptr) children.emplace_back(sa, child);
  }
  return children;
}

void watch_children(Sa& sa) {
  sa.timers.stop(Timer::child);
  const auto& children = sa.established()->children;
  const auto first = std::ranges::min_element(children, {}, next_of);
  if (first != children.end()) sa.timers.set(Timer::child, next_of(*first));
}

void send_on(Core& core, Child& child) {
  if (std::exchange(child.sends, true)) return;
  core.outputs.emplace_back(SendOn{child.id, child.tunnel});
}

void send_no_more(Core& core, Child& child) {
  if (!child.sends || !keep_sending(core, child)) return;
  child.sends = false;
  core.outputs.emplace_back(SendNoMore{child.id, child.tunnel});
}

void move_children(Core& core, Sa& sa) {
  for (auto& child : sa.established()->children) {
    const UdpEncapsulation before{child.path.local.port, child.path.remote.port};
    const UdpEncapsulation after{sa.path.local.port, sa.path.remote.port};
    if (!child.encapsulated || before == after) continue;
    child.path.local.port = after.local_port;
    child.path.remote.port = after.remote_port;
    core.outputs.emplace_back(MoveSa{child.id, child.tunnel, after});
  }
}

ChildId install_child(Core& core, Sa& sa, ChildAgreement agreement, const ChildExchange& exchange, Sending sending) {
  auto* state = sa.established();
  assert(state);
  auto keys = derive(state->channel, agreement.choice.suite, exchange);
  const net::Duration lifetime = std::chrono::seconds(agreement.lifetime_s);
  auto& child = state->children.emplace_back(Child{.id = core.next_child_id(),
                                                   .tunnel = std::move(agreement.tunnel),
                                                   .inbound = std::move(agreement.inbound),
                                                   .outbound_spi = agreement.choice.peer_spi,
                                                   .suite = agreement.choice.suite,
                                                   .local_selectors = std::move(agreement.local_selectors),
                                                   .remote_selectors = std::move(agreement.remote_selectors),
                                                   .path = sa.path,
                                                   .encapsulated = sa.path.local.port == nat_port,
                                                   .lifetime_s = agreement.lifetime_s,
                                                   .lifetime_kb = agreement.lifetime_kb,
                                                   .replay_window_packets = agreement.replay_window_packets,
                                                   .idle_time_s = agreement.idle_time_s,
                                                   .used = core.now,
                                                   .installed = core.now,
                                                   .expires = core.now + lifetime,
                                                   .rekey_at = core.now + rekey_after(core, lifetime),
                                                   .sends = sending == Sending::at_once,
                                                   .initiator = exchange.initiator});
  core.owner_of_child.emplace(child.id, sa.local_spi);
  core.children_of_tunnel[child.tunnel].insert(child.id);
  ++core.statistics.children_installed;
  core.outputs.emplace_back(install_order(child, std::move(keys), rekey_volume(core, child.lifetime_kb)));
  core.event(EventKind::child_up, sa,
             fmt::format("{}: {} in, {} out", child.tunnel, to_string(child.local_selectors.front()),
                         to_string(child.remote_selectors.front())));
  core.touch(sa);
  watch_children(sa);
  return child.id;
}

void remove_child(Core& core, Sa& sa, ChildId id, std::string_view reason) {
  auto& state = *sa.established();
  const auto found = std::ranges::find(state.children, id, &Child::id);
  if (found == state.children.end()) return;
  if (found->sends) keep_sending(core, *found);
  const auto child = std::move(*found);
  state.children.erase(found);
  if (child.stage == ChildStage::live) restore_replaced(core, state, id);
  announce_removal(core, sa, child, reason);
  end_draining(core, child.tunnel);
  watch_children(sa);
  look_whether_surplus(core, sa, child.tunnel);
  core.touch(sa);
  on_child_removed(core, child.tunnel);
}

void remove_children(Core& core, Sa& sa, std::string_view reason) {
  auto* state = sa.established();
  if (!state) return;
  std::set<std::string> tunnels;
  for (const auto& child : std::exchange(state->children, {})) {
    if (child.sends) keep_sending(core, child);
    announce_removal(core, sa, child, reason);
    tunnels.insert(child.tunnel);
  }
  for (const auto& tunnel : tunnels) {
    end_draining(core, tunnel);
    on_child_removed(core, tunnel);
  }
  sa.timers.stop(Timer::child);
  core.touch(sa);
}

void on_child_due(Core& core, Sa& sa) {
  auto* state = sa.established();
  if (!state) return;
  std::vector<ChildId> ended, idle;
  for (auto& child : state->children) {
    if (child.expires <= core.now)
      ended.push_back(child.id);
    else if (idle_at(child) <= core.now)
      idle.push_back(child.id);
    if (!child.rekey_at || *child.rekey_at > core.now) continue;
    child.rekey_at.reset();
    child.rekey_due = child.stage == ChildStage::live;
  }
  for (const auto id : ended) {
    if (!find_child(sa, id)) continue;
    const auto stage = find_child(sa, id)->stage;
    if (stage == ChildStage::deleting || stage == ChildStage::draining) {
      remove_child(core, sa, id, "replaced");
    } else {
      close_child(core, sa, id, "lifetime reached");
    }
  }
  for (const auto id : idle) close_child(core, sa, id, "idle");
  watch_children(sa);
}

void close_child(Core& core, Sa& sa, ChildId id, std::string_view reason) {
  const auto* child = find_child(sa, id);
  if (!child) return;
  sa.established()->farewells.push_back(child->inbound.spi());
  sa.established()->leaving.push_back(child->outbound_spi);
  remove_child(core, sa, id, reason);
  send_farewell(core, sa);
}

void retire_child(Core& core, Sa& sa, ChildId id) {
  auto* child = find_child(sa, id);
  if (!child || child->stage == ChildStage::deleting || child->stage == ChildStage::draining) return;
  child->stage = ChildStage::deleting;
  child->rekey_at.reset();
  child->rekey_due = false;
  sa.established()->farewells.push_back(child->inbound.spi());
  watch_children(sa);
  send_farewell(core, sa);
}

void on_retired(Core& core, Sa& sa) {
  auto& state = *sa.established();
  if (state.farewells.empty()) state.leaving.clear();
  std::vector<ChildId> retired;
  for (const auto& child : state.children)
    if (child.stage == ChildStage::deleting &&
        std::ranges::find(state.farewells, child.inbound.spi()) == state.farewells.end())
      retired.push_back(child.id);
  for (const auto id : retired) remove_child(core, sa, id, "replaced");
}

void on_deleted_by_peer(Core& core, Sa& sa, ChildId id) {
  auto* child = find_child(sa, id);
  if (!child || !stays(*child)) return remove_child(core, sa, id, "the peer deleted it");
  if (child->stage == ChildStage::live) {
    restore_replaced(core, *sa.established(), id);
    send_no_more(core, *child);
    if (child->sends) return remove_child(core, sa, id, "the peer deleted it");
  } else if (auto* successor = child->successor ? find_child(sa, *child->successor) : nullptr) {
    send_on(core, *successor);
    core.statistics.child_rekeys += !successor->initiator;  // if it is ours, it has been counted
  }
  child->stage = ChildStage::draining;
  child->expires = std::min(child->expires, core.now + drain_for);
  child->rekey_at.reset();
  watch_children(sa);
}

}  // namespace culvert::ike::v2
