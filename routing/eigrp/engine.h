// The EIGRP engine (RFC 7868) of one autonomous system: packets, time, interfaces and configuration go in; packets,
// routes and events come out.
//
// It has no socket, no clock, no thread and no log. After every call the caller drains poll() and asks deadline() when
// to call timeout() next. Any octets are acceptable input, and what a neighbour can make the engine keep is bounded.
//
//   engine.receive(now, arrival, octets);
//   while (auto output = engine.poll()) std::visit(net::overloaded{...}, *output);
//   clock.wake_at(engine.deadline());
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/few.h"
#include "net/random.h"
#include "net/time.h"
#include "routing/eigrp/configuration.h"
#include "routing/eigrp/views.h"

namespace culvert::routing::eigrp {

class Core;

// An interface as it is now, whether EIGRP runs on it or not: the configuration's networks decide.
struct Interface {
  std::string name;
  bool up = false;                     // line protocol
  std::vector<net::Prefix> addresses;  // the primary one first, host bits set
  LinkMetric link;
  bool multicast = true;
  bool slow_multiaccess = false;  // T1 or slower without broadcast: hellos every 60 s
  bool operator==(const Interface&) const = default;
};

enum class Redistributed : std::uint8_t { connected, static_route };

// A route of another source in the routing table, as `redistribute` takes it.
struct ForeignRoute {
  net::Prefix prefix;
  Redistributed source = Redistributed::static_route;
  std::uint32_t metric = 0;
  std::uint32_t tag = 0;
  std::string interface;  // it leads out by; may be empty
  bool operator==(const ForeignRoute&) const = default;
};

// What the routing table made of a route: another source has a better one for its prefix, or no longer has.
struct Verdict {
  net::Prefix prefix;
  bool beaten = false;
};

struct Arrival {
  std::string_view interface;
  net::Address source;
  bool multicast = false;  // the destination was the group
};

// An IP packet of protocol 88, TTL 2, precedence internetwork control, from the interface's primary address.
struct Transmit {
  std::string interface;
  std::optional<net::Address> destination;  // nullopt: the group, wire::all_routers
  net::Bytes bytes;
};

struct RouteNextHop {
  std::optional<net::Address> gateway;  // nullopt: discard (interface "Null0")
  std::string interface;
  std::uint32_t metric = 0;
  std::uint32_t traffic_share = 1;  // 0: kept, but carries nothing
  bool operator==(const RouteNextHop&) const = default;
};

// What the routing table shall hold for a prefix from now on. No next hops: nothing.
struct RouteUpdate {
  net::Prefix prefix;
  net::Few<RouteNextHop> next_hops;  // the best first
  std::uint8_t distance = 90;
  std::uint32_t metric = 0;
  std::uint32_t tag = 0;
  bool external = false;
  bool summary = false;
  wire::Metric vector{};  // of the best path: delay, bandwidth, reliability, load, MTU, hops
};

// All that one call changed, in one go.
struct RouteBatch {
  std::vector<RouteUpdate> updates;
};

enum class EventKind : std::uint8_t {
  neighbor_up,       // %DUAL-5-NBRCHANGE
  neighbor_down,     // %DUAL-5-NBRCHANGE
  neighbor_warning,  // %DUAL-6-NBRINFO: a neighbour that may not become one
  stuck_in_active,   // %DUAL-3-SIA
  limit              // %DUAL-4-PFXLIMIT: a bound was reached
};

// For syslog: the text after the mnemonic, "EIGRP-IPv4 100: Neighbor 10.0.0.2 (Tunnel1) is up: new adjacency".
struct Event {
  EventKind kind{};
  std::string text;
};

using Output = std::variant<Transmit, RouteBatch, Event>;

struct EngineOptions {
  std::size_t neighbors_per_interface_max = 256;
  std::size_t prefixes_per_neighbor_max = 200'000;
  std::size_t events_max = 500;
  std::size_t queue_packets_max = 20'000;  // towards one neighbour; then it counts as lost
};

// For `debug eigrp packets` and `debug eigrp fsm`.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void received(const Arrival& arrival, const wire::Packet& packet) = 0;
  // `opcode` as the packet has it, 0 where it is too short to have one.
  virtual void refused(const Arrival& arrival, unsigned opcode, std::string_view why) = 0;
  virtual void sent(std::string_view interface, const std::optional<net::Address>& destination,
                    const wire::Packet& packet) = 0;
  virtual void fsm(std::string_view line) = 0;
};

class Engine {
 public:
  // `random` outlives the engine.
  explicit Engine(net::Random& random, EngineOptions options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Takes the whole configuration. Neighbours are kept where what they were told still holds.
  void configure(net::Time now, Configuration configuration);
  // All interfaces of the router, replacing what was said before.
  void interfaces(net::Time now, std::vector<Interface> interfaces);
  // All routes that may be redistributed, replacing what was said before.
  void foreign_routes(net::Time now, std::vector<ForeignRoute> routes);
  // Routes that were beaten are kept, and told to nobody. A route is in use until this says otherwise; once withdrawn,
  // nothing that was said of it counts.
  void judged(net::Time now, const std::vector<Verdict>& verdicts);
  // The payload of an IP packet of protocol 88.
  void receive(net::Time now, const Arrival& arrival, net::View octets);
  // Does what is due at `now`. Harmless at any other time.
  void timeout(net::Time now);
  // `clear ip eigrp neighbors [address | interface]`: those that match; returns how many.
  std::size_t clear(net::Time now, const std::optional<net::Address>& neighbor = {},
                    const std::optional<std::string>& interface = {});
  // Takes leave of all neighbours and withdraws all routes. Only poll() makes sense afterwards.
  void shutdown(net::Time now);

  // The next thing to do, in order. Drain after every call above.
  std::optional<Output> poll();
  // When timeout() has work next.
  std::optional<net::Time> deadline() const;

  std::uint32_t router_id() const;
  const Configuration& configuration() const;
  std::vector<NeighborView> neighbors(net::Time now) const;
  std::vector<InterfaceView> interfaces(net::Time now) const;
  std::vector<TopologyView> topology(net::Time now) const;
  std::optional<TopologyView> topology(net::Time now, const net::Prefix& prefix) const;
  std::optional<WhyView> why(net::Time now, const net::Prefix& prefix) const;
  const TrafficCounters& traffic() const;
  std::vector<HistoryView> events() const;  // newest first
  // Who watches from now on, or nullptr; outlives the engine or is replaced before.
  void set_trace(Trace* trace);

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace culvert::routing::eigrp
