#include "ike/v2/child_agreement.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ike/v2/speak.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;
using wire::Side;

ChildAgreement agreement_of(SpiLease inbound, const EspChoice& choice, const TunnelTerms& terms,
                            ChildSelectors selectors) {
  // Extended numbers that were offered before the window was switched off keep the least of windows.
  const bool extended = choice.suite.sequence_numbers == SequenceNumbers::extended_64;
  const auto window = terms.ipsec->replay_window_packets;
  return {.inbound = std::move(inbound),
          .choice = choice,
          .local_selectors = std::move(selectors.local),
          .remote_selectors = std::move(selectors.remote),
          .tunnel = terms.tunnel->name,
          .lifetime_s = terms.ipsec->lifetime_s,
          .lifetime_kb = terms.ipsec->lifetime_kb,
          .replay_window_packets = extended && window == 0 ? 64 : window,
          .idle_time_s = terms.ipsec->idle_time_s};
}

// The offer of a request as we see it.
std::optional<ChildSelectors> selectors_in(std::span<const wire::Payload> payloads) {
  const auto* tsi = wire::find_selectors(payloads, Side::initiator);
  const auto* tsr = wire::find_selectors(payloads, Side::responder);
  if (!tsi || !tsr) return std::nullopt;
  return ChildSelectors{.local = tsr->selectors, .remote = tsi->selectors};
}

// What the Child SAs of the tunnel may carry. Where one Child SA is to take all pairs, every combination of them.
std::vector<SelectorPair> permitted_pairs(const Tunnel& tunnel) {
  auto policy = tunnel.policy();
  if (tunnel.level != SaLevel::multi) return policy;
  const auto all = all_of(policy);
  for (const auto& local : all.local)
    for (const auto& remote : all.remote) policy.push_back({local, remote});
  return policy;
}

ChildRefusal nothing_in_common() { return {NotifyType::ts_unacceptable, "no traffic selector in common"}; }

bool is_host(const TrafficSelector& selector) { return selector.start == selector.end; }

// What we answer to an offer. Where each two hosts have a Child SA, their selectors must come first.
std::expected<Narrowed, ChildRefusal> answer_to(const Tunnel& tunnel, ChildSelectors offer) {
  const bool per_host = tunnel.level == SaLevel::per_host;
  if (per_host && !(is_host(offer.local.front()) && is_host(offer.remote.front())))
    return std::unexpected(ChildRefusal{NotifyType::single_pair_required, "the peer offers more than two hosts"});
  if (per_host) offer = {{offer.local.front()}, {offer.remote.front()}};
  auto narrowed = narrow(permitted_pairs(tunnel), offer);
  if (!narrowed) return std::unexpected(nothing_in_common());
  return std::move(*narrowed);
}

// Tunnels that carry everything cannot be told apart by an offer.
bool ambiguous(std::span<const TunnelTerms> candidates) {
  return std::ranges::count_if(candidates, [](const TunnelTerms& one) { return one.tunnel->pairs.empty(); }) > 1;
}

}  // namespace

void add_child_offer(wire::Payloads& payloads, const ChildSelectors& selectors, std::span<const TransformSet> sets,
                     std::uint32_t inbound_spi, std::optional<Group> group) {
  payloads.push_back(offer_esp(sets, inbound_spi, group));
  payloads.push_back(wire::TrafficSelectors{Side::initiator, selectors.local});
  payloads.push_back(wire::TrafficSelectors{Side::responder, selectors.remote});
}

std::expected<ChildAgreement, std::string> accept_child_answer(std::span<const wire::Payload> payloads,
                                                               const TunnelTerms& terms,
                                                               const ChildSelectors& selectors,
                                                               std::span<const TransformSet> offered, SpiLease inbound,
                                                               std::optional<Group> group) {
  for (const auto& payload : payloads) {
    const auto* refused = std::get_if<wire::Notify>(&payload);
    if (refused && wire::is_error(refused->type))
      return std::unexpected(fmt::format("the peer refused the Child SA: {}", describe(refused->type)));
  }
  const auto* answer = wire::find<wire::SecurityAssociation>(payloads);
  const auto* tsi = wire::find_selectors(payloads, Side::initiator);
  const auto* tsr = wire::find_selectors(payloads, Side::responder);
  if (!answer || !tsi || !tsr) return std::unexpected("the peer's answer has no Child SA");
  const auto choice = accepted_esp(offer_esp(offered, inbound.spi(), group), *answer);
  if (!choice || choice->peer_spi <= reserved_spi_max)
    return std::unexpected("the peer chose a Child SA that was not offered");
  if (tsi->selectors.empty() || tsr->selectors.empty() || !covers(selectors.local, tsi->selectors) ||
      !covers(selectors.remote, tsr->selectors))
    return std::unexpected("the peer's traffic selectors exceed those offered");
  return agreement_of(std::move(inbound), *choice, terms, {tsi->selectors, tsr->selectors});
}

