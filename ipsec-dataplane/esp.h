// The two stages of ESP in a worker's turn (RFC 4303, RFC 3948); everything about SAs is behind them.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "ipsec-dataplane/multi_buffer.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/sa_parameters.h"
#include "ipsec-dataplane/tables.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

// What `workers` workers cipher with; element i belongs to worker i and becomes its WorkerState::crypto. At
// most `associations_max` SAs of both directions stand at a time. Control thread. The error is one line: what is wrong.
std::expected<std::vector<std::shared_ptr<CryptoEngine>>, std::string> start_crypto(
    unsigned workers, unsigned associations_max = 1024, Instructions instructions = Instructions::widest);

// An SA ready to use, its keys expanded; `interface` is the tunnel that it belongs to. Control thread; the last owner
// of the pointer (a snapshot, after its grace period) wipes the keys, on the control thread as well.
std::expected<std::shared_ptr<SecurityAssociation>, std::string> make_security_association(
    const SaParameters& parameters, InterfaceIndex interface);
// Safe while a worker uses the SA.
SaStatistics statistics_of(const SecurityAssociation& association);

// Where a cipher works on many packets at once, both stages may keep some that they were given, but only while
// WorkerState::backlog says that others will follow at once. Those come out of the same stage of a later call, before
// what it is given then: an SA keeps the order of its packets. Without backlog nothing is kept.

// Opens every packet whose step is esp_open: data at the outer IPv4 header, ESP after it (flag::udp_esp: after an
// 8-octet UDP header that classify has checked). Looks the SA up by SPI, verifies, decrypts, checks replay and
// selectors; leaves data at the inner IPv4 header, its interface set to the SA's tunnel, flag::decrypted set,
// flag::udp_esp cleared, meta.header_length set, step classify; or drops with its reason.
void esp_open(Burst& burst, const Tables& tables, WorkerState& worker);

// Seals every packet whose step is protect: meta.egress is a tunnel interface, data at the inner IPv4 header, TTL
// already decremented and size already checked against the tunnel's MTU. Leaves data at the outer IPv4 header, with
// flag::local and flag::sealed set (the outer TTL is not decremented again), meta.header_length = 20, step route; or
// drops with its reason (tunnel_down where the tunnel lost its SA).
void esp_seal(Burst& burst, const Tables& tables, WorkerState& worker);

}  // namespace culvert::dataplane
