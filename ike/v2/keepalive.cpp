#include "ike/v2/keepalive.h"

namespace culvert::ike::v2 {
namespace {

constexpr auto keepalive_interval = std::chrono::seconds(20);

}  // namespace

void start_keepalive(Core& core, Sa& sa) {
  if (sa.nat.local) sa.timers.set(Timer::keepalive, core.now + keepalive_interval);
}

void on_keepalive_due(Core& core, Sa& sa) {
  core.outputs.emplace_back(Transmit{sa.path, {std::byte{0xff}}});
  ++core.statistics.keepalives_out;
  start_keepalive(core, sa);
}

}  // namespace culvert::ike::v2
