// One neighbour: its hold time, the three-way start, and what is on the way to it (RFC 7868 §5.2, §5.3).
//
// It is pending from its first HELLO until it has acknowledged our INIT and sent its own; only then is it told routes,
// asked, or listened to. Each new start is another Neighbor with another id.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "routing/eigrp/round_trip.h"
#include "routing/eigrp/topology.h"
#include "routing/eigrp/wire/packet.h"

namespace culvert::routing::eigrp {

// Route TLVs as they leave.
struct EncodedRoutes {
  net::Bytes tlvs;
  std::size_t count = 0;
};

// A packet that wants an acknowledgment. Shared by the queues of all whom it is for.
struct Outgoing {
  wire::Packet packet;  // with its sequence number, without acknowledgment and TLVs
  EncodedRoutes routes;
  bool multicast = false;
  bool multicast_sent = false;
};

struct Queued {
  std::shared_ptr<Outgoing> outgoing;
  unsigned tries = 0;  // transmissions to this neighbour
  net::Time sent_at{}, due{};
  std::uint32_t sequence() const { return outgoing->packet.sequence; }
};

enum class Phase : std::uint8_t { pending, up, lost };

struct Neighbor {
  NeighborId id = 0;
  std::uint32_t handle = 0;
  net::Address address;
  InterfaceId interface = 0;
  Phase phase = Phase::pending;
  bool configured = false;

  net::Time since{};
  net::Duration hold{};
  net::Time hold_until{};
  wire::SoftwareVersion version{};
  std::optional<std::uint16_t> stub;
  bool authentication_failed = false;  // since its last good packet

  std::uint32_t init_sent = 0;              // the sequence number of our INIT
  bool init_acknowledged = false;           // by its present life
  std::optional<std::uint32_t> init_heard;  // the sequence number of its INIT
  std::uint32_t last_received = 0;
  bool table_begun = false;  // it has sent us a packet of its own after INIT: multicasts before it are for others
  bool table_ended = false;  // EOT
  std::optional<std::uint32_t> acknowledge;  // what it sent last and does not know we have
  std::optional<std::uint32_t> conditional;  // in conditional receive mode, for this multicast; 0: for any

  std::deque<Queued> queue;  // the first one is on its way, or waits for the interface
  RoundTrip round_trip;
  std::uint32_t retransmissions = 0;
  std::size_t prefixes = 0;
  bool prefix_limit_told = false;

  // A stub's acknowledgments that stand for a REPLY: of which packet, for which destination.
  std::vector<std::pair<std::uint32_t, net::Prefix>> confirmations;

  bool table_due = false;                // it came up: it gets the whole table
  std::vector<net::Prefix> poison;       // what it told us while starting and we now reach through it (§5.4.2.1)
  std::vector<net::Prefix> unknown;      // what it asked for and nobody knows
  std::vector<net::Prefix> sia_queries;  // it shall say whether it still works on
  std::vector<net::Prefix> sia_replies;

  bool up() const { return phase == Phase::up; }
};

}  // namespace culvert::routing::eigrp
