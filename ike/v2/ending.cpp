#include "ike/v2/ending.h"

#include <string>

#include <fmt/core.h>

#include "ike/v2/child.h"
#include "ike/v2/ike_rekey.h"
#include "ike/v2/speak.h"
#include "ike/v2/tunnels.h"
#include "net/overloaded.h"

namespace culvert::ike::v2 {
namespace {

using wire::ExchangeType;

// The end of an established SA as the log tells it.
void end_established(Core& core, Sa& sa, std::string_view reason) {
  remove_children(core, sa, reason);
  const auto& state = *sa.established();
  const bool known = state.replaced || state.heir_of || !state.doomed.empty();
  if (!known) core.event(EventKind::sa_down, sa, std::string(reason));
}

// Our rekey of this IKE SA is in flight: the peer may hold the new one already, which must be closed with the old.
bool postpone_close(Core& core, Sa& sa, std::string_view reason) {
  auto& state = *sa.established();
  if (!state.doomed.empty()) return true;
  if (state.replaced || !in_flight(state)) return false;
  end_established(core, sa, reason);
  state.farewells.clear();
  state.doomed = reason;
  return true;
}

void end_negotiation(Core& core, Sa& sa, std::string_view reason) {
  ++core.statistics.failed;
  if (std::holds_alternative<InitiatorMakingKey>(sa.state) || std::holds_alternative<AwaitingInit>(sa.state))
    ++core.statistics.rejected_out;
  core.event(EventKind::neg_abort, sa, std::string(reason));
  on_attempt_failed(core, sa);
}

void become_closing(Core& core, Sa& sa, Farewell owed, bool unauthenticated) {
  core.forget(sa.asked);
  core.forget(sa.asked_for_peer);
  auto channel = std::move(*sa.channel());
  sa.state = Closing{std::move(channel), owed, unauthenticated};
}

std::string unanswered_text(const Sa& sa) {
  const auto* waiting = std::get_if<AwaitingInit>(&sa.state);
  if (!waiting || waiting->attempt.hint.empty()) return "the peer does not answer";
  return fmt::format("the peer does not agree: {}", waiting->attempt.hint);
}

void send_child_farewell(Core& core, Sa& sa, Established& state) {
  if (state.farewells.empty()) return;
  const wire::Payload payload =
      wire::Delete{.protocol = wire::ProtocolId::esp, .spis = {state.farewells.begin(), state.farewells.end()}};
  state.farewells.clear();
  send_request(core, sa, ExchangeType::informational, {&payload, 1}, ChildFarewell{}, negotiation_patience);
}

void send_ike_farewell(Core& core, Sa& sa, Closing& state) {
  const auto owed = std::exchange(state.owed, Farewell::none);
  if (owed == Farewell::none) return;
  wire::Payloads payloads;
  if (owed == Farewell::authentication_failed) payloads.push_back(notify(wire::NotifyType::authentication_failed));
  payloads.push_back(wire::Delete{});
  send_request(core, sa, ExchangeType::informational, payloads, IkeFarewell{}, farewell_patience);
}

}  // namespace

void vanish(Core& core, Sa& sa) {
  sa.state = Gone{};
  core.touch(sa);
}

void on_unanswered(Core& core, Sa& sa, const Purpose& purpose) {
  if (std::holds_alternative<Negotiation>(purpose)) return abort(core, sa, unanswered_text(sa));
  if (!sa.established()) return vanish(core, sa);
  yield_to_rival(core, sa);
  if (sa.established()->replaced) return drop(core, sa, "replaced");
  core.event(EventKind::dpd_dead, sa, "the peer does not answer");
  drop(core, sa, "the peer does not answer");
}

void abort(Core& core, Sa& sa, std::string_view reason) {
  end_negotiation(core, sa, reason);
  vanish(core, sa);
}

void drop(Core& core, Sa& sa, std::string_view reason) {
  end_established(core, sa, reason);
  vanish(core, sa);
}

void close(Core& core, Sa& sa, std::string_view reason) {
  core.touch(sa);
  if (auto* waiting = std::get_if<AwaitingAuth>(&sa.state)) {
    waiting->doomed = reason;
    return on_attempt_failed(core, sa);
  }
  if (std::holds_alternative<Closing>(sa.state) || sa.gone()) return;
  if (!sa.established()) return abort(core, sa, reason);
  if (postpone_close(core, sa, reason)) return;
  end_established(core, sa, reason);
  become_closing(core, sa, Farewell::delete_sa, false);
  send_farewell(core, sa);
}

void retire(Core& core, Sa& sa) {
  sa.established()->replaced = true;
  end_established(core, sa, "replaced");
  become_closing(core, sa, Farewell::delete_sa, false);
  core.touch(sa);
  send_farewell(core, sa);
}

void refuse_responder(Core& core, Sa& sa, std::string_view reason) {
  end_negotiation(core, sa, reason);
  become_closing(core, sa, Farewell::authentication_failed, true);
  send_farewell(core, sa);
}

void linger(Core& core, Sa& sa, std::string_view reason) {
  const bool established = sa.established();
  if (established) end_established(core, sa, reason);
  const bool negotiating = std::holds_alternative<Authenticating>(sa.state);
  if (negotiating) end_negotiation(core, sa, reason);
  become_closing(core, sa, Farewell::none, negotiating);
  sa.requests.give_up();
  sa.timers.stop_all();
  sa.timers.set(Timer::half_open, core.now + linger_for);
  core.touch(sa);
}

void send_farewell(Core& core, Sa& sa) {
  if (!sa.requests.free()) return;
  if (!sa.requests.has_ids_left())
    return sa.established() ? drop(core, sa, "message IDs are used up") : vanish(core, sa);
  if (auto* state = sa.established()) return send_child_farewell(core, sa, *state);
  if (auto* state = std::get_if<Closing>(&sa.state)) {
    sa.timers.stop_all();
    send_ike_farewell(core, sa, *state);
  }
}

}  // namespace culvert::ike::v2
