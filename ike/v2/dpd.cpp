#include "ike/v2/dpd.h"

#include <algorithm>

#include "ike/v2/speak.h"

namespace culvert::ike::v2 {
namespace {

constexpr unsigned probe_sends = 6;  // the probe and five repeats

net::Duration interval_of(const Dpd& dpd) { return std::chrono::seconds(std::max<std::uint32_t>(dpd.interval_s, 1)); }

}  // namespace

void start_dpd(Core& core, Sa& sa) {
  const auto& state = *sa.established();
  if (state.dpd) sa.timers.set(Timer::dpd, core.now + interval_of(*state.dpd));
}

void on_sign_of_life(Core& core, Sa& sa) {
  if (auto* state = sa.established()) {
    state->heard = core.now;
    state->sent_since_heard = false;
  }
}

void on_dpd_due(Core& core, Sa& sa) {
  auto* state = sa.established();
  if (!state || !state->dpd) return;
  const auto& dpd = *state->dpd;
  const auto silent_at = state->heard + interval_of(dpd);
  if (silent_at > core.now) return sa.timers.set(Timer::dpd, silent_at);
  sa.timers.set(Timer::dpd, core.now + interval_of(dpd));
  const bool wanted = dpd.mode == Dpd::Mode::periodic || state->sent_since_heard;
  // A request in flight already asks whether the peer lives.
  if (!wanted || !sa.requests.free() || !sa.requests.has_ids_left()) return;
  send_probe(core, sa);
}

void send_probe(Core& core, Sa& sa, std::span<const wire::Payload> payloads) {
  const auto& dpd = sa.established()->dpd;
  const auto retry_s = std::max<std::uint32_t>(dpd ? dpd->retry_s : Dpd().retry_s, 1);
  send_request(core, sa, wire::ExchangeType::informational, payloads, Probe{},
               {.first = std::chrono::seconds(retry_s), .sends = probe_sends, .doubling = false});
}

}  // namespace culvert::ike::v2
