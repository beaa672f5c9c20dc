#include "ike/v2/admission.h"

#include <algorithm>

#include <fmt/core.h>

#include "ike/v2/ending.h"
#include "ike/v2/speak.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;

constexpr auto honest_wait_max = std::chrono::seconds(1);  // until the IKE_AUTH request of a peer that answers at once

CookieSubject subject_of(const wire::Message& request, const Path& path) {
  return {.initiator_nonce = wire::find<wire::Nonce>(request.payloads)->value,
          .address = path.remote.address,
          .initiator_spi = request.header.initiator_spi};
}

bool full_of_sas(const Core& core) {
  return core.configuration.limits.sas && core.sas.size() >= *core.configuration.limits.sas;
}

// When an SA that proved nothing was begun; nullopt for one whose keys are being made, and one that has proved itself.
std::optional<net::Time> idle_since(const Core& core, const Sa& sa) {
  const auto* closing = std::get_if<Closing>(&sa.state);
  if (closing && closing->unauthenticated) return net::Time::min();
  if (!std::holds_alternative<HalfOpen>(sa.state)) return std::nullopt;
  const auto expires = sa.timers.due(Timer::half_open);
  return expires ? std::optional(*expires - core.options.half_open_age_max) : std::nullopt;
}

// The oldest of those that may go, among the oldest few: the search has to be cheap in a flood.
Sa* oldest_idle(Core& core) {
  constexpr int looked_at_max = 32;
  int looked_at = 0;
  for (const auto& [order, spi] : core.half_open) {
    if (++looked_at > looked_at_max) break;
    auto* sa = core.find(spi);
    const auto since = sa ? idle_since(core, *sa) : std::nullopt;
    if (since && *since <= core.now - honest_wait_max) return sa;
  }
  return nullptr;
}

bool evict_one(Core& core) {
  auto* oldest = oldest_idle(core);
  if (!oldest) return false;
  ++core.statistics.half_open_evicted;
  if (std::holds_alternative<Closing>(oldest->state)) {
    vanish(core, *oldest);
  } else {
    abort(core, *oldest, "gave way to a newcomer");
  }
  return true;
}

}  // namespace

std::uint32_t negotiating_in_max(const Core& core) {
  return core.configuration.limits.negotiating_in.value_or(core.options.half_open_max);
}

std::uint32_t negotiating_out_max(const Core& core) {
  return core.configuration.limits.negotiating_out.value_or(core.options.negotiating_out_max);
}

CookieState judge_cookie(const Core& core, const wire::Message& request, const Path& path) {
  const auto* shown = wire::find_notify(request.payloads, NotifyType::cookie);
  if (!shown) return CookieState::missing;
  return core.cookies.accepts(core.now, subject_of(request, path), shown->data) ? CookieState::good : CookieState::bad;
}

bool cookies_in_force(const Core& core) {
  const auto most = negotiating_in_max(core);
  const auto own = std::min(core.options.cookie_challenge_from, most / 2);
  return core.half_open.size() >= std::min(core.configuration.limits.cookie_challenge.value_or(own), most);
}

void demand_cookie(Core& core, const wire::Message& request, const Path& path, std::size_t octets, CookieState had) {
  ++core.statistics.cookies_demanded;
  ++(had == CookieState::missing ? core.statistics.cookies_missing : core.statistics.cookies_bad);
  auto cookie = core.cookies.make(core.now, core.random, subject_of(request, path));
  answer_unprotected(core, path, request.header, notify(NotifyType::cookie, std::move(cookie)), octets);
}

bool make_room(Core& core, const Path& path, bool proven) {
  if (full_of_sas(core)) {
    ++core.statistics.sa_limit_refused;
    core.event(EventKind::half_open_limit, path, fmt::format("{} IKE SAs: no more", core.sas.size()));
    return false;
  }
  if (core.half_open.size() < negotiating_in_max(core) || (proven && evict_one(core))) return true;
  ++core.statistics.half_open_refused;
  core.event(EventKind::half_open_limit, path, fmt::format("{} half-open IKE SAs: no more", core.half_open.size()));
  return false;
}

bool may_initiate(Core& core, const std::string& tunnel) {
  if (full_of_sas(core)) {
    ++core.statistics.sa_limit_refused;
    core.event(EventKind::half_open_limit, Path{}, fmt::format("{} IKE SAs: no more", core.sas.size()), tunnel);
    return false;
  }
  if (core.statistics.negotiating_out < negotiating_out_max(core)) return true;
  core.event(EventKind::half_open_limit, Path{},
             fmt::format("{} negotiations of our own: no more", core.statistics.negotiating_out), tunnel);
  return false;
}

}  // namespace culvert::ike::v2
