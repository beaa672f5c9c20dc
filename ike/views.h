// What an IKE engine shows: rows of plain values, taken at one moment. No row holds a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ike/algorithms.h"
#include "ike/configuration.h"
#include "ike/traffic_selector.h"
#include "net/address.h"
#include "net/time.h"

namespace culvert::ike {

using ChildId = std::uint64_t;  // names a Child SA for the life of the engine; never reused

enum class SaStatus : std::uint8_t { negotiating, ready, deleting };  // IN-NEG, READY, DELETE

// One pair of ESP SAs, as `show crypto ipsec sa` and `show crypto session` want it.
struct ChildView {
  ChildId id = 0;
  std::uint32_t tunnel_id = 0;  // of the IKE SA that made it
  std::string tunnel;           // "Tunnel1"
  net::Endpoint local, remote;  // outer; ports are those of UDP encapsulation, 0 for bare ESP
  std::uint32_t inbound_spi = 0, outbound_spi = 0;
  Encryption encryption{};
  Integrity integrity{};
  std::optional<Group> pfs;
  std::vector<TrafficSelector> local_selectors, remote_selectors;
  std::uint32_t lifetime_s = 0;
  std::uint64_t lifetime_kb = 0;
  bool extended_sequence_numbers = false;
  std::uint32_t replay_window_packets = 64;  // 0 = no replay check
  std::int64_t active_s = 0;                 // since it was installed
  std::int64_t left_s = 0;                   // until it expires, at least 0
  bool initiator = false;                    // of the exchange that made it
};

// One IKE SA, as `show crypto ikev2 sa detailed` wants it. What is not known yet is empty.
struct SaView {
  std::uint32_t tunnel_id = 0;   // "Tunnel-id", from 1, unique among live SAs
  std::uint32_t session_id = 0;  // from 1, never reused
  net::Endpoint local, remote;
  SaStatus status = SaStatus::negotiating;
  std::string status_description;  // "Negotiation done", "Initiator waiting for INIT response"
  std::optional<Encryption> encryption;
  std::optional<Integrity> integrity;  // Integrity::none for AEAD
  std::optional<Prf> prf;
  std::optional<Group> group;
  std::string auth_sign, auth_verify;  // "PSK", or empty before they are used
  std::uint32_t lifetime_s = 0;
  std::int64_t active_s = 0;  // since it was established; 0 before
  std::uint64_t local_spi = 0, remote_spi = 0;
  std::optional<Identity> local_id, remote_id;  // remote_id only once its AUTH has verified
  std::string profile, tunnel;                  // names; `tunnel` is empty where the SA serves none
  // Message IDs: the last request of each side, and the next that is due from it.
  std::uint32_t local_request_id = 0, local_next_id = 0, remote_request_id = 0, remote_next_id = 0;
  std::uint32_t local_requests_queued = 0;
  std::uint32_t local_window = 1, remote_window = 1;
  std::optional<Dpd> dpd;
  bool nat_local = false, nat_remote = false;  // we, or the peer, sit behind a NAT (or say so)
  bool initiator = false;
  std::vector<ChildView> children;
};

// Counted since the engine was made; never reset.
struct Statistics {
  std::uint64_t datagrams_in = 0, datagrams_out = 0, keepalives_in = 0, keepalives_out = 0;
  std::uint64_t malformed = 0;          // dropped: too short, lengths that lie, unparsable before authentication
  std::uint64_t wrong_version = 0;      // dropped: not IKEv2
  std::uint64_t unknown_spi = 0;        // requests and responses for no SA of ours
  std::uint64_t not_authentic = 0;      // dropped: integrity check failed
  std::uint64_t wrong_state = 0;        // dropped: an exchange that does not fit the state of its SA
  std::uint64_t outside_window = 0;     // dropped: a message ID neither due nor answered last
  std::uint64_t half_open_refused = 0;  // IKE_SA_INIT beyond the limit of half-open SAs
  std::uint64_t half_open_evicted = 0;  // half-open SAs that gave way to a newcomer
  std::uint64_t sa_limit_refused = 0;   // negotiations of either side beyond `crypto ikev2 limit max-sa`
  // IKE_SA_INIT requests by peers, repeats apart: each is accepted, rejected, or met by a demand for
  // a cookie or another group.
  std::uint64_t requests_in = 0, accepted_in = 0, rejected_in = 0;
  std::uint64_t cookies_demanded = 0;  // IKE_SA_INIT requests that were answered by COOKIE alone, for ...
  std::uint64_t cookies_missing = 0;   // ... want of a cookie
  std::uint64_t cookies_bad = 0;       // ... or for a wrong one
  std::uint64_t cookies_accepted = 0;
  std::uint64_t accepted_out = 0, rejected_out = 0;  // of `initiated`: IKE_SA_INIT answered, given up
  std::uint64_t unanswered = 0;         // errors that were not answered: too many, or longer than what asked for them
  std::uint64_t retransmitted = 0;      // our requests, sent again
  std::uint64_t repeated = 0;           // our responses, sent again because the peer asked again
  std::uint64_t hints = 0;              // unprotected error notifies, noted and not believed
  std::uint64_t events_suppressed = 0;  // events beyond the rate limit of their cause
  std::uint64_t initiated = 0, established = 0, failed = 0;  // IKE SAs
  std::uint64_t children_installed = 0, children_removed = 0;
  std::uint64_t ike_rekeys = 0, child_rekeys = 0;  // that took over, whoever began them
  std::uint64_t rekey_collisions = 0;              // both ends rekeyed the same SA at once
  std::uint64_t invalid_spis = 0;                  // ESP under SPIs that the dataplane did not know, as reported
  std::uint64_t half_open = 0, negotiating_out = 0, sas = 0;  // gauges: now
  std::uint64_t child_spis = 0, asks = 0;  // gauges: inbound ESP SPIs that are taken; slow work under way
};

}  // namespace culvert::ike
