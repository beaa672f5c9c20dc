#include "ike/v2/child_rekey.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ike/v2/child.h"
#include "ike/v2/child_agreement.h"
#include "ike/v2/ending.h"
#include "ike/v2/ike_rekey.h"
#include "ike/v2/lifetimes.h"
#include "ike/v2/lookup.h"
#include "ike/v2/rekey_parts.h"
#include "ike/v2/tunnels.h"
#include "ike/v2/wants.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;

constexpr std::size_t children_max = 4096;  // of one IKE SA, that the peer can make us hold

// ---- Initiator

ChildRekey& own_rekey(Sa& sa) { return std::get<ChildRekey>(sa.established()->own); }

// Ends our own rekey, whatever becomes of the child.
ChildRekey take_own(Core& core, Sa& sa) {
  core.forget(sa.asked);
  auto own = std::move(own_rekey(sa));
  sa.established()->own = std::monostate();
  return own;
}

Child* old_of(Sa& sa, const ChildRekey& own) { return own.old ? find_child(sa, *own.old) : nullptr; }

void try_later(Core& core, Sa& sa, std::optional<ChildId> id) {
  auto* child = id ? find_child(sa, *id) : nullptr;
  if (!child || child->stage != ChildStage::live) return;
  const auto left = child->expires - core.now;
  child->rekey_due = false;
  child->rekey_at = core.now + rekey_retry(core, left);
  watch_children(sa);
  replace_if_late(core, child->tunnel, left, child->lifetime_s);
}

// One more Child SA is not to be had, now or ever.
void on_creation_refused(Core& core, Sa& sa, const ChildRekey& own, NotifyType why,
                         std::span<const wire::Payload> payloads) {
  if (why == NotifyType::temporary_failure) return out_of_step(core, sa) ? void() : want_later(core, own.tunnel);
  core.event(EventKind::child_failed, sa, fmt::format("the peer refused the Child SA: {}", describe(why)));
  on_want_refused(core, sa, own.tunnel, own.selectors, payloads);
}

void on_refused(Core& core, Sa& sa, NotifyType why, std::span<const wire::Payload> payloads) {
  const auto own = take_own(core, sa);
  if (!own.old) return on_creation_refused(core, sa, own, why, payloads);
  const auto* old = find_child(sa, *own.old);
  if (!old || old->stage != ChildStage::live) return;  // it has been rekeyed or deleted meanwhile: nothing is lost
  if (why == NotifyType::child_sa_not_found) return remove_child(core, sa, *own.old, "the peer does not know it");
  if (why == NotifyType::no_additional_sas) return close(core, sa, "the peer makes no further SAs");
  if (why == NotifyType::temporary_failure) {
    if (out_of_step(core, sa)) return;
  } else {
    core.event(EventKind::child_failed, sa, fmt::format("the peer refused the rekey: {}", describe(why)));
  }
  try_later(core, sa, own.old);
}

// The peer has made a child that we cannot use: it is deleted, and the old one lives on.
void abandon(Core& core, Sa& sa, std::string_view reason, std::uint32_t inbound_spi) {
  const auto own = take_own(core, sa);
  core.event(EventKind::child_failed, sa, std::string(reason));
  sa.established()->farewells.push_back(inbound_spi);
  if (!own.old) return on_want_refused(core, sa, own.tunnel, own.selectors, {});
  try_later(core, sa, own.old);
}

bool as_wide(const ChildAgreement& agreement, const Child& old) {
  return covers(agreement.local_selectors, old.local_selectors) &&
         covers(agreement.remote_selectors, old.remote_selectors);
}

