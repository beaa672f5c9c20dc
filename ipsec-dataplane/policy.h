// The stages of crypto policies: what may come in clear, what came out of the right SA, and what must not leave in
// clear (RFC 4301 sections 5.1 and 5.2).
//
// A policy judges whole packets. Where it asks about more than addresses and protocol, fragments are put together
// first; where it does not, those that it protects on their way out are, since ESP carries whole packets.
#pragma once

#include <span>

#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/tables.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

// After the input filter, before classify: a packet that came out of an SA of a policy entry is from now on a packet
// of the entry's interface, if that very entry protects it there; a packet that came in clear is dropped if any entry
// protects it. ESP and IKE for the router pass, and so do its fragments until they are whole.
void policy_in(Burst& burst, const Tables& tables, WorkerState& worker);

// Judges packets in step route whose adjacency is chosen, and directed ones, by the policy of the interface they would
// leave by. What is to be protected gets its entry and SA, or is punted because there is none, or dropped. Our own ESP
// and IKE pass.
void policy_out(std::span<Packet* const> packets, const Tables& tables, WorkerState& worker);

// The SA that seals a packet whose egress is the place of a policy entry; nullptr where none covers it any more.
SecurityAssociation* policy_association(Packet& packet, const Interface& entry);

}  // namespace culvert::dataplane
