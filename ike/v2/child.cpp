#include "ike/v2/child.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "ike/v2/ending.h"
#include "ike/v2/speak.h"
#include "ike/v2/tunnels.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;
using wire::Side;

void watch_expiry(Sa& sa) {
  sa.timers.stop(Timer::child);
  const auto& children = sa.established()->children;
  const auto first = std::ranges::min_element(children, {}, &Child::expires);
  if (first != children.end()) sa.timers.set(Timer::child, first->expires);
}

// The key pair of RFC 7296 §2.17 as seen from our end.
struct OwnKeys {
  crypto::DirectionKeys inbound, outbound;
};
OwnKeys derive(const Channel& channel, const EspSuite& suite, bool initiator, net::View ni, net::View nr) {
  auto keys = crypto::child_keys(suite, channel.suite.prf, channel.keys.d, ni, nr);
  if (initiator) return {std::move(keys.from_responder), std::move(keys.from_initiator)};
  return {std::move(keys.from_initiator), std::move(keys.from_responder)};
}

InstallSa install_order(const Child& child, OwnKeys keys) {
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
                  .lifetime_s = child.lifetime_s,
                  .lifetime_kb = child.lifetime_kb};
  if (child.encapsulated) order.udp = UdpEncapsulation{child.path.local.port, child.path.remote.port};
  return order;
}

void announce_removal(Core& core, const Sa& sa, const Child& child, std::string_view reason) {
  ++core.statistics.children_removed;
  core.owner_of_child.erase(child.id);
  core.outputs.emplace_back(RemoveSa{child.id, child.tunnel, child.inbound.spi(), child.outbound_spi});
  core.event(EventKind::child_down, sa, fmt::format("{}: {}", child.tunnel, reason));
}

}  // namespace

std::vector<TrafficSelector> tunnel_selectors(const Tunnel& tunnel) {
  return {TrafficSelector::any(tunnel.local.family())};
}

void add_child_offer(wire::Payloads& payloads, const TunnelTerms& terms, std::span<const TransformSet> sets,
                     std::uint32_t inbound_spi) {
  payloads.push_back(offer_esp(sets, inbound_spi));
  payloads.push_back(wire::TrafficSelectors{Side::initiator, tunnel_selectors(*terms.tunnel)});
  payloads.push_back(wire::TrafficSelectors{Side::responder, tunnel_selectors(*terms.tunnel)});
}

std::expected<ChildAgreement, std::string> accept_child_answer(std::span<const wire::Payload> payloads,
                                                               const TunnelTerms& terms,
                                                               std::span<const TransformSet> offered,
                                                               SpiLease inbound) {
  for (const auto& payload : payloads) {
    const auto* refused = std::get_if<wire::Notify>(&payload);
    if (refused && wire::is_error(refused->type))
      return std::unexpected(fmt::format("the peer refused the Child SA: {}", describe(refused->type)));
  }
  const auto* answer = wire::find<wire::SecurityAssociation>(payloads);
  const auto* tsi = wire::find_selectors(payloads, Side::initiator);
  const auto* tsr = wire::find_selectors(payloads, Side::responder);
  if (!answer || !tsi || !tsr) return std::unexpected("the peer's answer has no Child SA");
  const auto choice = accepted_esp(offer_esp(offered, inbound.spi()), *answer);
  if (!choice || choice->peer_spi == 0) return std::unexpected("the peer chose a Child SA that was not offered");
  const auto policy = tunnel_selectors(*terms.tunnel);
  if (tsi->selectors.empty() || tsr->selectors.empty() || !covers(policy, tsi->selectors) ||
      !covers(policy, tsr->selectors))
    return std::unexpected("the peer's traffic selectors exceed those offered");
  return ChildAgreement{std::move(inbound), *choice, tsi->selectors, tsr->selectors, terms};
}

