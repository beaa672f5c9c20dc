// An interface on which EIGRP runs: what it costs, who is there, and when it may send again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/time.h"
#include "routing/eigrp/configuration.h"
#include "routing/eigrp/engine.h"
#include "routing/eigrp/topology.h"

namespace culvert::routing::eigrp {

struct Link {
  InterfaceId id = 0;
  Interface interface;
  InterfaceSettings settings;
  std::vector<net::Prefix> connected;  // its networks that take part, without host bits
  bool passive = false;
  bool unicast_only = false;  // it has configured neighbours
  std::vector<net::Address> configured_neighbors;

  std::vector<NeighborId> neighbors;
  net::Time hello_due{};
  net::Time send_from{};       // pacing: not before
  std::uint32_t audience = 1;  // changes when the last neighbour is gone: nobody then knows what was told
  std::uint32_t policy = 1;    // changes with what decides what is told
  InterfaceView counters{};    // its counters only

  const net::Address& own_address() const { return interface.addresses.front().address; }
  bool is_own(const net::Address& address) const;
  // Whether a host of a network of this link can have it.
  bool on_subnet(const net::Address& address) const;
  net::Duration hello_interval() const;
  std::uint16_t hold_time_s() const;
  // How long a packet of this many octets uses the share of the bandwidth that is ours (§5.2.1).
  net::Duration pacing(std::size_t octets) const;
  // Octets of TLVs that fit into one packet.
  std::size_t body_max() const;
};

}  // namespace culvert::routing::eigrp