std::expected<ChildAgreement, std::string> read_answer(Core& core, Sa& sa, ChildRekey& own,
                                                       std::span<const wire::Payload> payloads) {
  const auto terms = resolve_tunnel(core.configuration, own.tunnel);
  if (!terms) return std::unexpected(terms.error());
  if (!wire::find<wire::Nonce>(payloads)) return std::unexpected("the peer's answer has no nonce");
  if (own.group && !fits(wire::find<wire::KeyExchange>(payloads), *own.group))
    return std::unexpected("the peer's answer has no KE payload of the group asked for");
  auto agreement = accept_child_answer(payloads, *terms, own.selectors, own.offered, std::move(own.inbound), own.group);
  const auto* old = old_of(sa, own);
  if (agreement && std::ranges::find(own.deleted_unknown, agreement->choice.peer_spi) != own.deleted_unknown.end())
    return std::unexpected("the peer has deleted the Child SA already");
  if (agreement && old && !as_wide(*agreement, *old)) return std::unexpected("the peer narrowed the Child SA");
  return agreement;
}

// What the peer's exchange made, or what has replaced that since.
bool has_another(const Sa& sa, const ChildRekey& own) {
  return std::ranges::any_of(sa.established()->children, [&](const Child& child) {
    return child.tunnel == own.tunnel && child.id != own.old && child.stage == ChildStage::live &&
           covers(child.local_selectors, own.selectors.local) && covers(child.remote_selectors, own.selectors.remote);
  });
}

// The configuration may be another one since we offered.
bool still_permitted(const Core& core, const ChildRekey& own) {
  const auto terms = resolve_tunnel(core.configuration, own.tunnel);
  return terms && permitted(*terms->tunnel, *own.agreement);
}

// Installs what the exchange made. Of two exchanges that crossed, the one with the lowest nonce goes again at once.
void complete(Core& core, Sa& sa, const net::Secret* shared_secret) {
  if (!still_permitted(core, own_rekey(sa)))
    return abandon(core, sa, "the configuration changed meanwhile", own_rekey(sa).agreement->inbound.spi());
  auto own = take_own(core, sa);
  const auto& lowest = lower_nonce(own.nonce, own.peer_nonce);
  const bool lost = own.rival && lowest < own.rival->lowest_nonce && has_another(sa, own);
  const auto fresh = install_child(core, sa, std::move(*own.agreement),
                                   {.initiator = true,
                                    .initiator_nonce = own.nonce,
                                    .responder_nonce = own.peer_nonce,
                                    .shared_secret = shared_secret},
                                   lost ? Sending::when_peer_holds_it : Sending::at_once);
  sa.established()->refused_since.reset();
  if (lost) return retire_child(core, sa, fresh);
  if (!own.old) {
    on_child_installed(core, sa, own.tunnel);
    return on_want_met(core, own.tunnel, own.selectors);
  }
  ++core.statistics.child_rekeys;
  auto* rival = own.rival ? find_child(sa, own.rival->made) : nullptr;
  if (rival && rival->stage == ChildStage::live) {
    rival->stage = ChildStage::replaced;
    rival->successor = fresh;
    rival->rekey_at.reset();
    rival->rekey_due = false;
  }
  // Without the old one the tunnel may have gone elsewhere meanwhile.
  if (!find_child(sa, *own.old)) return on_child_installed(core, sa, own.tunnel);
  retire_child(core, sa, *own.old);
}

// ---- Responder

// The groups that a rekey may use: the one configured for forward secrecy, or else any that our IKE proposals permit.
PfsRule pfs_rule(const Core& core, const TunnelTerms& terms, const wire::KeyExchange* ke) {
  PfsRule rule{.required = terms.ipsec->pfs.has_value(), .sent = ke ? group_of(ke->group) : std::nullopt};
  if (rule.required) {
    rule.groups = {*terms.ipsec->pfs};
  } else {
    rule.groups = groups_of(offer_ike(proposals_for(core.configuration, terms.tunnel->local)));
  }
  return rule;
}

wire::Notify not_found(const wire::Notify& rekey) {
  return {.protocol = wire::ProtocolId::esp, .type = NotifyType::child_sa_not_found, .spi = rekey.spi, .data = {}};
}

