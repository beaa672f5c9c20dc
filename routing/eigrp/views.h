// What the show commands read: the state of an engine as plain values, at one moment.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/time.h"
#include "routing/eigrp/metric.h"
#include "routing/eigrp/wire/packet.h"

namespace culvert::routing::eigrp {

struct NeighborView {
  std::uint32_t handle = 0;  // in order of arrival: the H column
  net::Address address;
  std::string interface;
  bool pending = false;       // the three-way start is not over
  net::Duration hold_left{};  // until it counts as lost
  net::Duration up_for{};     // since it was discovered
  net::Duration smooth_round_trip{}, retransmission_timeout{};
  std::size_t queued = 0;                          // packets that it has not acknowledged
  std::uint32_t last_sequence = 0;                 // the last it sent
  std::uint32_t retransmissions = 0, retries = 0;  // ever; of the packet that waits
  std::size_t prefixes = 0;                        // learned from it
  wire::SoftwareVersion version{};
  std::optional<std::uint16_t> stub;                          // flags of wire::Stub, if it is one
  bool configured = false;                                    // by `neighbor`
  std::vector<std::pair<wire::Opcode, std::uint32_t>> queue;  // what waits, with sequence numbers, first ten
};

enum class PathSource : std::uint8_t { neighbor, connected, redistributed, summary };

struct PathView {
  PathSource source = PathSource::neighbor;
  net::Address from;                         // the neighbour
  net::Address next_hop;                     // where packets go
  std::string interface;                     // "Null0" for a summary
  wire::Metric metric{};                     // the vector of the whole path
  Distance distance = unreachable;           // CD
  Distance reported_distance = unreachable;  // RD
  bool feasible = false;                     // RD < FD
  bool successor = false;                    // in the routing table
  bool reply_awaited = false;
  std::uint32_t traffic_share = 0;
  std::optional<wire::External> external;
  std::uint32_t tag = 0;
};

struct TopologyView {
  net::Prefix prefix;
  bool active = false;
  std::uint8_t query_origin = 0;  // o of §3.5, while active
  net::Duration active_for{};
  std::size_t replies_awaited = 0;
  std::size_t sia_queries = 0;
  Distance feasible_distance = unreachable;
  Distance advertised = unreachable;  // RD that neighbours are told
  std::size_t successors = 0;
  bool beaten = false;          // the routing table prefers another source: no successors, and told to nobody
  std::uint64_t serial = 0;     // of the last change
  std::vector<PathView> paths;  // successors first, then by distance
};

struct InterfaceView {
  std::string name;
  bool passive = false;
  std::size_t peers = 0;
  std::size_t queued_unicast = 0, queued_multicast = 0;
  net::Duration mean_round_trip{};
  net::Duration pacing{};          // between packets of full size
  net::Duration multicast_flow{};  // after a multicast, until all have acknowledged or get copies of their own
  std::size_t pending_routes = 0;  // in packets that have not been sent
  net::Duration hello_interval{}, hold_time{};
  net::Duration next_hello{};
  bool split_horizon = true, next_hop_self = true, multicast = true;
  bool authentication = false;
  std::string authentication_mode, key_chain;              // as configured; either may be empty
  std::uint64_t hellos_sent = 0, hellos_expedited = 0;     // the latter because somebody new was heard
  std::uint64_t multicasts_sent = 0, unicasts_sent = 0;    // reliable ones
  std::uint64_t replies_sent = 0;                          // of these
  std::uint64_t plain_multicasts = 0, plain_unicasts = 0;  // that want no acknowledgment
  std::uint64_t multicast_exceptions = 0;                  // for all, but only one was ready: sent by unicast
  std::uint64_t conditional_receive_sent = 0, retransmissions = 0, out_of_sequence_received = 0;
  std::uint64_t acks_suppressed = 0;  // another packet took them along
};

// Why a packet or a route in it was refused, beside wire::DecodeError.
enum class Refusal : std::uint8_t {
  wrong_autonomous_system,
  no_such_interface,  // not one of ours, down, or passive
  own_address,
  not_on_common_subnet,
  not_configured,  // the interface speaks to its configured neighbours only
  authentication,
  k_values,
  hold_time_zero,
  not_a_neighbor,    // no HELLO came before
  pending_neighbor,  // the three-way start is not over
  duplicate,         // acknowledged, not processed again
  out_of_sequence,
  not_in_conditional_receive_mode,
  acknowledgment,  // of a packet that does not wait for one
  multicast_before_table,
  neighbor_limit,
  prefix_limit,
  own_route,  // an external route that bears our router id
  too_many_hops,
  bad_destination,  // a prefix no route can have: multicast, loopback, or of the other family
  reply_unasked,
  late_goodbye,  // of a life before the one that began just now
  packet_type,   // an opcode that says nothing here (REQUEST)
  count
};
std::string_view text(Refusal refusal);

struct TrafficCounters {
  struct Pair {
    std::uint64_t sent = 0, received = 0;
  };
  Pair hellos, updates, queries, replies, acks, sia_queries, sia_replies;
  std::array<std::uint64_t, static_cast<std::size_t>(Refusal::count)> refused{};
  std::array<std::uint64_t, static_cast<std::size_t>(wire::DecodeError::count)> malformed{};
};

// One line of `show ip eigrp events`.
struct HistoryView {
  net::Time when{};
  std::string what;
};

// `show ip eigrp why`: how the choice for a prefix came about.
struct WhyView {
  TopologyView topology;
  std::vector<HistoryView> history;  // the last transitions of this prefix, oldest first, with their numbers
};

}  // namespace culvert::routing::eigrp
