// One IKE SA, from the first message to the last.
//
// The state is a variant, so keys exist only while they are valid. An initiator walks MakingKey, AwaitingInit,
// Deriving, AwaitingAuth, Established; a responder MakingKey, HalfOpen, Deriving, Authenticating, Established. Either
// may step to Closing, where nothing is left but to finish speaking, and to Gone, which Core sweeps away.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "ike/algorithms.h"
#include "ike/configuration.h"
#include "ike/crypto/key_exchange.h"
#include "ike/crypto/keys.h"
#include "ike/engine.h"
#include "ike/v2/natd.h"
#include "ike/v2/rekeys.h"
#include "ike/v2/spi_lease.h"
#include "ike/v2/timers.h"
#include "ike/v2/window.h"
#include "ike/wire/message.h"
#include "ike/wire/protection.h"
#include "net/bytes.h"
#include "net/time.h"

namespace culvert::ike::v2 {

using Spi = std::uint64_t;
// What tells one IKE_SA_INIT request from another (RFC 7296 §2.1): SPI, source, and a hash of the message.
using InitKey = std::tuple<Spi, net::Endpoint, std::size_t>;

// What IKE_SA_INIT leaves for the key schedule and for AUTH.
struct Exchanged {
  IkeSuite suite;
  net::Bytes initiator_nonce, responder_nonce;
  net::Bytes init_request, init_response;  // as sent and received, without the non-ESP marker
};

// The keys of an IKE SA, and its two directions.
struct Channel {
  IkeSuite suite;
  crypto::IkeKeys keys;
  wire::Sealer sealer;
  wire::Opener opener;

  static Channel open(const IkeSuite& suite, crypto::IkeKeys keys, bool initiator);
};

enum class ChildStage : std::uint8_t {
  live,
  replaced,  // another took over, and the peer owes us the Delete
  deleting,  // our Delete is owed or in flight; it still receives
  draining,  // deleted by the peer after a rekey; it receives what is on its way
};

// One pair of ESP SAs that the dataplane holds.
struct Child {
  ChildId id = 0;
  std::string tunnel;
  SpiLease inbound;
  std::uint32_t outbound_spi = 0;
  EspSuite suite;
  std::vector<TrafficSelector> local_selectors, remote_selectors;
  Path path;
  bool encapsulated = false;  // in UDP, on the ports of `path`
  std::uint32_t lifetime_s = 0;
  std::uint64_t lifetime_kb = 0;
  std::uint32_t replay_window_packets = 64;
  std::uint32_t idle_time_s = 0;  // 0: it may stand idle
  net::Time used;                 // when a packet last went either way
  net::Time installed, expires;
  std::optional<net::Time> rekey_at;
  bool rekey_due = false;
  ChildStage stage = ChildStage::live;
  std::optional<ChildId> successor;  // of one that is replaced
  bool sends = true;                 // false: receive_only, the peer may not hold it yet
  bool initiator = false;
};

// Initiator: our key pair is being made. Kept over the retries that COOKIE and INVALID_KE_PAYLOAD ask for.
struct InitAttempt {
  std::vector<ike::Proposal> proposals;  // as configured when the attempt began
  wire::SecurityAssociation offer;
  Group group{};
  net::Bytes nonce;
  net::Bytes cookie;  // empty until asked for
  unsigned retries = 0;
  std::string hint;  // the last unprotected error, for the epitaph
};
struct InitiatorMakingKey {
  InitAttempt attempt;
};
struct AwaitingInit {
  InitAttempt attempt;
  crypto::KeyPair own;
};
struct InitiatorDeriving {
  Exchanged exchanged;
};
struct AwaitingAuth {
  Exchanged exchanged;
  Channel channel;
  wire::Identification local_id;
  SpiLease child_spi;
  std::vector<TransformSet> child_offer;
  ChildSelectors child_selectors;
  std::string doomed;  // why it is closed as soon as it is established; empty: it is wanted
};

// Responder: keys are derived when the first IKE_AUTH request arrives, so that a spoofed source costs little.
struct ResponderMakingKey {
  Exchanged exchanged;
  wire::KeyExchange peer_key;
  std::uint8_t proposal_number = 0;
};
struct HalfOpen {
  Exchanged exchanged;
  crypto::KeyPair own;
  net::Bytes peer_public;
};
struct ResponderDeriving {
  Exchanged exchanged;
  Path held_path;
  net::Bytes held;  // the IKE_AUTH request that waits for the keys
};
struct Authenticating {
  Exchanged exchanged;
  Channel channel;
};

// The first of a line of IKE SAs, each of which rekeyed the one before: what tells lines apart that crossed.
struct Origin {
  bool initiator = false;
  Spi initiator_spi = 0, responder_spi = 0;
  std::uint64_t born = 0;  // its Sa::order
};
struct Established {
  Channel channel;
  Origin origin;
  Identity local_id, remote_id;
  std::string profile;
  std::uint32_t lifetime_s = 0;
  std::optional<Dpd> dpd;
  net::Time since;
  std::uint64_t order = 0;        // of its establishment among all births and establishments of the engine
  net::Time heard;                // the last proof that the peer lives
  bool sent_since_heard = false;  // traffic of ours since then: what on-demand probing waits for
  std::vector<Child> children;
  std::deque<std::uint32_t> farewells;  // inbound SPIs of children that a Delete will name when the window is free
  std::vector<std::uint32_t> leaving;   // outbound SPIs of children that are gone, but for the answer to our Delete