// What the peer wants to rekey, or the notify that says why not (§2.25.1).
std::expected<Child*, wire::Notify> wanted_child(Sa& sa, const wire::Notify& rekey) {
  auto& state = *sa.established();
  const auto spi = rekey.child_spi();
  const auto found = std::ranges::find_if(state.children, [&](const Child& child) {
    return spi && child.outbound_spi == *spi && child.stage != ChildStage::draining;
  });
  if (spi && std::ranges::find(state.leaving, *spi) != state.leaving.end())
    return std::unexpected(notify(NotifyType::temporary_failure));
  if (rekey.protocol != wire::ProtocolId::esp || found == state.children.end())
    return std::unexpected(not_found(rekey));
  if (found->stage != ChildStage::live || in_flight(state))
    return std::unexpected(notify(NotifyType::temporary_failure));
  return &*found;
}

std::unexpected<wire::Notify> refused(Core& core, const Sa& sa, NotifyType type, std::string reason) {
  core.event(EventKind::child_failed, sa, std::move(reason));
  return std::unexpected(notify(type));
}

// With `old`, for its rekey; without, for one more.
std::expected<ChildAgreement, wire::Notify> agree(Core& core, Sa& sa, const TunnelTerms& terms, const Child* old,
                                                  std::span<const wire::Payload> payloads) {
  const auto* ke = wire::find<wire::KeyExchange>(payloads);
  auto agreement = choose_child_of(core, terms, payloads, pfs_rule(core, terms, ke));
  if (!agreement) return refused(core, sa, agreement.error().notify, agreement.error().reason);
  if (old && !as_wide(*agreement, *old))
    return refused(core, sa, NotifyType::ts_unacceptable, "the rekey would narrow the Child SA");
  const auto group = agreement->choice.suite.group;
  if (group && (!ke || ke->group != static_cast<std::uint16_t>(*group))) return std::unexpected(wrong_group(*group));
  if (group && !fits(ke, *group))
    return refused(core, sa, NotifyType::invalid_syntax, "a KE payload of the wrong length");
  return std::move(*agreement);
}

// The peer has rekeyed what we were about to: ours is dropped if nobody has heard of it, else both are remembered.
void note_rival(Core& core, Sa& sa, const ChildAnswer& answer, ChildId made) {
  auto* own = std::get_if<ChildRekey>(&sa.established()->own);
  if (!own || own->old != answer.old) return;
  if (own->stage == RekeyStage::making_key || own->stage == RekeyStage::ready) {
    take_own(core, sa);
    return;
  }
  ++core.statistics.rekey_collisions;
  own->rival = {lower_nonce(answer.initiator_nonce, answer.responder_nonce), made};
}

wire::Payloads response_to(const ChildAnswer& answer) {
  wire::Payloads payloads;
  add_child_answer(payloads, answer.agreement);
  payloads.insert(payloads.begin() + 1, wire::Nonce{answer.responder_nonce});
  if (const auto group = answer.agreement.choice.suite.group)
    payloads.insert(payloads.begin() + 2, wire::KeyExchange{static_cast<std::uint16_t>(*group), answer.own_public});
  return payloads;
}

// Installs the new child to receive, then answers. The old one is sent on until the peer deletes it (§2.8).
void finish_rekey(Core& core, Sa& sa, ChildAnswer answer, const net::Secret* shared_secret) {
  const auto* old = find_child(sa, *answer.old);
  if (!old || old->stage != ChildStage::live || in_flight(*sa.established()))
    return refuse(core, sa, notify(NotifyType::temporary_failure), answer.path);
  const auto response = response_to(answer);
  const auto fresh = install_child(core, sa, std::move(answer.agreement),
                                   {.initiator = false,
                                    .initiator_nonce = answer.initiator_nonce,
                                    .responder_nonce = answer.responder_nonce,
                                    .shared_secret = shared_secret},
                                   Sending::when_peer_holds_it);
  auto& replaced = *find_child(sa, *answer.old);
  replaced.stage = ChildStage::replaced;
  replaced.successor = fresh;
  replaced.rekey_at.reset();
  replaced.rekey_due = false;
  watch_children(sa);
  note_rival(core, sa, answer, fresh);
  send_response(core, sa, wire::ExchangeType::create_child_sa, response, answer.path);
}