std::expected<ChildAgreement, ChildRefusal> choose_child(Core& core, const Sa& sa,
                                                         std::span<const wire::Payload> payloads,
                                                         std::string_view profile, const Path& path) {
  const auto* offered = wire::find<wire::SecurityAssociation>(payloads);
  const auto* tsi = wire::find_selectors(payloads, Side::initiator);
  const auto* tsr = wire::find_selectors(payloads, Side::responder);
  if (!offered || !tsi || !tsr)
    return std::unexpected(ChildRefusal{NotifyType::no_proposal_chosen, "no Child SA was asked for"});
  const auto candidates = tunnels_for(core.configuration, profile, path);
  if (candidates.empty())
    return std::unexpected(
        ChildRefusal{NotifyType::ts_unacceptable, fmt::format("no tunnel from {} to {} uses IKEv2 profile {}",
                                                              path.local.address, path.remote.address, profile)});
  if (candidates.size() > 1) {
    auto reason = fmt::format("{} and {} have the same addresses and IKEv2 profile", candidates[0].tunnel->name,
                              candidates[1].tunnel->name);
    core.event(EventKind::configuration, sa, reason);
    return std::unexpected(ChildRefusal{NotifyType::ts_unacceptable, std::move(reason)});
  }
  const auto& terms = candidates.front();
  const auto choice = choose_esp(*offered, transform_sets_of(core.configuration, *terms.ipsec));
  if (!choice || choice->peer_spi == 0)
    return std::unexpected(ChildRefusal{NotifyType::no_proposal_chosen, "no transform set in common"});
  const auto policy = tunnel_selectors(*terms.tunnel);
  auto local = narrow(tsr->selectors, policy);
  auto remote = narrow(tsi->selectors, policy);
  if (local.empty() || remote.empty())
    return std::unexpected(ChildRefusal{NotifyType::ts_unacceptable, "no traffic selector in common"});
  return ChildAgreement{SpiLease::draw(core.child_spis, core.random), *choice, std::move(local), std::move(remote),
                        terms};
}

void add_child_answer(wire::Payloads& payloads, const ChildAgreement& agreement) {
  payloads.push_back(answer_esp(agreement.choice, agreement.inbound.spi()));
  payloads.push_back(wire::TrafficSelectors{Side::initiator, agreement.remote_selectors});
  payloads.push_back(wire::TrafficSelectors{Side::responder, agreement.local_selectors});
}

void install_child(Core& core, Sa& sa, ChildAgreement agreement, net::View initiator_nonce, net::View responder_nonce) {
  auto* state = sa.established();
  assert(state);
  auto keys = derive(state->channel, agreement.choice.suite, sa.initiator, initiator_nonce, responder_nonce);
  const auto& ipsec = *agreement.terms.ipsec;
  auto& child = state->children.emplace_back(Child{.id = core.next_child_id(),
                                                   .tunnel = agreement.terms.tunnel->name,
                                                   .inbound = std::move(agreement.inbound),
                                                   .outbound_spi = agreement.choice.peer_spi,
                                                   .suite = agreement.choice.suite,
                                                   .local_selectors = std::move(agreement.local_selectors),
                                                   .remote_selectors = std::move(agreement.remote_selectors),
                                                   .path = sa.path,
                                                   .encapsulated = sa.path.local.port == nat_port,
                                                   .lifetime_s = ipsec.lifetime_s,
                                                   .lifetime_kb = ipsec.lifetime_kb,
                                                   .installed = core.now,
                                                   .expires = core.now + std::chrono::seconds(ipsec.lifetime_s),
                                                   .initiator = sa.initiator});
  core.owner_of_child.emplace(child.id, sa.local_spi);
  ++core.statistics.children_installed;
  core.outputs.emplace_back(install_order(child, std::move(keys)));
  core.event(EventKind::child_up, sa,
             fmt::format("{}: {} in, {} out", child.tunnel, to_string(child.local_selectors.front()),
                         to_string(child.remote_selectors.front())));
  watch_expiry(sa);
  on_child_installed(core, sa, std::string(child.tunnel));
}

void remove_child(Core& core, Sa& sa, ChildId id, std::string_view reason) {
  auto& children = sa.established()->children;
  const auto found = std::ranges::find(children, id, &Child::id);
  if (found == children.end()) return;
  const auto child = std::move(*found);
  children.erase(found);
  watch_expiry(sa);
  core.touch(sa);
  announce_removal(core, sa, child, reason);
  on_child_removed(core, child.tunnel);
}

void remove_children(Core& core, Sa& sa, std::string_view reason) {
  auto* state = sa.established();
  while (state && !state->children.empty()) remove_child(core, sa, state->children.back().id, reason);
}

void on_child_expiry(Core& core, Sa& sa) {
  auto* state = sa.established();
  if (!state) return;
  std::vector<ChildId> due;
  for (const auto& child : state->children)
    if (child.expires <= core.now) due.push_back(child.id);
  for (const auto id : due) close_child(core, sa, id, "lifetime reached");
}

void close_child(Core& core, Sa& sa, ChildId id, std::string_view reason) {
  auto* state = sa.established();
  const auto found = std::ranges::find(state->children, id, &Child::id);
  if (found == state->children.end()) return;
  state->farewells.push_back(found->inbound.spi());
  remove_child(core, sa, id, reason);
  send_farewell(core, sa);
}

}  // namespace culvert::ike::v2
