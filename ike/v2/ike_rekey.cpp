#include "ike/v2/ike_rekey.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ike/v2/child.h"
#include "ike/v2/create_child.h"
#include "ike/v2/ending.h"
#include "ike/v2/lifetimes.h"
#include "ike/v2/lookup.h"
#include "ike/v2/rekey_parts.h"

namespace culvert::ike::v2 {
namespace {

using std::chrono::seconds;
using wire::NotifyType;

constexpr unsigned retries_max = 3;
constexpr auto delete_due_in = seconds(120);  // the peer, to delete what it replaced; longer than our patience with it

// ---- Both

void set_spi(wire::SecurityAssociation& offer, Spi spi) {
  for (auto& proposal : offer.proposals) proposal.spi = wire::spi_octets(spi);
}

// Which exchange made an IKE SA, seen from our end.
struct IkeExchange {
  bool initiator = false;
  IkeSuite suite;
  Spi local_spi = 0, remote_spi = 0;
  const net::Bytes& initiator_nonce;
  const net::Bytes& responder_nonce;
};

Channel open_channel(Core& core, const Channel& old, const IkeExchange& exchange, const net::Secret& shared_secret) {
  const crypto::Contributions from{.initiator_nonce = exchange.initiator_nonce,
                                   .responder_nonce = exchange.responder_nonce,
                                   .initiator_spi = exchange.initiator ? exchange.local_spi : exchange.remote_spi,
                                   .responder_spi = exchange.initiator ? exchange.remote_spi : exchange.local_spi};
  auto keys = crypto::rekeyed_ike_keys(exchange.suite, old.suite.prf, old.keys.d, from, shared_secret);
  if (core.options.observer)
    core.options.observer->derived({from.initiator_spi, from.responder_spi, exchange.suite, keys});
  return Channel::open(exchange.suite, std::move(keys), exchange.initiator);
}

// The new IKE SA, without children yet, and without a life of its own.
Sa& make_successor(Core& core, Sa& old, const IkeExchange& exchange, const net::Secret& shared_secret) {
  const auto& was = *old.established();
  auto channel = open_channel(core, was.channel, exchange, shared_secret);
  auto& fresh = core.create(exchange.initiator, old.path, exchange.local_spi);
  fresh.remote_spi = exchange.remote_spi;
  fresh.session_id = old.session_id;
  core.serve(fresh, old.tunnel);
  fresh.nat = old.nat;
  fresh.state = Established{.channel = std::move(channel),
                            .origin = was.origin,
                            .local_id = was.local_id,
                            .remote_id = was.remote_id,
                            .profile = was.profile,
                            .lifetime_s = was.lifetime_s,
                            .dpd = was.dpd,
                            .since = core.now,
                            .order = was.order,
                            .heard = core.now,
                            .children = {},
                            .farewells = {},
                            .leaving = {},
                            .own = {},
                            .answering = {},
                            .heir_of = {},
                            .refused_since = {},
                            .doomed = {}};
  fresh.timers.set(Timer::lifetime, core.now + delete_due_in);
  return fresh;
}

// What is left of an IKE SA that is replaced, or was redundant: it waits for the Delete.
void await_delete(Core& core, Sa& sa) {
  auto& state = *sa.established();
  state.replaced = true;
  state.heir_of.reset();
  core.forget(sa.asked);
  state.own = std::monostate();
  for (const auto timer : {Timer::dpd, Timer::rekey, Timer::child, Timer::keepalive}) sa.timers.stop(timer);
  sa.timers.set(Timer::lifetime, core.now + delete_due_in);
  core.touch(sa);
}

void inherit(Core& core, Sa& old, Sa& heir) {
  auto& from = *old.established();
  auto& to = *heir.established();
  to.heir_of.reset();
  to.children = std::exchange(from.children, {});
  to.farewells = std::exchange(from.farewells, {});
  to.leaving = std::exchange(from.leaving, {});
  for (auto& child : to.children) {
    core.owner_of_child[child.id] = heir.local_spi;
    // The peer may not hold the new SA yet: what is due waits a moment.
    if (std::exchange(child.rekey_due, false)) child.rekey_at = core.now + rekey_retry(core, child.expires - core.now);
  }
  await_delete(core, old);
  start_life(core, heir);
  watch_children(heir);
  ++core.statistics.ike_rekeys;
  core.event(EventKind::rekeyed, heir, fmt::format("took over from {:016x}", old.local_spi));
  send_farewell(core, heir);
}

// ---- Initiator

IkeRekey& own_rekey(Sa& sa) { return std::get<IkeRekey>(sa.established()->own); }

IkeRekey take_own(Core& core, Sa& sa) {
  core.forget(sa.asked);
  auto own = std::move(own_rekey(sa));
  sa.established()->own = std::monostate();
  return own;
}

Sa* rival_of(Core& core, const Sa& old, const IkeRekey& own) {
  auto* made = own.rival ? core.find(own.rival->made) : nullptr;
  return made && made->established() && made->established()->heir_of == old.local_spi ? made : nullptr;
}

void try_later(Core& core, Sa& sa) {
  auto& state = *sa.established();
  state.rekey_due = false;
  const auto left = state.since + seconds(state.lifetime_s) - core.now;
  sa.timers.set(Timer::rekey, core.now + rekey_retry(core, left));
  replace_if_late(core, sa.tunnel, left, state.lifetime_s);
}

void make_key(Core& core, Sa& sa, IkeRekey& own, Group group) {
  own.group = group;
  own.stage = RekeyStage::making_key;
  core.ask(sa, GenerateKey{group});
}

// Whether the peer only wants another group of those we offered (§1.3.2).
bool follows_invalid_ke(Core& core, Sa& sa, const wire::Notify& error) {
  auto& own = own_rekey(sa);
  const auto wanted = error.type == NotifyType::invalid_ke_payload ? error.u16() : std::nullopt;
  const auto group = wanted ? group_of(*wanted) : std::nullopt;
  const auto offered = groups_of(own.offer);
  if (!group || *group == own.group || own.retries >= retries_max) return false;
  if (std::ranges::find(offered, *group) == offered.end()) return false;
  ++own.retries;
  make_key(core, sa, own, *group);
  return true;
}

void on_refused(Core& core, Sa& sa, NotifyType why) {
  const auto own = take_own(core, sa);
  if (!sa.established()->doomed.empty()) return retire(core, sa);
  if (auto* rival = rival_of(core, sa, own)) return inherit(core, sa, *rival);
  if (why == NotifyType::no_additional_sas) return close(core, sa, "the peer makes no further SAs");
  if (why == NotifyType::temporary_failure) {
    if (out_of_step(core, sa)) return;
  } else {
    core.event(EventKind::child_failed, sa, fmt::format("the peer refused to rekey the IKE SA: {}", describe(why)));
  }
  try_later(core, sa);
}

// The peer holds a new SA that we cannot: the two ends no longer agree, and begin anew.
void give_up(Core& core, Sa& sa, std::string_view reason) {
  take_own(core, sa);
  drop(core, sa, reason);
}

// The SA was to be closed while the exchange was under way: all that came of it is.
void close_all_of(Core& core, Sa& old, Sa& fresh, Sa* rival) {
  retire(core, fresh);
  if (rival) retire(core, *rival);
  retire(core, old);
}

void complete(Core& core, Sa& sa, const net::Secret& shared_secret) {
  const auto own = take_own(core, sa);
  auto& fresh = make_successor(core, sa,
                               {.initiator = true,
                                .suite = own.suite,
                                .local_spi = own.local_spi,
                                .remote_spi = own.remote_spi,
                                .initiator_nonce = own.nonce,
                                .responder_nonce = own.peer_nonce},
                               shared_secret);
  auto* rival = rival_of(core, sa, own);
  if (!sa.established()->doomed.empty()) return close_all_of(core, sa, fresh, rival);
  if (rival && lower_nonce(own.nonce, own.peer_nonce) < own.rival->lowest_nonce) {
    retire(core, fresh);
    return inherit(core, sa, *rival);
  }
  if (rival) await_delete(core, *rival);
  inherit(core, sa, fresh);
  retire(core, sa);
  begin_what_is_due(core, fresh);
}

// ---- Responder

// Drops what we have not sent; a child waits for its rekey in the new SA.
void drop_unsent(Core& core, Sa& sa) {
  auto& state = *sa.established();
  if (const auto* child = std::get_if<ChildRekey>(&state.own))
    if (auto* old = child->old ? find_child(sa, *child->old) : nullptr) old->rekey_due = old->stage == ChildStage::live;
  core.forget(sa.asked);
  state.own = std::monostate();
}

void finish(Core& core, Sa& sa, const IkeAnswer& answer, const net::Secret& shared_secret) {
  auto& state = *sa.established();
  state.answering = std::monostate();
  if (busy_with_children(sa) || !state.doomed.empty())
    return refuse(core, sa, notify(NotifyType::temporary_failure), answer.path);
  auto& fresh = make_successor(core, sa,
                               {.initiator = false,
                                .suite = answer.choice.suite,
                                .local_spi = answer.local_spi,
                                .remote_spi = answer.remote_spi,
                                .initiator_nonce = answer.initiator_nonce,
                                .responder_nonce = answer.responder_nonce},
                               shared_secret);
  auto chosen = answer_ike(answer.choice);
  set_spi(chosen, answer.local_spi);
  const wire::Payloads payloads{
      std::move(chosen), wire::Nonce{answer.responder_nonce},
      wire::KeyExchange{static_cast<std::uint16_t>(answer.choice.suite.group), answer.own_public}};
  send_response(core, sa, wire::ExchangeType::create_child_sa, payloads, answer.path);
  if (in_flight(state)) {
    ++core.statistics.rekey_collisions;
    own_rekey(sa).rival = {lower_nonce(answer.initiator_nonce, answer.responder_nonce), fresh.local_spi};
    fresh.established()->heir_of = sa.local_spi;
    return;
  }
  drop_unsent(core, sa);
  inherit(core, sa, fresh);
}

}  // namespace

bool in_flight(const Established& state) {
  const auto* own = std::get_if<IkeRekey>(&state.own);
  return own && (own->stage == RekeyStage::sent || own->stage == RekeyStage::deriving);
}

bool busy_with_children(const Sa& sa) {
  const auto& state = *sa.established();
  const auto* own = std::get_if<ChildRekey>(&state.own);
  const auto* request = sa.requests.in_flight();
  return (own && (own->stage == RekeyStage::sent || own->stage == RekeyStage::deriving)) || !state.farewells.empty() ||
         (request && std::holds_alternative<ChildFarewell>(request->purpose)) ||
         std::ranges::find(state.children, ChildStage::deleting, &Child::stage) != state.children.end();
}

void begin_ike_rekey(Core& core, Sa& sa) {
  auto& state = *sa.established();
  state.rekey_due = false;
  if (state.children.empty()) return close(core, sa, "it carries no Child SA");
  IkeRekey own{.offer = offer_ike(proposals_for(core.configuration, sa.path.local.address)),
               .local_spi = core.draw_spi(),
               .nonce = new_nonce(core),
               .key = {},
               .rival = {},
               .suite = {},
               .peer_nonce = {}};
  set_spi(own.offer, own.local_spi);
  const auto groups = groups_of(own.offer);
  if (groups.empty()) {
    core.event(EventKind::configuration, sa, fmt::format("no usable IKEv2 proposal for {}", sa.path.local.address));
    return try_later(core, sa);
  }
  const auto present = std::ranges::find(groups, state.channel.suite.group);
  state.own = std::move(own);
  make_key(core, sa, own_rekey(sa), present == groups.end() ? groups.front() : *present);
}

void send_ike_rekey(Core& core, Sa& sa) {
  auto& own = own_rekey(sa);
  const wire::Payloads payloads{own.offer, wire::Nonce{own.nonce},
                                wire::KeyExchange{static_cast<std::uint16_t>(own.group), own.key->public_value}};
  own.stage = RekeyStage::sent;
  send_request(core, sa, wire::ExchangeType::create_child_sa, payloads, Creation{}, negotiation_patience);
}

void on_ike_rekey_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads) {
  auto& own = own_rekey(sa);
  if (const auto* error = error_in(payloads)) {
    if (!follows_invalid_ke(core, sa, *error)) on_refused(core, sa, error->type);
    return;
  }
  const auto* answer = wire::find<wire::SecurityAssociation>(payloads);
  const auto* nonce = wire::find<wire::Nonce>(payloads);
  const auto* ke = wire::find<wire::KeyExchange>(payloads);
  const auto suite = answer ? accepted_ike(own.offer, *answer) : std::nullopt;
  const auto spi = suite ? answer->proposals.front().ike_spi() : std::nullopt;
  if (!spi || *spi == 0 || !nonce || suite->group != own.group || !fits(ke, own.group))
    return give_up(core, sa, "the peer's answer to the rekey is no answer");
  own.suite = *suite;
  own.remote_spi = *spi;
  own.peer_nonce = nonce->value;
  own.stage = RekeyStage::deriving;
  core.ask(sa, DeriveSecret{*own.key, ke->value});
}