// The peer's one more: it may be sent on as soon as the peer has our response.
void finish_creation(Core& core, Sa& sa, ChildAnswer answer, const net::Secret* shared_secret) {
  const auto terms = resolve_tunnel(core.configuration, answer.agreement.tunnel);
  if (!terms || !permitted(*terms->tunnel, answer.agreement) || in_flight(*sa.established()))
    return refuse(core, sa, notify(NotifyType::temporary_failure), answer.path);
  const auto response = response_to(answer);
  const auto tunnel = answer.agreement.tunnel;
  install_child(core, sa, std::move(answer.agreement),
                {.initiator = false,
                 .initiator_nonce = answer.initiator_nonce,
                 .responder_nonce = answer.responder_nonce,
                 .shared_secret = shared_secret});
  send_response(core, sa, wire::ExchangeType::create_child_sa, response, answer.path);
  on_child_installed(core, sa, tunnel);
}

void finish(Core& core, Sa& sa, ChildAnswer answer, const net::Secret* shared_secret) {
  sa.established()->answering = std::monostate();
  return answer.old ? finish_rekey(core, sa, std::move(answer), shared_secret)
                    : finish_creation(core, sa, std::move(answer), shared_secret);
}

// Goes on with what was agreed: a Diffie-Hellman first, if there is to be one.
void answer_with(Core& core, Sa& sa, std::optional<ChildId> old, ChildAgreement agreement,
                 std::span<const wire::Payload> payloads, const Path& path) {
  const auto group = agreement.choice.suite.group;
  ChildAnswer answer{.path = path,
                     .old = old,
                     .agreement = std::move(agreement),
                     .initiator_nonce = wire::find<wire::Nonce>(payloads)->value,
                     .responder_nonce = new_nonce(core),
                     .peer_public = {},
                     .own_public = {}};
  if (!group) return finish(core, sa, std::move(answer), nullptr);
  answer.peer_public = wire::find<wire::KeyExchange>(payloads)->value;
  sa.established()->answering = std::move(answer);
  core.ask_for_peer(sa, GenerateKey{*group});
}

// Starts our exchange; it is sent when its key is made and the window is free.
void begin(Core& core, Sa& sa, const TunnelTerms& terms, std::optional<ChildId> old, ChildSelectors selectors) {
  ChildRekey own{.old = old,
                 .tunnel = terms.tunnel->name,
                 .selectors = std::move(selectors),
                 .offered = transform_sets_of(core.configuration, *terms.ipsec),
                 .group = terms.ipsec->pfs,
                 .inbound = SpiLease::draw(core.child_spis, core.random),
                 .nonce = new_nonce(core),
                 .key = {},
                 .rival = {},
                 .agreement = {},
                 .peer_nonce = {},
                 .deleted_unknown = {}};
  if (own.group) {
    own.stage = RekeyStage::making_key;
    core.ask(sa, GenerateKey{*own.group});
  }
  sa.established()->own = std::move(own);
}

}  // namespace

void begin_child_rekey(Core& core, Sa& sa, Child& child) {
  child.rekey_due = false;
  const auto terms = resolve_tunnel(core.configuration, child.tunnel);
  if (!terms) {
    core.event(EventKind::configuration, sa, terms.error());
    return try_later(core, sa, child.id);
  }
  begin(core, sa, *terms, child.id, {child.local_selectors, child.remote_selectors});
}

void begin_child_creation(Core& core, Sa& sa, const std::string& tunnel) {
  const auto terms = resolve_tunnel(core.configuration, tunnel);
  if (terms) return begin(core, sa, *terms, {}, first_offer(core, *terms->tunnel));
  core.event(EventKind::configuration, sa, terms.error());
  forget_wants(core, tunnel);
}

