// The IKEv2 engine: datagrams, time and configuration go in; datagrams, SAs, slow work and events come out.
//
// It has no socket, no clock, no thread and no log. After every call the caller drains poll() and asks deadline() when
// to call timeout() next. Any bytes are acceptable input. Nothing an unauthenticated peer sends grows memory beyond a
// bound, and no Child SA is installed before the AUTH payload of the peer has verified (RFC 7296 §2.15).
//
//   engine.receive(now, path, datagram);
//   while (auto output = engine.poll()) std::visit(net::overloaded{...}, *output);
//   clock.wake_at(engine.deadline());
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ike/algorithms.h"
#include "ike/configuration.h"
#include "ike/crypto/key_exchange.h"
#include "ike/crypto/keys.h"
#include "ike/traffic_selector.h"
#include "ike/views.h"
#include "net/address.h"
#include "net/bytes.h"
#include "net/random.h"
#include "net/secret.h"
#include "net/time.h"

namespace culvert::ike {

namespace v2 {
class Core;
}

// Where a datagram came in or goes out: our endpoint and the peer's. The local port is 500 or 4500; on 4500 an IKE
// datagram carries the four-octet non-ESP marker (RFC 3948 §2.2), in both directions of this interface.
struct Path {
  net::Endpoint local;
  net::Endpoint remote;
  auto operator<=>(const Path&) const = default;
};

struct Transmit {
  Path path;
  net::Bytes bytes;  // the UDP payload
};

// Ports of UDP-encapsulated ESP (RFC 3948).
struct UdpEncapsulation {
  std::uint16_t local_port = 4500;
  std::uint16_t remote_port = 4500;
  bool operator==(const UdpEncapsulation&) const = default;
};

// Install both directions of a Child SA in one step. Several pairs may be installed for one tunnel at a time: all of
// them receive, and the tunnel sends on the one that came last by InstallSa or SendOn; when that one is removed, on the
// one before it. A pair with `receive_only` does not count for sending until its SendOn, nor any after its SendNoMore.
struct InstallSa {
  ChildId child = 0;
  std::string tunnel;
  std::uint32_t inbound_spi = 0;   // chosen by us: what the peer sends to
  std::uint32_t outbound_spi = 0;  // chosen by the peer
  net::Address local, remote;      // outer addresses
  Encryption encryption{};
  Integrity integrity{};                    // Integrity::none for AEAD
  crypto::DirectionKeys inbound, outbound;  // `encryption` ends with the salt where the cipher has one
  std::vector<TrafficSelector> local_selectors, remote_selectors;
  std::optional<UdpEncapsulation> udp;
  bool initiator = false;  // of the exchange that made it
  // It replaces a pair that stands, and the peer may not hold it yet (RFC 7296 §2.8): a SendOn or RemoveSa follows.
  bool receive_only = false;
  std::uint32_t lifetime_s = 0;
  // Volume of either direction, 0 = no limit. The caller reports `rekey_kb` by expire(kilobytes), once, and the end by
  // expire(kilobytes_end).
  std::uint64_t lifetime_kb = 0;
  std::uint64_t rekey_kb = 0;  // jittered, 80 to 90 percent of lifetime_kb
  bool extended_sequence_numbers = false;
  std::uint32_t replay_window_packets = 64;  // 0 = no replay check; never with extended numbers
};

// The NAT before the peer has given it another port: ESP of this child goes there from now on (RFC 7296 §2.23).
struct MoveSa {
  ChildId child = 0;
  std::string tunnel;
  UdpEncapsulation udp;
};

// The peer holds this pair: from now on the tunnel sends on it. Comes at most once, for a pair that came receive_only.
struct SendOn {
  ChildId child = 0;
  std::string tunnel;
};

// Another pair carries what this one carried: its outbound half goes for good, the inbound one receives what is on its
// way. Comes at most once, for a pair that sends; a RemoveSa follows.
struct SendNoMore {
  ChildId child = 0;
  std::string tunnel;
};

// Remove both directions. Comes at most once for a child, and only after its InstallSa.
struct RemoveSa {
  ChildId child = 0;
  std::string tunnel;
  std::uint32_t inbound_spi = 0, outbound_spi = 0;
};

// Slow work. An Ask holds all that perform() needs, so that any thread can do it; its Answer may come back late, or
// never: an answer for an SA that is gone is dropped.
using AskId = std::uint64_t;
struct GenerateKey {
  Group group{};
};
struct DeriveSecret {
  crypto::KeyPair own;
  net::Bytes peer_public;
};
struct Ask {
  AskId id = 0;
  std::variant<GenerateKey, DeriveSecret> work;
};

struct AskFailed {};  // the peer's value is no member of the group (RFC 6989), or the library refused
using Answer = std::variant<crypto::KeyPair, net::Secret, AskFailed>;

// Does the work, on whatever thread the caller likes. Total: what cannot be done is AskFailed.
Answer perform(const Ask& ask, const crypto::KeyExchange& exchange);

enum class EventKind : std::uint8_t {
  sa_up,            // an IKE SA is established: both AUTH payloads verified
  sa_down,          // an established IKE SA is gone
  child_up,         // a Child SA was installed
  child_down,       // a Child SA was removed
  neg_abort,        // a negotiation ended without an SA
  child_failed,     // the IKE SA stands, its Child SA was refused
  dpd_dead,         // the peer stopped answering
  hint,             // an unprotected error notify: noted, not believed
  configuration,    // something named is missing or ambiguous
  bad_datagram,     // malformed, wrong version, unknown SPI, failed integrity
  half_open_limit,  // no room for another negotiation
  rekeyed,          // a new IKE SA took over from another
};

// For syslog. Events of one cause and peer are rate-limited; Statistics count all of them.
struct Event {
  EventKind kind{};
  net::Endpoint local, peer;
  std::string tunnel;  // may be empty
  std::uint64_t local_spi = 0, remote_spi = 0;
  bool initiator = false;
  std::string text;  // one line, printable, no key
};

using Output = std::variant<Transmit, InstallSa, SendOn, SendNoMore, MoveSa, RemoveSa, Ask, Event>;

// Keys of one SA, for tests that decrypt captures. See EngineOptions::observer.
struct ExportedKeys {
  std::uint64_t initiator_spi = 0, responder_spi = 0;
  IkeSuite suite;
  crypto::IkeKeys keys;
};
class KeyObserver {
 public:
  virtual ~KeyObserver() = default;
  virtual void derived(const ExportedKeys& keys) = 0;
};

struct EngineOptions {
  std::uint32_t half_open_max = 1000;         // responder SAs that have not authenticated yet
  std::uint32_t negotiating_out_max = 1000;   // initiator SAs that have not authenticated yet
  std::uint32_t cookie_challenge_from = 100;  // half-open SAs; at most half of how many there may be
  net::Duration half_open_age_max = std::chrono::seconds(30);
  KeyObserver* observer = nullptr;  // tests only; outlives the engine
};

// Which SAs `clear crypto ikev2 sa` closes: those that match every field that is set.
struct ClearFilter {
  std::optional<std::uint32_t> tunnel_id;
  std::optional<net::Address> local, remote;
};

enum class Expiry : std::uint8_t {
  kilobytes,        // time to rekey
  kilobytes_end,    // the hard limit: the child is deleted
  sequence_number,  // none is left: the child is deleted
  not_installed     // the dataplane could not take it: the child is deleted, and another one is negotiated later
};

// What is rekeyed on request: IKE SAs, or the Child SAs on them.
enum class RekeyOf : std::uint8_t { ike_sas, child_sas };

class Trace;

class Engine {
 public:
  // `random` outlives the engine.
  explicit Engine(net::Random& random, EngineOptions options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void receive(net::Time now, const Path& path, net::View datagram);
  // Does what is due at `now`. Harmless at any other time.
  void timeout(net::Time now);
  // Takes the whole configuration. Tunnels whose resolved meaning did not change keep their SAs.
  void configure(net::Time now, Configuration configuration);
  void answer(net::Time now, AskId id, Answer answer);
  // What the dataplane saw on a child since the last report: feeds dead-peer detection (RFC 7296 §2.4).
  void traffic(net::Time now, ChildId child, bool received, bool sent);
  // A packet from `packet.local` to `packet.remote`, which a tunnel on demand shall carry, has no Child SA. The caller
  // limits the rate; what is under way already is not begun twice.
  void want(net::Time now, std::string_view tunnel, const SelectorPair& packet);
  // The dataplane reached a limit of a child.
  void expire(net::Time now, ChildId child, Expiry cause);
  // ESP came from `remote` to `local` under an SPI that the dataplane does not know. Whoever sent it may be an
  // impostor: a peer with whom an IKE SA stands is told by it, which also asks whether the peer lives (RFC 7296 §1.5,
  // §2.4); where a tunnel to it has no SA, the next attempt is brought forward. Neither more often than every ten
  // seconds.
  void invalid_spi(net::Time now, const net::Address& local, const net::Address& remote, std::uint32_t spi);
  // Closes the SAs that match, orderly, and returns how many. Tunnels that are up negotiate again.
  std::size_t clear(net::Time now, const ClearFilter& filter = {});

  // Rekeys before their time the IKE SAs that match, or the Child SAs on them, and returns how many. Those that are
  // being rekeyed or closed already do not count.
  std::size_t rekey(net::Time now, RekeyOf what, const ClearFilter& filter = {});

  // The next thing to do, in order. Drain after every call above.
  std::optional<Output> poll();
  // When timeout() has work next; never before the last `now` that was given.
  std::optional<net::Time> deadline() const;
  std::vector<SaView> show(net::Time now) const;
  const Statistics& statistics() const;
  // Who watches from now on (trace.h), or nullptr; outlives the engine or is replaced before.
  void set_trace(Trace* trace);

 private:
  std::unique_ptr<v2::Core> core_;
};

}  // namespace culvert::ike
