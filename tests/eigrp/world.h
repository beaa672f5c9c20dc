// Routers that speak EIGRP on a simulated network: engines, segments that lose, duplicate and reorder, one clock.
//
// Everything follows from a seed. What an engine wants is done at once: its packets travel, its routes are kept in a
// table of the node, its events in a list. The world can say at any time whether packets would go in circles.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "net/random.h"
#include "routing/eigrp/engine.h"

namespace culvert::routing::eigrp::testing {

net::Address address(const char* text);
net::Prefix prefix(const char* text);
Filter all_but(const net::Prefix& refused);

struct Weather {
  unsigned loss_percent = 0, duplicate_percent = 0;
  net::Duration delay_min = std::chrono::milliseconds(1), delay_max = std::chrono::milliseconds(1);
};

struct Node {
  std::string name;
  std::unique_ptr<net::SeededRandom> random;
  std::unique_ptr<Engine> engine;
  Configuration configuration;
  std::vector<Interface> interfaces;
  std::map<net::Prefix, RouteUpdate> routes;
  std::vector<Event> events;
  bool alive = true;

  Interface& interface(const std::string& interface_name);
  // Whether a line of the log has this text in it.
  bool said(std::string_view text) const;
};

struct Attachment {
  std::size_t node = 0;
  std::string interface;
  net::Address address;
};

struct Segment {
  std::vector<Attachment> members;
  bool up = true;
};

// A packet on its way, as a test may watch, drop or change it.
struct Flight {
  std::size_t segment = 0, from = 0, to = 0;
  bool multicast = false;
  net::Address source;
  net::Bytes bytes;
};

class World {
 public:
  explicit World(std::uint64_t seed, Weather weather = {});

  std::size_t add_node(const std::string& name);
  // Joins nodes by a new segment 10.<n / 200>.<n % 200>.0/24 of interfaces Gi<n>; returns its number.
  std::size_t connect(const std::vector<std::size_t>& nodes, LinkMetric link = {});
  // An interface of its own with 172.16.<node>.0/24 behind it.
  net::Prefix add_network(std::size_t node);
  // Hands configuration and interfaces to all engines.
  void start();
  void apply(std::size_t node);      // interfaces
  void configure(std::size_t node);  // configuration
  void set_segment(std::size_t segment, bool up);
  void power_off(std::size_t node);  // without a word
  void power_on(std::size_t node);   // with nothing remembered

  void advance(net::Duration duration);
  // Till nothing but hellos happens for `quiet`, at most `limit`. False: it never came to rest.
  bool settle(net::Duration quiet = std::chrono::seconds(20), net::Duration limit = std::chrono::seconds(600));

  Node& node(std::size_t i) { return *nodes_[i]; }
  std::size_t size() const { return nodes_.size(); }
  std::vector<Segment>& segments() { return segments_; }
  // Does what the engine wants.
  void drain(std::size_t node);

  // A cycle among the next hops for a prefix, as text; empty: none.
  std::string loop(const net::Prefix& prefix) const;
  std::string any_loop() const;
  // The neighbour's node at the other end of a next hop, if packets would get there.
  std::optional<std::size_t> next_node(std::size_t from, const RouteNextHop& hop) const;

  net::Time now{std::chrono::hours(1)};
  Weather weather;
  net::SeededRandom random;
  std::function<bool(Flight&)> filter;  // false: lost
  std::function<void()> after_event;    // each time something may have changed
  std::string broken;                   // the first loop that was seen
  std::size_t packets = 0;
  // Circles over an adjacency that only one end holds up, by the reason of the other.
  std::map<std::string, std::size_t> unilateral_loops;
  std::function<bool(const std::string& reason)> forgives;  // where they are no failure; empty: nowhere

 private:
  struct Arriving {
    net::Time when{};
    std::uint64_t order = 0;
    Flight flight;
    bool operator>(const Arriving& other) const { return std::pair(when, order) > std::pair(other.when, other.order); }
  };
  void transmit(std::size_t node, const Transmit& transmit);
  void launch(Flight flight);
  void deliver(const Flight& flight);
  std::optional<net::Time> next_event() const;
  void step(net::Time until);
  void check(const std::vector<net::Prefix>& changed);
  bool mutual(std::size_t from, const RouteNextHop& hop) const;
  // Why the router at the other end gave this adjacency up, in its own words.
  std::string reason_of_end(std::size_t from, const RouteNextHop& hop) const;
  // Why the first adjacency around the circle that one end alone holds up is over at the other; empty: there is none.
  std::string unilateral(const net::Prefix& prefix, const std::vector<std::size_t>& cycle) const;
  bool find_cycle(const net::Prefix& prefix, std::size_t at, std::vector<int>& mark,
                  std::vector<std::size_t>& path) const;

  std::uint64_t seed_;
  std::uint64_t lives_ = 0, order_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Segment> segments_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> segment_of_;
  std::priority_queue<Arriving, std::vector<Arriving>, std::greater<>> arriving_;
};

}  // namespace culvert::routing::eigrp::testing