void send_child_rekey(Core& core, Sa& sa) {
  auto& own = own_rekey(sa);
  const auto* old = old_of(sa, own);
  if ((own.old && (!old || old->stage != ChildStage::live)) || !resolve_tunnel(core.configuration, own.tunnel)) {
    try_later(core, sa, own.old);
    take_own(core, sa);
    return;
  }
  wire::Payloads payloads;
  if (old)
    payloads.push_back(wire::Notify{.protocol = wire::ProtocolId::esp,
                                    .type = NotifyType::rekey_sa,
                                    .spi = wire::spi_octets(old->inbound.spi()),
                                    .data = {}});
  add_child_offer(payloads, own.selectors, own.offered, own.inbound.spi(), own.group);
  auto at = payloads.begin() + (old ? 2 : 1);  // behind SA
  at = payloads.insert(at, wire::Nonce{own.nonce}) + 1;
  if (own.group) payloads.insert(at, wire::KeyExchange{static_cast<std::uint16_t>(*own.group), own.key->public_value});
  own.stage = RekeyStage::sent;
  send_request(core, sa, wire::ExchangeType::create_child_sa, payloads, Creation{}, negotiation_patience);
}

void on_child_rekey_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads) {
  if (const auto* error = error_in(payloads)) return on_refused(core, sa, error->type, payloads);
  auto& own = own_rekey(sa);
  const auto inbound_spi = own.inbound.spi();
  auto agreement = read_answer(core, sa, own, payloads);
  if (!agreement) return abandon(core, sa, agreement.error(), inbound_spi);
  own.agreement = std::move(*agreement);
  own.peer_nonce = wire::find<wire::Nonce>(payloads)->value;
  own.stage = RekeyStage::deriving;
  if (!own.group) return complete(core, sa, nullptr);
  core.ask(sa, DeriveSecret{*own.key, wire::find<wire::KeyExchange>(payloads)->value});
}

void on_child_rekey_work(Core& core, Sa& sa, Answer& answer) {
  auto& own = own_rekey(sa);
  if (auto* key = std::get_if<crypto::KeyPair>(&answer)) {
    own.key = std::move(*key);
    own.stage = RekeyStage::ready;
  } else if (const auto* secret = std::get_if<net::Secret>(&answer)) {
    complete(core, sa, secret);
  } else if (own.stage == RekeyStage::deriving) {
    abandon(core, sa, "Diffie-Hellman failed: the peer's public value is unacceptable", own.agreement->inbound.spi());
  } else {
    try_later(core, sa, take_own(core, sa).old);
  }
}

void answer_child_rekey(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const wire::Notify& rekey,
                        const Path& path) {
  const auto old = wanted_child(sa, rekey);
  if (!old) return refuse(core, sa, old.error(), path);
  const auto terms = resolve_tunnel(core.configuration, (*old)->tunnel);
  if (!terms) return refuse(core, sa, refused(core, sa, NotifyType::ts_unacceptable, terms.error()).error(), path);
  auto agreement = agree(core, sa, *terms, *old, payloads);
  if (!agreement) return refuse(core, sa, agreement.error(), path);
  answer_with(core, sa, (*old)->id, std::move(*agreement), payloads, path);
}

void answer_child_creation(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path) {
  const auto& state = *sa.established();
  if (in_flight(state)) return refuse(core, sa, notify(NotifyType::temporary_failure), path);
  const auto terms = choose_tunnel(core, sa, payloads, state.profile, path);
  if (!terms) return refuse(core, sa, refused(core, sa, terms.error().notify, terms.error().reason).error(), path);
  if (!terms->tunnel->on_demand || state.children.size() >= children_max)
    return refuse(core, sa, notify(NotifyType::no_additional_sas), path);
  auto agreement = agree(core, sa, *terms, nullptr, payloads);
  if (!agreement) return refuse(core, sa, agreement.error(), path);
  answer_with(core, sa, {}, std::move(*agreement), payloads, path);
}

void on_child_answer_work(Core& core, Sa& sa, Answer& answer) {
  auto& state = *sa.established();
  auto& waiting = std::get<ChildAnswer>(state.answering);
  if (auto* key = std::get_if<crypto::KeyPair>(&answer)) {
    waiting.own_public = key->public_value;
    return core.ask_for_peer(sa, DeriveSecret{std::move(*key), waiting.peer_public});
  }
  auto taken = std::move(waiting);
  if (const auto* secret = std::get_if<net::Secret>(&answer)) return finish(core, sa, std::move(taken), secret);
  state.answering = std::monostate();
  refuse(core, sa, notify(NotifyType::invalid_syntax), taken.path);
}

}  // namespace culvert::ike::v2
