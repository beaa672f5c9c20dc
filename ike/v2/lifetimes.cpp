#include "ike/v2/lifetimes.h"

#include <algorithm>

#include "ike/v2/dpd.h"
#include "ike/v2/keepalive.h"

namespace culvert::ike::v2 {
namespace {

using std::chrono::seconds;

net::Duration up_to(Core& core, net::Duration most) {
  return net::Duration(static_cast<net::Duration::rep>(
      core.random.below(static_cast<std::uint64_t>(std::max<net::Duration::rep>(most.count(), 0)) + 1)));
}

}  // namespace

net::Duration rekey_after(Core& core, net::Duration lifetime) {
  const auto margin = std::max<net::Duration>(lifetime / 10, std::min<net::Duration>(seconds(30), lifetime / 10 * 3));
  return lifetime - margin - up_to(core, lifetime / 10);
}

std::uint64_t rekey_volume(Core& core, std::uint64_t lifetime_kb) {
  return lifetime_kb / 10 * 8 + core.random.below(lifetime_kb / 10 + 1);
}

net::Duration rekey_retry(Core& core, net::Duration left) {
  const auto wait = std::clamp<net::Duration>(left / 4, seconds(1), seconds(10));
  return wait + up_to(core, wait / 2);
}

void start_life(Core& core, Sa& sa) {
  const auto& state = *sa.established();
  const net::Duration whole = seconds(state.lifetime_s);
  // The initiator is up to a twentieth earlier, so that the two ends do not close it in the same moment.
  sa.timers.set(Timer::lifetime, core.now + whole - (sa.initiator ? up_to(core, whole / 20) : net::Duration{}));
  sa.timers.set(Timer::rekey, core.now + rekey_after(core, whole));
  start_keepalive(core, sa);
  start_dpd(core, sa);
  core.touch(sa);
}

}  // namespace culvert::ike::v2
