// Child SAs: installed when AUTH has verified, removed once (RFC 7296 §1.2, §2.17).
//
// Before a child ends, another begins: of the two that a rekey overlaps, the old one receives until both ends have let
// it go, and the tunnel sends on the new one only when the peer is known to hold it (§2.8).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// The exchange that made a child.
struct ChildExchange {
  bool initiator = false;  // we began it
  net::View initiator_nonce, responder_nonce;
  const net::Secret* shared_secret = nullptr;  // of its KE payloads, if it had any
};
// Whether the tunnel may send on it at once: not if it replaces another and we did not begin the exchange.
enum class Sending : bool { at_once, when_peer_holds_it };
// Derives the keys and hands them to the dataplane. Requires: sa is Established, so both AUTH payloads have verified.
ChildId install_child(Core& core, Sa& sa, ChildAgreement agreement, const ChildExchange& exchange,
                      Sending sending = Sending::at_once);
// The peer is known to hold it: the tunnel sends on it.
void send_on(Core& core, Child& child);
// The tunnel sends on it no more, but on another that carries the same. Nothing happens where there is none.
void send_no_more(Core& core, Child& child);
// All children of a tunnel, on whatever IKE SA, the oldest first.
std::vector<std::pair<Sa*, Child*>> children_of(Core& core, std::string_view tunnel);
// Whether a child carries packets and goes on to: it is live, or waits for the peer's Delete.
inline bool stays(const Child& child) { return child.stage == ChildStage::live || child.stage == ChildStage::replaced; }
Child* find_child(Sa& sa, ChildId id);

// The peer's NAT has moved: the ESP of its children follows the ports of the IKE SA.
void move_children(Core& core, Sa& sa);

// Takes one or all Child SAs from the dataplane; the peer is told nothing.
void remove_child(Core& core, Sa& sa, ChildId id, std::string_view reason);
void remove_children(Core& core, Sa& sa, std::string_view reason);

// The soonest rekey or end of a child of this SA has come. Those to be rekeyed are marked; those that ended are
// removed, and the peer is told.
void on_child_due(Core& core, Sa& sa);
// Sets the timer of the children after a change of their times.
void watch_children(Sa& sa);
// Removes a child and tells the peer by a Delete.
void close_child(Core& core, Sa& sa, ChildId id, std::string_view reason);
// Tells the peer by a Delete; the child receives until the peer has answered. For one that another replaces.
void retire_child(Core& core, Sa& sa, ChildId id);
// The peer has answered a Delete of children.
void on_retired(Core& core, Sa& sa);
// The peer deleted it: removed at once, or if another carries the same, when what is on its way has arrived.
void on_deleted_by_peer(Core& core, Sa& sa, ChildId id);

}  // namespace culvert::ike::v2