std::expected<TunnelTerms, ChildRefusal> choose_tunnel(Core& core, const Sa& sa,
                                                       std::span<const wire::Payload> payloads,
                                                       std::string_view profile, const Path& path) {
  const auto candidates = tunnels_for(core.configuration, profile, path);
  if (candidates.empty())
    return std::unexpected(
        ChildRefusal{NotifyType::ts_unacceptable, fmt::format("no tunnel from {} to {} uses IKEv2 profile {}",
                                                              path.local.address, path.remote.address, profile)});
  if (ambiguous(candidates)) {
    auto reason = fmt::format("{} and {} have the same addresses and IKEv2 profile", candidates[0].tunnel->name,
                              candidates[1].tunnel->name);
    core.event(EventKind::configuration, sa, reason);
    return std::unexpected(ChildRefusal{NotifyType::ts_unacceptable, std::move(reason)});
  }
  if (candidates.size() == 1) return candidates.front();
  const auto offer = selectors_in(payloads);
  if (!offer || offer->local.empty() || offer->remote.empty()) return std::unexpected(nothing_in_common());
  const auto permits_first = [&](const TunnelTerms& one) {
    return permits(permitted_pairs(*one.tunnel), offer->local.front(), offer->remote.front());
  };
  const auto permits_some = [&](const TunnelTerms& one) {
    return narrow(permitted_pairs(*one.tunnel), *offer).has_value();
  };
  auto chosen = std::ranges::find_if(candidates, permits_first);
  if (chosen == candidates.end()) chosen = std::ranges::find_if(candidates, permits_some);
  if (chosen == candidates.end()) return std::unexpected(nothing_in_common());
  return *chosen;
}

std::expected<ChildAgreement, ChildRefusal> choose_child_of(Core& core, const TunnelTerms& terms,
                                                            std::span<const wire::Payload> payloads,
                                                            const PfsRule& pfs) {
  const auto* offered = wire::find<wire::SecurityAssociation>(payloads);
  auto offer = selectors_in(payloads);
  if (!offered || !offer)
    return std::unexpected(ChildRefusal{NotifyType::no_proposal_chosen, "no Child SA was asked for"});
  const auto choice = choose_esp(*offered, transform_sets_of(core.configuration, *terms.ipsec), pfs);
  if (!choice || choice->peer_spi <= reserved_spi_max)
    return std::unexpected(ChildRefusal{NotifyType::no_proposal_chosen, "no transform set in common"});
  if (offer->local.empty() || offer->remote.empty()) return std::unexpected(nothing_in_common());
  auto narrowed = answer_to(*terms.tunnel, std::move(*offer));
  if (!narrowed) return std::unexpected(narrowed.error());
  auto agreement =
      agreement_of(SpiLease::draw(core.child_spis, core.random), *choice, terms, std::move(narrowed->selectors));
  agreement.others_possible = narrowed->others_possible;
  return agreement;
}

bool permitted(const Tunnel& tunnel, const ChildAgreement& agreement) {
  return permits(permitted_pairs(tunnel), {agreement.local_selectors, agreement.remote_selectors});
}

void add_child_answer(wire::Payloads& payloads, const ChildAgreement& agreement) {
  payloads.push_back(answer_esp(agreement.choice, agreement.inbound.spi()));
  payloads.push_back(wire::TrafficSelectors{Side::initiator, agreement.remote_selectors});
  payloads.push_back(wire::TrafficSelectors{Side::responder, agreement.local_selectors});
  if (agreement.others_possible) payloads.push_back(notify(NotifyType::additional_ts_possible));
}

}  // namespace culvert::ike::v2
