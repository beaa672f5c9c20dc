// The stages of a worker's turn, but for those of ESP (esp.h): each a free function over the burst and the tables.
//
// A stage handles the packets whose step is its own and gives each another step. None of them includes rte_ethdev.h, so
// all are tested on a heap pool without ports.
#pragma once

#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/tables.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

// The most times a packet may go from classify to protect in its life: tunnels in tunnels.
inline constexpr std::uint8_t passes_max = 4;

// Checks an Ethernet frame that arrived on port interface `ingress` and leaves it with its step: data at the IPv4
// header (padding trimmed, checksum field completed where the sender's kernel left that to hardware) for classify, at
// the ARP header for punt, or dropped. Nothing after this looks at bounds of the IPv4 header again.
void parse(Packet& packet, InterfaceIndex ingress, const Tables& tables);

// Cuts TCP segments that are longer than any wire carries (a neighbor's segmentation offload on a virtual link) into
// segments that fit the MTU of where they go. In place and in order; the packets keep step classify.
void resegment(Burst& burst, const Tables& tables, WorkerState& worker);

// Counts one more pass for every packet still on its way; one that had passes_max already is dropped. Returns the steps
// of all.
StepSet another_pass(Burst& burst);

// For us, ESP to open, or transit; answers pings.
void classify(Burst& burst, const Tables& tables, WorkerState& worker);

// TTL, next hop, egress interface and size. Leads to transmit, protect, punt (neighbor unknown), icmp_error or drop.
void route(Burst& burst, const Tables& tables, WorkerState& worker);

// The worker that puts a datagram together: all of its fragments go to the same one.
unsigned reassembler_of(Packet& fragment, std::size_t workers);

// Takes every packet whose step is reassemble, a fragment; where it completes its datagram, the whole packet takes its
// place in the burst, step classify.
void reassemble(Burst& burst, WorkerState& worker);

// Gives up datagrams whose time is over; their senders are told (RFC 1122 section 3.3.2).
void expire_fragments(Burst& burst, WorkerState& worker);

// Turns packets that their sender should know about into drops and adds the ICMP errors to the burst, step classify.
void icmp_errors(Burst& burst, const Tables& tables, WorkerState& worker);

// Frees what was dropped and counts it; forgets what is done. Requires: no other step is left in the burst.
void finish(Burst& burst, WorkerState& worker);

}  // namespace culvert::dataplane
