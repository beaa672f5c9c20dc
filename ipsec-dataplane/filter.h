// The packet filters of interfaces: on arrival, and where route has chosen the way out.
#pragma once

#include <span>

#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/tables.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

// Judges what arrived on an interface with an input filter, before classify. A packet that came out of ESP is judged on
// its tunnel, where the clear packet arrives; on a port it was judged already, sealed. What is denied goes to
// icmp_error.
void filter_input(Burst& burst, const Tables& tables, WorkerState& worker);

// Judges packets in step route whose adjacency is chosen, by the filter of the interface they would leave by. What the
// router made itself passes, as in IOS.
void filter_output(std::span<Packet* const> packets, const Tables& tables, WorkerState& worker);

}  // namespace culvert::dataplane
