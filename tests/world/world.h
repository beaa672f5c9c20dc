// A world: engines, a network between them, and one clock that jumps from each event to the next.
//
// What must hold at every step is checked at every step: both ends agree on the keys of each pair; no SA is installed
// with a peer that lacks the key it would have to prove; each SA is removed at most once; no timer lies in the past;
// half-open SAs stay within their limit; the rows shown are those the dataplane holds; no key serves two SAs, and no IV
// two messages (ledger.h); no SA outlives its lifetime; an engine that asks to be woken has something to do; and where
// the network is good (`make_before_break`), nobody ever sends on an SA that the peer does not hold. The first thing
// that does not hold is told by `broken`, and the test fails with the command that repeats the world.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ike/engine.h"
#include "tests/support/toy_key_exchange.h"
#include "tests/world/ledger.h"
#include "tests/world/network.h"

namespace culvert::testing {

class World;

// One router: an engine, what its dataplane would hold, and what its log would say.
class Node : private ike::KeyObserver {
 public:
  Node(World& world, std::string name, net::Address address, std::uint64_t seed);

  const std::string name;
  const net::Address address;
  ike::Configuration configuration;
  std::vector<ike::InstallSa> installed;  // the last one that is not receive_only is sent on
  std::vector<ike::Event> events;
  std::size_t installs = 0, removes = 0;
  ike::EngineOptions options;
  ike::KeyObserver* also_observes = nullptr;  // beside the world's ledger; outlives the node
  bool loses_power = false;                   // deaf and dumb until the next restart()

  ike::Engine& engine() { return *engine_; }
  const ike::Engine& engine() const { return *engine_; }
  void configure(ike::Configuration next);
  void configure(const std::function<void(ike::Configuration&)>& change);
  // Forgets everything but its configuration, and tells nobody.
  void restart();
  void clear() { engine_->clear(now()), drain(); }
  // What the dataplane would report of a child.
  void report_end(ike::ChildId child, ike::Expiry cause) { engine_->expire(now(), child, cause), drain(); }
  void report_invalid_spi(const net::Address& from, std::uint32_t spi) {
    engine_->invalid_spi(now(), address, from, spi), drain();
  }
  void rekey(ike::RekeyOf what) { engine_->rekey(now(), what), drain(); }
  void want(std::string_view tunnel, const ike::SelectorPair& packet) { engine_->want(now(), tunnel, packet), drain(); }
  void report_received(ike::ChildId child) { engine_->traffic(now(), child, true, false), drain(); }

  // What the tunnel sends on; nullptr where it has no SA.
  const ike::InstallSa* sending(std::string_view tunnel) const;
  bool heard_of(ike::EventKind kind, std::string_view text = {}) const;
  std::size_t count(ike::EventKind kind) const;
  std::size_t ready_sas() const;
  // Whether a key has ever been configured here to prove ourselves with.
  bool ever_signed_with(const net::Secret& key) const;

 private:
  friend class World;
  struct PendingAsk {
    net::Time due;
    ike::Ask ask;
  };

  net::Time now() const;
  std::optional<net::Time> next() const;
  void work();
  void receive(const Datagram& datagram);
  void drain();
  void take(ike::Transmit& transmit);
  void take(ike::InstallSa& install);
  void take(ike::SendOn& order);
  void take(ike::SendNoMore& order);
  void take(ike::MoveSa& move);
  void take(ike::RemoveSa& remove);
  void take(ike::Ask& ask);
  void take(ike::Event& event);
  void derived(const ike::ExportedKeys& keys) override;
  void begin_life();
  void check();
  void check_lifetimes();
  void check_ike_lifetimes();

  World& world_;
  net::SeededRandom random_;
  ToyKeyExchange exchange_;
  std::unique_ptr<ike::Engine> engine_;
  std::vector<PendingAsk> asks_;
  std::set<ike::ChildId> seen_;
  std::vector<net::Secret> signing_keys_;
  std::map<ike::ChildId, net::Time> ends_;  // of what is installed
  std::set<ike::ChildId> stopped_;          // that have had their SendNoMore
  std::size_t lives_ = 0;                   // counts restarts
  std::size_t outputs_ = 0;
  std::size_t idle_wakes_ = 0;  // timeouts that had no output and ended no SA
};

class World {
 public:
  struct Options {
    std::uint64_t seed = 1;
    Link link = {};
    std::chrono::milliseconds ask_delay_max{0};
  };
  explicit World(Options options);

  Network network;
  net::Time now{std::chrono::hours(1)};
  std::chrono::milliseconds ask_delay_max;
  std::string broken;              // the first invariant that did not hold
  bool make_before_break = false;  // from now on every tunnel has an SA to send on, and its peer holds it

  Node& add(std::string name, std::string_view address);
  // Two sites with a tunnel to each other, "Tunnel1" at both; the second starts only when told by configure().
  std::pair<Node&, Node&> pair(std::string_view left = "192.0.2.1", std::string_view right = "192.0.2.2");
  Node* at(const net::Address& address);
  std::vector<std::unique_ptr<Node>>& nodes() { return nodes_; }

  // Does the next thing that is due by `end`; false if there is none.
  bool step(net::Time end);
  void advance(net::Duration duration);
  // Advances until the condition holds; false if it never did.
  bool run_until(const std::function<bool()>& condition, net::Duration limit = std::chrono::minutes(5));
  // A datagram out of nowhere.
  void inject(const net::Endpoint& from, const net::Endpoint& to, net::Bytes bytes);

  const Ledger& ledger() const { return ledger_; }
  // What a datagram says under its protection, as whoever holds the keys reads it.
  ike::wire::Payloads read(const Datagram& datagram) const;
  // What is left of an SA anywhere, or of a timer, when no tunnel is up and all has been said; empty if nothing is.
  std::string leftovers() const;
  void fail(std::string what);
  net::SeededRandom& random() { return random_; }
  // Both ends hold one pair for the tunnel, the same, and send on it.
  static bool joined(const Node& a, const Node& b, std::string_view tunnel_a = "Tunnel1",
                     std::string_view tunnel_b = "Tunnel1");

 private:
  friend class Node;
  void check_pair(const Node& node, const ike::InstallSa& install);
  void check_wakes(const Node& node);
  void check_sending();

  net::SeededRandom random_;
  std::vector<std::unique_ptr<Node>> nodes_;
  // All SAs ever installed, by the SPI pair as the lower SPI's owner sees it.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<const Node*, ike::InstallSa>> history_;
  Ledger ledger_;
  net::Time began_{now};
  std::size_t steps_ = 0;
};

}  // namespace culvert::testing