  std::variant<std::monostate, ChildRekey, IkeRekey> own;          // the rekey that we began
  std::variant<std::monostate, ChildAnswer, IkeAnswer> answering;  // the peer's, while its keys are being made
  bool rekey_due = false;                                          // of the IKE SA
  bool replaced = false;                   // another IKE SA took over, or made it redundant; its Delete is due
  net::Time invalid_spi_told{};            // when the peer was last told of ESP that we cannot open
  std::optional<Spi> heir_of;              // made by the peer while we rekey that SA, too: which survives is open
  std::optional<net::Time> refused_since;  // the first of the TEMPORARY_FAILUREs that never ended
  std::string doomed;                      // why it is closed when our own rekey has been answered
};

// The Delete that is owed while another request is in flight.
enum class Farewell : std::uint8_t { none, delete_sa, authentication_failed };

// Nothing is left but to finish speaking: our Delete, or the last response, repeated on demand for a while.
struct Closing {
  Channel channel;
  Farewell owed = Farewell::none;
  bool unauthenticated = false;  // the peer never proved who it is: counts as half-open
};
struct Gone {};

using State = std::variant<InitiatorMakingKey, AwaitingInit, InitiatorDeriving, AwaitingAuth, ResponderMakingKey,
                           HalfOpen, ResponderDeriving, Authenticating, Established, Closing, Gone>;

struct Sa {
  Spi local_spi = 0;
  Spi remote_spi = 0;  // 0 until the peer has told
  bool initiator = false;
  std::uint32_t tunnel_id = 0;
  std::uint32_t session_id = 0;
  std::uint64_t order = 0;  // of its birth, see Established::order
  Path path;
  std::string tunnel;  // what it serves; a responder knows only after IKE_AUTH
  NatStatus nat;
  bool peer_detects_nat = false;  // its IKE_SA_INIT request has NAT_DETECTION notifies
  Timers timers;
  RequestWindow requests;
  ResponseWindow responses;
  std::optional<AskId> asked;                           // slow work under way for the state, or for our own rekey
  std::optional<AskId> asked_for_peer;                  // for the peer's rekey
  std::optional<InitKey> init_key;                      // a responder's, by which repeats of IKE_SA_INIT find it
  bool counted_half_open = false, counted_out = false;  // in Statistics
  State state = Gone{};

  Spi initiator_spi() const { return initiator ? local_spi : remote_spi; }
  Spi responder_spi() const { return initiator ? remote_spi : local_spi; }
  // nullptr before keys are derived and after the SA is gone.
  Channel* channel();
  Established* established() { return std::get_if<Established>(&state); }
  const Established* established() const { return std::get_if<Established>(&state); }
  bool gone() const { return std::holds_alternative<Gone>(state); }
  // A responder's SA that has not authenticated its peer.
  bool half_open() const;
  // An initiator's SA that is still being negotiated.
  bool negotiating_out() const;
};

}  // namespace culvert::ike::v2
