// Who may begin: cookies, the limits of negotiations and SAs, and who gives way (RFC 7296 §2.6).
//
// A newcomer is kept nothing for until the number of half-open SAs reaches a threshold below their limit; from there on
// it has to show a cookie, so that invented addresses fill no more than the threshold. Those that have shown one may
// displace an SA that has waited for its IKE_AUTH longer than an honest peer would.
#pragma once

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// The limits in force.
std::uint32_t negotiating_in_max(const Core& core);
std::uint32_t negotiating_out_max(const Core& core);

// What an IKE_SA_INIT request says of its cookie.
enum class CookieState : std::uint8_t { missing, bad, good };
// Requires: the request has a nonce.
CookieState judge_cookie(const Core& core, const wire::Message& request, const Path& path);
// Whether a newcomer has to show one now.
bool cookies_in_force(const Core& core);
// Answers by COOKIE and nothing else.
void demand_cookie(Core& core, const wire::Message& request, const Path& path, std::size_t octets, CookieState had);

// Whether there is room for a peer's SA, if need be after another has gone; `proven` says that it showed a cookie.
bool make_room(Core& core, const Path& path, bool proven);
// Whether we may begin one. An event says why not.
bool may_initiate(Core& core, const std::string& tunnel);

}  // namespace culvert::ike::v2
