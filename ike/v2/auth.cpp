#include "ike/v2/auth.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "ike/crypto/mac.h"
#include "ike/v2/child.h"
#include "ike/v2/child_agreement.h"
#include "ike/v2/ending.h"
#include "ike/v2/lifetimes.h"
#include "ike/v2/lookup.h"
#include "ike/v2/speak.h"
#include "ike/v2/tunnels.h"
#include "ike/v2/wants.h"

namespace culvert::ike::v2 {
namespace {

using wire::ExchangeType;
using wire::NotifyType;
using wire::Side;

// What one side signs with a shared key (§2.15).
net::Bytes auth_value(const Channel& channel, const Exchanged& exchanged, Side signer, const net::Secret& key,
                      const wire::Identification& id) {
  const bool initiator = signer == Side::initiator;
  const auto octets =
      crypto::signed_octets(channel.suite.prf, initiator ? exchanged.init_request : exchanged.init_response,
                            initiator ? exchanged.responder_nonce : exchanged.initiator_nonce,
                            initiator ? channel.keys.pi : channel.keys.pr, id.body());
  return crypto::shared_key_auth(channel.suite.prf, key, octets);
}

wire::Authentication sign(const Channel& channel, const Exchanged& exchanged, const net::Secret& key,
                          const wire::Identification& id) {
  return {wire::AuthMethod::shared_key, auth_value(channel, exchanged, id.side, key, id)};
}

bool verifies(const Channel& channel, const Exchanged& exchanged, const net::Secret& key,
              const wire::Identification& id, const wire::Authentication& auth) {
  if (auth.method != wire::AuthMethod::shared_key || key.empty()) return false;
  return crypto::equal_constant_time(auth_value(channel, exchanged, id.side, key, id), auth.data);
}

Identity identity_of(const wire::Identification& id) { return {static_cast<IdentityType>(id.type), id.data}; }

wire::Identification local_identification(const Profile& profile, const Path& path, Side side) {
  const auto id = profile.identity_local.value_or(Identity::of(path.local.address));
  return {.side = side, .type = static_cast<wire::IdType>(id.type), .reserved = {}, .data = id.value};
}

// Whether we hold, or are about to hold, another SA with this peer: then INITIAL_CONTACT would be a lie.
bool in_contact(const Core& core, const Sa& self) {
  return std::ranges::any_of(core.sas, [&](const auto& entry) {
    const auto& other = *entry.second;
    const bool alive = other.established() || std::holds_alternative<AwaitingAuth>(other.state);
    return &other != &self && alive && other.path.remote.address == self.path.remote.address;
  });
}

// The peer says that it holds no other SA with us. It said so after it had begun this one, so only SAs that stood
// before this one was born are leftovers (§2.4).
void forget_leftovers(Core& core, const Sa& sa) {
  const auto& fresh = *sa.established();
  std::vector<Sa*> leftovers;
  for (const auto& [spi, other] : core.sas) {
    const auto* state = other->established();
    if (state && other.get() != &sa && state->order < sa.order && state->remote_id == fresh.remote_id)
      leftovers.push_back(other.get());
  }
  for (auto* leftover : leftovers) drop(core, *leftover, "the peer started afresh");
}

void establish(Core& core, Sa& sa, Channel channel, const Profile& profile, Identity local_id, Identity remote_id) {
  sa.state = Established{.channel = std::move(channel),
                         .origin = {sa.initiator, sa.initiator_spi(), sa.responder_spi(), sa.order},
                         .local_id = std::move(local_id),
                         .remote_id = std::move(remote_id),
                         .profile = profile.name,
                         .lifetime_s = profile.lifetime_s,
                         .dpd = profile.dpd,
                         .since = core.now,
                         .order = core.next_order(),
                         .heard = core.now,
                         .children = {},
                         .farewells = {}};
  sa.timers.stop_all();
  start_life(core, sa);
  ++core.statistics.established;
  wake_wanting(core);
  core.event(EventKind::sa_up, sa, fmt::format("peer identity {}", sa.established()->remote_id.to_string()));
}

// Where another IKE SA carries the tunnel already, ours goes on until the initiator is known to hold the new child.
void install_first(Core& core, Sa& sa, ChildAgreement agreement, const Exchanged& exchanged) {
  const bool waits = !sa.initiator && carried(core, agreement.tunnel);
  install_child(core, sa, std::move(agreement),
                {.initiator = sa.initiator,
                 .initiator_nonce = exchanged.initiator_nonce,
                 .responder_nonce = exchanged.responder_nonce},
                waits ? Sending::when_peer_holds_it : Sending::at_once);
}

// ---- Initiator

// The profile and key that serve the tunnel of this attempt, at this moment.
struct InitiatorTerms {
  TunnelTerms tunnel;
  const KeyringPeer* peer = nullptr;
};
std::expected<InitiatorTerms, std::string> initiator_terms(const Core& core, const Sa& sa, const Identity* remote_id) {
  const auto terms = resolve_tunnel(core.configuration, sa.tunnel);
  if (!terms) return std::unexpected(terms.error());
  const auto& profile = *terms->profile;
  if (!profile.local_pre_share || !profile.remote_pre_share)
    return std::unexpected(
        fmt::format("IKEv2 profile {} has no pre-share authentication for both sides", profile.name));
  const auto* peer = keyring_peer(core.configuration, profile, sa.path.remote.address, remote_id);
  if (!peer)
    return std::unexpected(fmt::format("keyring {} has no key for {}", profile.keyring, sa.path.remote.address));
  return InitiatorTerms{*terms, peer};
}

// Verifies the responder. The error is why it is not believed.
std::expected<InitiatorTerms, std::string> verify_responder(const Core& core, const Sa& sa, const AwaitingAuth& state,
                                                            const wire::Identification* id,
                                                            const wire::Authentication* auth) {
  if (!id || !auth) return std::unexpected("the peer sent no identity or no AUTH");
  const auto claimed = identity_of(*id);
  auto terms = initiator_terms(core, sa, &claimed);
  if (!terms) return terms;
  if (!accepts(*terms->tunnel.profile, claimed))
    return std::unexpected(
        fmt::format("IKEv2 profile {} does not accept identity {}", terms->tunnel.profile->name, claimed.to_string()));
  if (!verifies(state.channel, state.exchanged, terms->peer->remote_key, *id, *auth))
    return std::unexpected(fmt::format("the AUTH of {} does not verify", claimed.to_string()));
  return terms;
}

std::optional<NotifyType> refusal_in(std::span<const wire::Payload> payloads) {
  if (wire::find<wire::Authentication>(payloads)) return std::nullopt;
  for (const auto& payload : payloads)
    if (const auto* found = std::get_if<wire::Notify>(&payload); found && wire::is_error(found->type))
      return found->type;
  return std::nullopt;
}

void take_child(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const TunnelTerms& terms,
                AwaitingAuth was) {
  auto agreement = accept_child_answer(payloads, terms, was.child_selectors, was.child_offer, std::move(was.child_spi));
  if (agreement) {
    install_first(core, sa, std::move(*agreement), was.exchanged);
    on_child_installed(core, sa, terms.tunnel->name);
    return on_want_met(core, terms.tunnel->name, was.child_selectors);
  }
  core.event(EventKind::child_failed, sa, agreement.error());
  if (terms.tunnel->on_demand) return on_want_refused(core, sa, terms.tunnel->name, was.child_selectors, payloads);
  on_attempt_failed(core, sa);
  look_whether_surplus(core, sa, sa.tunnel);
}

// ---- Responder

// Who the initiator has proved to be.
struct Verified {
  const Profile* profile = nullptr;
  const KeyringPeer* peer = nullptr;
  Identity id;
};
std::expected<Verified, std::string> verify_initiator(const Core& core, const Authenticating& state,
                                                      const wire::Identification* id, const wire::Authentication* auth,
                                                      const Path& path) {
  if (!id || !auth) return std::unexpected("the peer sent no identity or no AUTH");
  const auto claimed = identity_of(*id);
  const auto profile = profile_for(core.configuration, claimed, path);
  if (!profile) return std::unexpected(profile.error());
  if (!(*profile)->local_pre_share || !(*profile)->remote_pre_share)
    return std::unexpected(
        fmt::format("IKEv2 profile {} has no pre-share authentication for both sides", (*profile)->name));
  const auto* peer = keyring_peer(core.configuration, **profile, path.remote.address, &claimed);
  if (!peer || peer->local_key.empty())
    return std::unexpected(fmt::format("keyring {} has no key for {}", (*profile)->keyring, claimed.to_string()));
  if (!verifies(state.channel, state.exchanged, peer->remote_key, *id, *auth))
    return std::unexpected(fmt::format("the AUTH of {} does not verify", claimed.to_string()));
  return Verified{*profile, peer, claimed};
}

// Whether the configuration of now would still choose what IKE_SA_INIT chose.
bool still_permitted(const Core& core, const Path& path, const IkeSuite& suite) {
  return choose_ike(answer_ike({suite, 1}), proposals_for(core.configuration, path.local.address), suite.group)
      .has_value();
}

void refuse_initiator(Core& core, Sa& sa, const Path& path, NotifyType why, std::string_view reason) {
  const wire::Payload payload = notify(why);
  send_response(core, sa, ExchangeType::ike_auth, {&payload, 1}, path);
  linger(core, sa, reason);
}

// Chooses and installs the Child SA, or says in the response why not; then sends it. The dataplane comes first, so that
// it can receive as soon as the initiator may send.
void answer_with_child(Core& core, Sa& sa, const Exchanged& exchanged, std::span<const wire::Payload> request,
                       wire::Payloads response, const Path& path) {
  const auto terms = choose_tunnel(core, sa, request, sa.established()->profile, path);
  auto agreement = terms ? choose_child_of(core, *terms, request, {}) : std::unexpected(terms.error());
  if (!agreement) {
    response.push_back(notify(agreement.error().notify));
    core.event(EventKind::child_failed, sa, agreement.error().reason);
    return send_response(core, sa, ExchangeType::ike_auth, response, path);
  }
  add_child_answer(response, *agreement);
  const auto tunnel = agreement->tunnel;
  core.serve(sa, tunnel);
  install_first(core, sa, std::move(*agreement), exchanged);
  send_response(core, sa, ExchangeType::ike_auth, response, path);
  on_child_installed(core, sa, tunnel);
}

}  // namespace

void start_auth(Core& core, Sa& sa, Exchanged exchanged, Channel channel) {
  sa.path = after_nat_detection(sa.path, sa.nat);
  const auto terms = initiator_terms(core, sa, nullptr);
  if (!terms) {
    core.event(EventKind::configuration, sa, terms.error());
    return abort(core, sa, terms.error());
  }
  const auto& profile = *terms->tunnel.profile;
  auto id = local_identification(profile, sa.path, Side::initiator);
  auto spi = SpiLease::draw(core.child_spis, core.random);
  auto sets = transform_sets_of(core.configuration, *terms->tunnel.ipsec);
  if (offer_esp(sets, spi.spi()).proposals.empty()) {
    core.event(EventKind::configuration, sa,
               fmt::format("crypto ipsec profile {}: no transform set", terms->tunnel.ipsec->name));
    return abort(core, sa, "no transform set");
  }
  wire::Payloads payloads{id, sign(channel, exchanged, terms->peer->local_key, id)};
  if (!in_contact(core, sa)) payloads.push_back(notify(NotifyType::initial_contact));
  auto selectors = first_offer(core, *terms->tunnel.tunnel);
  add_child_offer(payloads, selectors, sets, spi.spi());
  sa.state = AwaitingAuth{.exchanged = std::move(exchanged),
                          .channel = std::move(channel),
                          .local_id = std::move(id),
                          .child_spi = std::move(spi),
                          .child_offer = std::move(sets),
                          .child_selectors = std::move(selectors),
                          .doomed = {}};
  send_request(core, sa, ExchangeType::ike_auth, payloads, Negotiation{}, negotiation_patience);
}

void on_auth_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path&) {
  auto& state = std::get<AwaitingAuth>(sa.state);
  if (const auto refused = refusal_in(payloads))
    return abort(core, sa, fmt::format("the peer refused: {}", describe(*refused)));
  const auto* id = wire::find_identification(payloads, Side::responder);
  const auto* auth = wire::find<wire::Authentication>(payloads);
  const auto terms = verify_responder(core, sa, state, id, auth);
  if (!terms) return refuse_responder(core, sa, terms.error());
  auto was = std::move(state);
  establish(core, sa, std::move(was.channel), *terms->tunnel.profile, identity_of(was.local_id), identity_of(*id));
  if (!was.doomed.empty()) return close(core, sa, was.doomed);
  take_child(core, sa, payloads, terms->tunnel, std::move(was));
}

void on_auth_request(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path) {
  auto& state = std::get<Authenticating>(sa.state);
  sa.path = path;
  if (!still_permitted(core, path, state.exchanged.suite))
    return refuse_initiator(core, sa, path, NotifyType::no_proposal_chosen, "the proposals changed meanwhile");
  const auto verified = verify_initiator(core, state, wire::find_identification(payloads, Side::initiator),
                                         wire::find<wire::Authentication>(payloads), path);
  if (!verified) return refuse_initiator(core, sa, path, NotifyType::authentication_failed, verified.error());
  const auto id = local_identification(*verified->profile, path, Side::responder);
  wire::Payloads response{id, sign(state.channel, state.exchanged, verified->peer->local_key, id)};
  auto was = std::move(state);
  establish(core, sa, std::move(was.channel), *verified->profile, identity_of(id), verified->id);
  if (wire::find_notify(payloads, NotifyType::initial_contact)) forget_leftovers(core, sa);
  answer_with_child(core, sa, was.exchanged, payloads, std::move(response), path);
}

}  // namespace culvert::ike::v2