void on_ike_rekey_work(Core& core, Sa& sa, Answer& answer) {
  auto& own = own_rekey(sa);
  if (auto* key = std::get_if<crypto::KeyPair>(&answer)) {
    own.key = std::move(*key);
    own.stage = RekeyStage::ready;
  } else if (const auto* secret = std::get_if<net::Secret>(&answer)) {
    complete(core, sa, *secret);
  } else if (own.stage == RekeyStage::deriving) {
    give_up(core, sa, "Diffie-Hellman failed: the peer's public value is unacceptable");
  } else {
    take_own(core, sa);
    try_later(core, sa);
  }
}

void answer_ike_rekey(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path) {
  if (busy_with_children(sa)) return refuse(core, sa, notify(NotifyType::temporary_failure), path);
  const auto* ke = wire::find<wire::KeyExchange>(payloads);
  if (!ke) return refuse(core, sa, notify(NotifyType::invalid_syntax), path);
  const auto choice = choose_ike(*wire::find<wire::SecurityAssociation>(payloads),
                                 proposals_for(core.configuration, path.local.address), group_of(ke->group));
  if (!choice || choice->peer_spi == 0) {
    core.event(EventKind::child_failed, sa, "no IKEv2 proposal in common for the rekey");
    return refuse(core, sa, notify(NotifyType::no_proposal_chosen), path);
  }
  const auto group = choice->suite.group;
  if (ke->group != static_cast<std::uint16_t>(group)) return refuse(core, sa, wrong_group(group), path);
  if (!fits(ke, group)) return refuse(core, sa, notify(NotifyType::invalid_syntax), path);
  sa.established()->answering = IkeAnswer{.path = path,
                                          .choice = *choice,
                                          .local_spi = core.draw_spi(),
                                          .remote_spi = choice->peer_spi,
                                          .initiator_nonce = wire::find<wire::Nonce>(payloads)->value,
                                          .responder_nonce = new_nonce(core),
                                          .peer_public = ke->value,
                                          .own_public = {}};
  core.ask_for_peer(sa, GenerateKey{group});
}

void on_ike_answer_work(Core& core, Sa& sa, Answer& answer) {
  auto& state = *sa.established();
  auto& waiting = std::get<IkeAnswer>(state.answering);
  if (auto* key = std::get_if<crypto::KeyPair>(&answer)) {
    waiting.own_public = key->public_value;
    return core.ask_for_peer(sa, DeriveSecret{std::move(*key), waiting.peer_public});
  }
  const auto taken = std::move(waiting);
  if (const auto* secret = std::get_if<net::Secret>(&answer)) return finish(core, sa, taken, *secret);
  state.answering = std::monostate();
  refuse(core, sa, notify(NotifyType::invalid_syntax), taken.path);
}

void yield_to_rival(Core& core, Sa& old) {
  auto* state = old.established();
  const auto* own = state ? std::get_if<IkeRekey>(&state->own) : nullptr;
  auto* rival = own ? rival_of(core, old, *own) : nullptr;
  if (!rival) return;
  inherit(core, old, *rival);
}

void claim_inheritance(Core& core, Sa& heir) {
  if (auto* old = core.find(*heir.established()->heir_of)) yield_to_rival(core, *old);
  if (heir.established()->heir_of) await_delete(core, heir);
}

}  // namespace culvert::ike::v2
