// What a rekey remembers between its steps, for each of its four parts (RFC 7296 §1.3.2, §1.3.3, §2.8).
//
// A side has at most one exchange of its own and one of the peer's, since the window is one request wide. Our own walks
// the stages below; the peer's waits for slow work only. Names and values are kept, never pointers: the configuration
// may be another one by the time the work is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ike/configuration.h"
#include "ike/crypto/key_exchange.h"
#include "ike/engine.h"
#include "ike/v2/proposals.h"
#include "ike/v2/spi_lease.h"
#include "net/bytes.h"

namespace culvert::ike::v2 {

enum class RekeyStage : std::uint8_t {
  making_key,
  ready,  // to be sent when the window is free
  sent,
  deriving
};

// The lower nonce of an exchange by which the peer rekeyed what we are rekeying, and what it made.
template <class Id>
struct Rival {
  net::Bytes lowest_nonce;
  Id made{};
};

// What both ends agreed on, not installed yet.
struct ChildAgreement {
  SpiLease inbound;
  EspChoice choice;
  std::vector<TrafficSelector> local_selectors, remote_selectors;
  std::string tunnel;
  std::uint32_t lifetime_s = 0;
  std::uint64_t lifetime_kb = 0;
  std::uint32_t replay_window_packets = 64;
  std::uint32_t idle_time_s = 0;
  bool others_possible = false;  // more of the peer's offer would have done: ADDITIONAL_TS_POSSIBLE
};

// Our exchange for a Child SA: in place of `old`, or one more where there is none.
struct ChildRekey {
  std::optional<ChildId> old;
  std::string tunnel;
  ChildSelectors selectors;  // offered
  RekeyStage stage = RekeyStage::ready;
  std::vector<TransformSet> offered;
  std::optional<Group> group;
  SpiLease inbound;
  net::Bytes nonce;
  std::optional<crypto::KeyPair> key;
  std::optional<Rival<ChildId>> rival;
  // Once the peer has agreed:
  std::optional<ChildAgreement> agreement;
  net::Bytes peer_nonce;
  // What the peer deleted while we waited, though we hold no such child: it may be the one that its answer makes.
  std::vector<std::uint32_t> deleted_unknown;
};

struct IkeRekey {
  RekeyStage stage = RekeyStage::making_key;
  wire::SecurityAssociation offer;
  Group group{};
  unsigned retries = 0;  // after INVALID_KE_PAYLOAD
  std::uint64_t local_spi = 0;
  net::Bytes nonce;
  std::optional<crypto::KeyPair> key;
  std::optional<Rival<std::uint64_t>> rival;
  // Once the peer has agreed:
  IkeSuite suite;
  std::uint64_t remote_spi = 0;
  net::Bytes peer_nonce;
};

struct ChildAnswer {
  Path path;
  std::optional<ChildId> old;  // none: one more
  ChildAgreement agreement;
  net::Bytes initiator_nonce, responder_nonce;
  net::Bytes peer_public;  // empty without a KE
  net::Bytes own_public;
};

struct IkeAnswer {
  Path path;
  IkeChoice choice;
  std::uint64_t local_spi = 0, remote_spi = 0;
  net::Bytes initiator_nonce, responder_nonce;
  net::Bytes peer_public, own_public;
};

}  // namespace culvert::ike::v2
