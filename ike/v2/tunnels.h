// Tunnels that are up want one Child SA each: who starts, who waits, and which of two is kept.
//
// Both ends may start at the same moment, and both SAs may come up. Then, for as long as an IKE SA of either initiative
// carries the tunnel, the one with the greater initiator SPI (then responder SPI) is the loser. An IKE SA that rekeyed
// another counts as the first of its line. Both ends know both pairs of SPIs, so they agree without a word. The end
// that initiated the other one knows that both ends hold it, and lets the loser go: it sends on the other one, deletes
// the loser's children, receives on them until that is answered, and closes what is left. Since only one end acts, no
// two Deletes can cross and leave nothing, and no packet is lost. Of two that followed each other the later one is
// kept.
#pragma once

#include <string>
#include <string_view>

#include "ike/plan.h"
#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// Carries out one line of the plan. `core.configuration` is the new one.
void apply(Core& core, const TunnelChange& change);

// The time to try has come.
void on_tunnel_due(Core& core, const std::string& name);
// What carries the tunnel will end, and the peer puts off its rekey: a new IKE SA is begun beside it and takes over
// when it stands. Nothing happens where that is under way, or the tunnel is one on demand.
void begin_beside(Core& core, const std::string& name);
// The attempt of its own initiative ended without a Child SA.
void on_attempt_failed(Core& core, const Sa& sa);
void on_child_installed(Core& core, Sa& sa, const std::string& tunnel);
// Another IKE SA carries the tunnel: this one, if it has no children, is closed when its rekey comes up, and that is
// soon.
void look_whether_surplus(Core& core, Sa& sa, std::string_view tunnel);
void on_child_removed(Core& core, const std::string& tunnel);

// Whether any IKE SA, or this one, has a child for the tunnel that is not about to go.
bool carried(const Core& core, std::string_view tunnel);
bool carries(const Sa& sa, std::string_view tunnel);

}  // namespace culvert::ike::v2
