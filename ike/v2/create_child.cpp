#include "ike/v2/create_child.h"

#include <algorithm>

#include "ike/v2/child_rekey.h"
#include "ike/v2/ending.h"
#include "ike/v2/ike_rekey.h"
#include "ike/v2/rekey_parts.h"
#include "ike/v2/wants.h"
#include "net/overloaded.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;

bool is_of_ike(const wire::SecurityAssociation& offer) {
  return std::ranges::any_of(offer.proposals,
                             [](const wire::Proposal& one) { return one.protocol == wire::ProtocolId::ike; });
}

void begin_next(Core& core, Sa& sa, Established& state) {
  if (state.rekey_due || sa.requests.runs_out_of_ids()) return begin_ike_rekey(core, sa);
  // The peer may not hold one that does not send yet, and would say that it does not exist.
  const auto due =
      std::ranges::find_if(state.children, [](const Child& child) { return child.rekey_due && child.sends; });
  if (due != state.children.end()) return begin_child_rekey(core, sa, *due);
  if (const auto tunnel = tunnel_that_wants(core, sa)) begin_child_creation(core, sa, *tunnel);
}

// What is ready waits while the peer's request for the same is being answered.
void send_what_is_ready(Core& core, Sa& sa, const Established& state) {
  const bool answering_ike = std::holds_alternative<IkeAnswer>(state.answering);
  const auto* answering = std::get_if<ChildAnswer>(&state.answering);
  if (const auto* child = std::get_if<ChildRekey>(&state.own); child && child->stage == RekeyStage::ready) {
    if (!answering_ike && !(answering && answering->old == child->old)) send_child_rekey(core, sa);
    return;
  }
  const auto* ike = std::get_if<IkeRekey>(&state.own);
  const bool quiet = !answering_ike && !answering && !busy_with_children(sa);
  if (ike && ike->stage == RekeyStage::ready && quiet) send_ike_rekey(core, sa);
}

void on_own_work(Core& core, Sa& sa, Established& state, Answer& answer) {
  std::visit(net::overloaded{[](std::monostate) {}, [&](ChildRekey&) { on_child_rekey_work(core, sa, answer); },
                             [&](IkeRekey&) { on_ike_rekey_work(core, sa, answer); }},
             state.own);
}

void on_peer_work(Core& core, Sa& sa, Established& state, Answer& answer) {
  std::visit(net::overloaded{[](std::monostate) {}, [&](ChildAnswer&) { on_child_answer_work(core, sa, answer); },
                             [&](IkeAnswer&) { on_ike_answer_work(core, sa, answer); }},
             state.answering);
}

}  // namespace

void on_create_child_request(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path) {
  if (sa.established()->heir_of) claim_inheritance(core, sa);
  const auto& state = *sa.established();
  if (state.replaced || !state.doomed.empty()) return refuse(core, sa, notify(NotifyType::temporary_failure), path);
  const auto* offer = wire::find<wire::SecurityAssociation>(payloads);
  if (!offer || !wire::find<wire::Nonce>(payloads)) return refuse(core, sa, notify(NotifyType::invalid_syntax), path);
  if (is_of_ike(*offer)) return answer_ike_rekey(core, sa, payloads, path);
  if (const auto* rekey = wire::find_notify(payloads, NotifyType::rekey_sa))
    return answer_child_rekey(core, sa, payloads, *rekey, path);
  answer_child_creation(core, sa, payloads, path);
}

void on_create_child_response(Core& core, Sa& sa, std::span<const wire::Payload> payloads) {
  std::visit(net::overloaded{[](std::monostate) {}, [&](ChildRekey&) { on_child_rekey_response(core, sa, payloads); },
                             [&](IkeRekey&) { on_ike_rekey_response(core, sa, payloads); }},
             sa.established()->own);
}

void on_rekey_answer(Core& core, Sa& sa, bool for_peer, Answer answer) {
  core.touch(sa);
  if (for_peer) {
    on_peer_work(core, sa, *sa.established(), answer);
  } else {
    on_own_work(core, sa, *sa.established(), answer);
  }
  begin_what_is_due(core, sa);
}

void begin_what_is_due(Core& core, Sa& sa) {
  auto* state = sa.established();
  if (!state || state->replaced || state->heir_of || !state->doomed.empty()) return;
  core.touch(sa);
  if (std::holds_alternative<std::monostate>(state->own)) begin_next(core, sa, *state);
  if (!sa.established()) return;
  send_farewell(core, sa);
  if (sa.requests.free() && sa.requests.has_ids_left()) send_what_is_ready(core, sa, *state);
}

}  // namespace culvert::ike::v2
