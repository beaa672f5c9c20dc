// One engine on one or more interfaces, and a test that plays its neighbours packet by packet.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "routing/eigrp/engine.h"
#include "routing/eigrp/wire/packet.h"
#include "tests/eigrp/world.h"

namespace culvert::routing::eigrp::testing {

struct Sent {
  std::string interface;
  std::optional<net::Address> to;  // nullopt: the group
  wire::Packet packet;
  net::Time when;

  bool is(wire::Opcode opcode) const { return packet.opcode == opcode; }
  bool is_hello() const { return is(wire::Opcode::hello) && packet.acknowledgment == 0; }
  bool is_ack() const { return packet.is_acknowledgment(); }
  // Its route for this destination, or nullptr.
  const wire::Route* route(const net::Prefix& prefix) const;
};

class Probe {
 public:
  // Interfaces Gi1, Gi2, ... with 10.0.n.1/24, gigabits of 10 microseconds.
  explicit Probe(std::size_t interfaces = 1, EngineOptions options = {});

  void configure();  // hands over `configuration`
  void apply();      // hands over `interfaces`

  // The neighbour's packets: HELLO with our own K values, any packet, and what a packet of routes is made of.
  void hello(const net::Address& from, std::vector<wire::Tlv> more = {}, std::uint16_t hold_time_s = 15);
  void receive(const net::Address& from, wire::Packet packet, bool multicast = false);
  void receive_raw(const net::Address& from, const net::Bytes& octets, bool multicast = false);
  void acknowledge(const net::Address& from, std::uint32_t sequence);
  // A HELLO and the three-way start; acknowledges the table we send.
  void bring_up(const net::Address& from, std::vector<wire::Tlv> more = {});
  // A packet with the next sequence number of this neighbour.
  wire::Packet packet(const net::Address& from, wire::Opcode opcode, std::vector<wire::Tlv> tlvs = {});
  void update(const net::Address& from, const net::Prefix& prefix, std::uint64_t delay);
  // Acknowledges whatever waits, until nothing does.
  void acknowledge_all();

  void advance(net::Duration duration);
  void drain();              // after a call to `engine` itself
  std::vector<Sent> take();  // what was sent since the last call
  std::vector<Sent> take(wire::Opcode opcode);
  std::uint64_t refused(Refusal why) const { return engine.traffic().refused[static_cast<std::size_t>(why)]; }
  bool said(std::string_view text) const;
  bool routes(const net::Prefix& prefix) const { return table.contains(prefix); }
  std::size_t neighbors() const { return engine.neighbors(now).size(); }

  net::Time now{std::chrono::hours(1)};
  net::SeededRandom random{7};
  Engine engine;
  Configuration configuration;
  std::vector<Interface> interfaces;
  std::map<net::Prefix, RouteUpdate> table;
  std::vector<Event> events;

 private:
  std::string interface_of(const net::Address& address) const;
  std::deque<Sent> sent_;
  std::map<net::Address, std::uint32_t> sequence_;
};

// A classic route as a neighbour tells it: bandwidth of a gigabit, `delay` in units of the wire; unreachable_classic
// withdraws it.
wire::Route route(const net::Prefix& prefix, std::uint64_t delay);
inline constexpr std::uint64_t withdrawn = wire::Metric::unreachable_classic;

// The routes for a destination among what was sent on an interface.
std::vector<Sent> about(const std::vector<Sent>& sent, const net::Prefix& destination, const std::string& interface);

}  // namespace culvert::routing::eigrp::testing
