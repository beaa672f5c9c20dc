#include "ike/v2/init.h"

#include <algorithm>

#include <fmt/format.h>

#include "ike/v2/admission.h"
#include "ike/v2/auth.h"
#include "ike/v2/ending.h"
#include "ike/v2/lookup.h"
#include "ike/v2/proposals.h"
#include "ike/v2/receive.h"
#include "ike/v2/speak.h"
#include "net/overloaded.h"

namespace culvert::ike::v2 {
namespace {

using wire::ExchangeType;
using wire::NotifyType;

constexpr std::size_t nonce_octets = 32;  // half the key of every PRF we have, and more (§2.10)
constexpr unsigned retries_max = 5;       // COOKIE and INVALID_KE_PAYLOAD together
constexpr std::size_t cookie_octets_max = 64;
constexpr std::size_t request_octets_max = 4096;  // RFC 7296 §2 asks for 3000; it is kept until AUTH

// ---- Initiator

void send_init(Core& core, Sa& sa, InitAttempt attempt, crypto::KeyPair own) {
  wire::Payloads payloads;
  if (!attempt.cookie.empty()) payloads.push_back(notify(NotifyType::cookie, attempt.cookie));
  payloads.push_back(attempt.offer);
  payloads.push_back(wire::KeyExchange{static_cast<std::uint16_t>(attempt.group), own.public_value});
  payloads.push_back(wire::Nonce{attempt.nonce});
  add_nat_detection(payloads, sa.local_spi, 0, sa.path);
  const wire::Message message{header_of(sa, ExchangeType::ike_sa_init, false, 0), std::move(payloads)};
  auto octets = message.emit();
  core.sent(&sa, sa.path, message.header, message.payloads, octets.size());
  sa.requests.restart();
  send_request(core, sa,
               {.id = 0,
                .exchange = ExchangeType::ike_sa_init,
                .purpose = Negotiation{},
                .patience = negotiation_patience,
                .message = std::move(octets)});
  sa.state = AwaitingInit{std::move(attempt), std::move(own)};
}

void make_key(Core& core, Sa& sa, InitAttempt attempt) {
  sa.requests.restart();
  sa.timers.stop(Timer::retransmit);
  const auto group = attempt.group;
  sa.state = InitiatorMakingKey{std::move(attempt)};
  core.ask(sa, GenerateKey{group});
}

void on_hint(Core& core, Sa& sa, std::string text) {
  ++core.statistics.hints;
  auto& attempt = std::get<AwaitingInit>(sa.state).attempt;
  if (attempt.hint != text) core.event(EventKind::hint, sa, text);
  attempt.hint = std::move(text);
}

void on_cookie(Core& core, Sa& sa, const wire::Notify& cookie) {
  auto& waiting = std::get<AwaitingInit>(sa.state);
  const bool usable = !cookie.data.empty() && cookie.data.size() <= cookie_octets_max;
  if (!usable || cookie.data == waiting.attempt.cookie || waiting.attempt.retries >= retries_max)
    return on_hint(core, sa, "COOKIE that leads nowhere");
  auto attempt = std::move(waiting.attempt);
  auto own = std::move(waiting.own);
  attempt.cookie = cookie.data;
  ++attempt.retries;
  send_init(core, sa, std::move(attempt), std::move(own));
}

// The whole offer is repeated, so that an attacker's INVALID_KE_PAYLOAD cannot weaken it (§1.2, §2.7).
void on_invalid_ke(Core& core, Sa& sa, const wire::Notify& refusal) {
  auto& attempt = std::get<AwaitingInit>(sa.state).attempt;
  const auto wanted = refusal.u16();
  const auto group = wanted ? group_of(*wanted) : std::nullopt;
  const auto offered = groups_of(attempt.offer);
  const bool usable = group && *group != attempt.group && std::ranges::find(offered, *group) != offered.end();
  if (!usable || attempt.retries >= retries_max) return on_hint(core, sa, "INVALID_KE_PAYLOAD that leads nowhere");
  auto next = std::move(attempt);
  next.group = *group;
  ++next.retries;
  make_key(core, sa, std::move(next));
}

// What a good response has.
struct InitParts {
  const wire::SecurityAssociation* sa = nullptr;
  const wire::KeyExchange* ke = nullptr;
  const wire::Nonce* nonce = nullptr;
  bool complete() const { return sa && ke && nonce; }
};
InitParts parts_of(const wire::Payloads& payloads) {
  return {wire::find<wire::SecurityAssociation>(payloads), wire::find<wire::KeyExchange>(payloads),
          wire::find<wire::Nonce>(payloads)};
}

bool fits(const wire::KeyExchange& ke, Group group) {
  return ke.group == static_cast<std::uint16_t>(group) && ke.value.size() == traits(group).public_octets;
}

const wire::Notify* first_error(const wire::Payloads& payloads) {
  for (const auto& payload : payloads)
    if (const auto* found = std::get_if<wire::Notify>(&payload); found && wire::is_error(found->type)) return found;
  return nullptr;
}

void accept_response(Core& core, Sa& sa, const wire::Message& message, net::View datagram, const Path& path) {
  auto& waiting = std::get<AwaitingInit>(sa.state);
  const auto parts = parts_of(message.payloads);
  const auto suite = accepted_ike(waiting.attempt.offer, *parts.sa);
  if (!suite) return on_hint(core, sa, "a suite that was not offered");
  if (suite->group != waiting.attempt.group || !fits(*parts.ke, suite->group))
    return on_hint(core, sa, "a KE payload of the wrong group or length");
  ++core.statistics.accepted_out;
  sa.remote_spi = message.header.responder_spi;
  sa.nat = judge_nat(message.payloads, sa.initiator_spi(), sa.responder_spi(), path);
  Exchanged exchanged{.suite = *suite,
                      .initiator_nonce = std::move(waiting.attempt.nonce),
                      .responder_nonce = parts.nonce->value,
                      .init_request = std::move(sa.requests.in_flight()->message),
                      .init_response = {datagram.begin(), datagram.end()}};
  auto own = std::move(waiting.own);
  on_request_answered(sa);
  sa.state = InitiatorDeriving{std::move(exchanged)};
  core.ask(sa, DeriveSecret{std::move(own), parts.ke->value});
}

// ---- Responder

// A refusal that needs no state.
void refuse(Core& core, const wire::Message& request, const Path& path, std::size_t octets, NotifyType why,
            std::string text) {
  ++core.statistics.rejected_in;
  core.event(EventKind::neg_abort, path, std::move(text));
  refuse_unprotected(core, path, request.header, notify(why), octets);
}

net::Bytes u16_octets(std::uint16_t value) {
  net::Bytes out;
  net::Writer(out).u16(value);
  return out;
}

void repeat_response(Core& core, const Sa& sa, net::View request, const Path& path) {
  const auto resend = [&](const Exchanged& exchanged) {
    if (exchanged.init_response.empty() || !std::ranges::equal(exchanged.init_request, request)) return;
    ++core.statistics.repeated;
    core.step(sa, "Retransmitting response");
    core.transmit(path, exchanged.init_response);
  };
  std::visit(net::overloaded{[&](const HalfOpen& s) { resend(s.exchanged); },
                             [&](const ResponderDeriving& s) { resend(s.exchanged); },
                             [&](const Authenticating& s) { resend(s.exchanged); }, [](const auto&) {}},
             sa.state);
}

// What our response says of NAT: nothing to a peer that did not ask, since it could not use it.
void add_nat_answer(wire::Payloads& payloads, const Sa& sa) {
  if (sa.peer_detects_nat) add_nat_detection(payloads, sa.initiator_spi(), sa.responder_spi(), sa.path);
}

// How long the response will be. Only the KE payload is not there yet, and its length is that of its group.
std::size_t response_octets(const IkeChoice& choice, bool detects_nat) {
  wire::Payloads payloads{answer_ike(choice),
                          wire::KeyExchange{static_cast<std::uint16_t>(choice.suite.group),
                                            net::Bytes(traits(choice.suite.group).public_octets)},
                          wire::Nonce{net::Bytes(nonce_octets)}};
  if (detects_nat) add_nat_detection(payloads, 1, 1, {});
  return wire::Message{{}, std::move(payloads)}.emit().size();
}

void begin_response(Core& core, const wire::Message& message, net::View datagram, const Path& path, const InitKey& key,
                    const IkeChoice& choice) {
  ++core.statistics.accepted_in;
  auto& sa = core.create(false, path);
  const auto parts = parts_of(message.payloads);
  sa.remote_spi = message.header.initiator_spi;
  sa.nat = judge_nat(message.payloads, sa.remote_spi, 0, path);
  sa.peer_detects_nat = detects_nat(message.payloads);
  sa.init_key = key;
  core.initiated_by_peers.emplace(key, sa.local_spi);
  Exchanged exchanged{.suite = choice.suite,
                      .initiator_nonce = parts.nonce->value,
                      .responder_nonce = core.random.bytes(nonce_octets),
                      .init_request = {datagram.begin(), datagram.end()},
                      .init_response = {}};
  sa.state = ResponderMakingKey{std::move(exchanged), *parts.ke, choice.number};
  sa.timers.set(Timer::half_open, core.now + core.options.half_open_age_max);
  core.ask(sa, GenerateKey{choice.suite.group});
}

void send_init_response(Core& core, Sa& sa, crypto::KeyPair own) {
  auto& made = std::get<ResponderMakingKey>(sa.state);
  const auto& suite = made.exchanged.suite;
  wire::Payloads payloads;
  payloads.push_back(answer_ike({suite, made.proposal_number}));
  payloads.push_back(wire::KeyExchange{static_cast<std::uint16_t>(suite.group), own.public_value});
  payloads.push_back(wire::Nonce{made.exchanged.responder_nonce});
  add_nat_answer(payloads, sa);
  const wire::Message response{header_of(sa, ExchangeType::ike_sa_init, true, 0), std::move(payloads)};
  auto message = response.emit();
  core.sent(&sa, sa.path, response.header, response.payloads, message.size());
  core.transmit(sa.path, message);
  auto exchanged = std::move(made.exchanged);
  auto peer_public = std::move(made.peer_key.value);
  exchanged.init_response = message;
  sa.responses.answered(std::move(message));
  sa.state = HalfOpen{std::move(exchanged), std::move(own), std::move(peer_public)};
}

// The group of the KE payload is not the one that we chose: no error, but a normal step, and never held back.
void want_group(Core& core, const wire::Message& request, const Path& path, std::size_t octets, Group group) {
  answer_unprotected(core, path, request.header,
                     notify(NotifyType::invalid_ke_payload, u16_octets(static_cast<std::uint16_t>(group))), octets);
}

// A request that is complete, from a peer that has shown a cookie if it had to. An answer longer than the request goes
// only where a cookie has come from, so that nobody is flooded by way of us.
void answer_request(Core& core, const wire::Message& message, net::View datagram, const Path& path, const InitKey& key,
                    CookieState cookie) {
  const auto parts = parts_of(message.payloads);
  const auto choice =
      choose_ike(*parts.sa, proposals_for(core.configuration, path.local.address), group_of(parts.ke->group));
  if (!choice)
    return refuse(core, message, path, datagram.size(), NotifyType::no_proposal_chosen, "no IKEv2 proposal in common");
  const auto group = choice->suite.group;
  if (parts.ke->group != static_cast<std::uint16_t>(group))
    return want_group(core, message, path, datagram.size(), group);
  if (!fits(*parts.ke, group))
    return refuse(core, message, path, datagram.size(), NotifyType::invalid_syntax, "a KE payload of the wrong length");
  const bool proven = cookie == CookieState::good;
  if (!proven && response_octets(*choice, detects_nat(message.payloads)) > datagram.size())
    return demand_cookie(core, message, path, datagram.size(), cookie);
  if (proven) ++core.statistics.cookies_accepted;
  if (make_room(core, path, proven)) return begin_response(core, message, datagram, path, key, *choice);
  ++core.statistics.rejected_in;
}

// ---- Both

Channel open_channel(Core& core, const Sa& sa, const Exchanged& exchanged, const net::Secret& shared_secret) {
  const crypto::Contributions from{.initiator_nonce = exchanged.initiator_nonce,
                                   .responder_nonce = exchanged.responder_nonce,
                                   .initiator_spi = sa.initiator_spi(),
                                   .responder_spi = sa.responder_spi()};
  auto keys = crypto::ike_keys(exchanged.suite, from, shared_secret);
  if (core.options.observer)
    core.options.observer->derived({sa.initiator_spi(), sa.responder_spi(), exchanged.suite, keys});
  return Channel::open(exchanged.suite, std::move(keys), sa.initiator);
}

void on_key_pair(Core& core, Sa& sa, crypto::KeyPair own) {
  if (auto* state = std::get_if<InitiatorMakingKey>(&sa.state)) {
    auto attempt = std::move(state->attempt);
    return send_init(core, sa, std::move(attempt), std::move(own));
  }
  if (std::holds_alternative<ResponderMakingKey>(sa.state)) send_init_response(core, sa, std::move(own));
}

void on_shared_secret(Core& core, Sa& sa, const net::Secret& secret) {
  if (auto* state = std::get_if<InitiatorDeriving>(&sa.state)) {
    auto exchanged = std::move(state->exchanged);
    auto channel = open_channel(core, sa, exchanged, secret);
    return start_auth(core, sa, std::move(exchanged), std::move(channel));
  }
  if (auto* state = std::get_if<ResponderDeriving>(&sa.state)) {
    auto waiting = std::move(*state);
    auto channel = open_channel(core, sa, waiting.exchanged, secret);
    sa.state = Authenticating{std::move(waiting.exchanged), std::move(channel)};
    receive_protected(core, sa, waiting.held, waiting.held_path);
  }
}

}  // namespace

std::optional<Spi> start_init(Core& core, const std::string& tunnel) {
  const auto complain = [&](std::string why) -> std::optional<Spi> {
    core.event(EventKind::configuration, Path{}, std::move(why), tunnel);
    return std::nullopt;
  };
  const auto terms = resolve_tunnel(core.configuration, tunnel);
  if (!terms) return complain(terms.error());
  const auto remote = terms->tunnel->remotes()[core.tunnels[tunnel].remote];
  const auto* peer = keyring_peer(core.configuration, *terms->profile, remote, nullptr);
  if (!peer || peer->local_key.empty())
    return complain(fmt::format("keyring {} of IKEv2 profile {} has no local key for {}", terms->profile->keyring,
                                terms->profile->name, remote));
  const auto proposals = proposals_for(core.configuration, terms->tunnel->local);
  InitAttempt attempt{
      .offer = offer_ike(proposals), .nonce = core.random.bytes(nonce_octets), .cookie = {}, .hint = {}};
  const auto groups = groups_of(attempt.offer);
  if (groups.empty()) return complain(fmt::format("no usable IKEv2 proposal for {}", terms->tunnel->local));
  attempt.group = groups.front();

  if (!may_initiate(core, tunnel)) return std::nullopt;
  auto& sa = core.create(true, {{terms->tunnel->local, ike_port}, {remote, ike_port}});
  core.serve(sa, tunnel);
  ++core.statistics.initiated;
  make_key(core, sa, std::move(attempt));
  core.count_negotiations(sa);
  return sa.local_spi;
}

void on_init_request(Core& core, const wire::Message& message, net::View datagram, const Path& path) {
  const std::string_view octets(reinterpret_cast<const char*>(datagram.data()), datagram.size());
  const InitKey key{message.header.initiator_spi, path.remote, std::hash<std::string_view>{}(octets)};
  if (const auto known = core.initiated_by_peers.find(key); known != core.initiated_by_peers.end()) {
    if (const auto* sa = core.find(known->second)) repeat_response(core, *sa, datagram, path);
    return;
  }
  if (core.configuration.profiles.empty()) return;
  ++core.statistics.requests_in;
  const auto parts = parts_of(message.payloads);
  if (!parts.complete() || datagram.size() > request_octets_max || !parts.sa->numbered_from_one())
    return refuse(core, message, path, datagram.size(), NotifyType::invalid_syntax, "malformed IKE_SA_INIT request");
  const auto cookie = judge_cookie(core, message, path);
  if (cookie != CookieState::good && cookies_in_force(core))
    return demand_cookie(core, message, path, datagram.size(), cookie);
  answer_request(core, message, datagram, path, key, cookie);
}

void on_init_response(Core& core, Sa& sa, const wire::Message& message, net::View datagram, const Path& path) {
  const auto parts = parts_of(message.payloads);
  if (parts.complete() && message.header.responder_spi != 0) return accept_response(core, sa, message, datagram, path);
  if (const auto* cookie = wire::find_notify(message.payloads, NotifyType::cookie)) return on_cookie(core, sa, *cookie);
  const auto* error = first_error(message.payloads);
  if (!error) {
    ++core.statistics.malformed;
  } else if (error->type == NotifyType::invalid_ke_payload) {
    on_invalid_ke(core, sa, *error);
  } else {
    on_hint(core, sa, describe(error->type));
  }
}

void on_answer(Core& core, Sa& sa, Answer answer) {
  core.touch(sa);
  std::visit(net::overloaded{[&](crypto::KeyPair& own) { on_key_pair(core, sa, std::move(own)); },
                             [&](net::Secret& secret) { on_shared_secret(core, sa, secret); },
                             [&](AskFailed&) {
                               abort(core, sa, "Diffie-Hellman failed: the peer's public value is unacceptable");
                             }},
             answer);
}

void derive_for(Core& core, Sa& sa, net::View datagram, const Path& path) {
  auto state = std::move(std::get<HalfOpen>(sa.state));
  sa.state = ResponderDeriving{std::move(state.exchanged), path, {datagram.begin(), datagram.end()}};
  core.ask(sa, DeriveSecret{std::move(state.own), std::move(state.peer_public)});
}

}  // namespace culvert::ike::v2
