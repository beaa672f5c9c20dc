// The topology table: every destination somebody told us of, with the paths to it and the state of DUAL.
//
// A path comes from a neighbour or from ourselves. Its reported distance is what its origin says; its distance adds our
// link. Both are unreachable where a filter refuses the path, so that DUAL knows one reason only.
//
// There may be many destinations, and most have one path, one successor, one interface that was told, and the same past
// as others: what is alike is shared, and lists have room for one within.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/intrusive/set_hook.hpp>

#include "net/address.h"
#include "net/few.h"
#include "net/shared.h"
#include "net/time.h"
#include "routing/eigrp/metric.h"
#include "routing/eigrp/views.h"

namespace culvert::routing::eigrp {

using NeighborId = std::uint32_t;   // one life of an adjacency; never used again
using InterfaceId = std::uint16_t;  // one name; never used again

// Where a path comes from. `id` is a NeighborId, the InterfaceId of a connected network, or the protocol redistributed.
struct Origin {
  PathSource source = PathSource::neighbor;
  std::uint32_t id = 0;
  static Origin neighbor(NeighborId id) { return {PathSource::neighbor, id}; }
  bool is_neighbor(NeighborId other) const { return source == PathSource::neighbor && id == other; }
  auto operator<=>(const Origin&) const = default;
};

// What routes of one TLV share beside the metric; most have none of it.
struct Extra {
  std::optional<wire::External> external;
  net::Bytes attributes;  // extended metrics of a wide route, passed on as they came
  std::uint32_t router_id = 0;
  bool operator==(const Extra&) const = default;
};

struct Path {
  Origin origin;
  InterfaceId interface = 0;
  net::Address next_hop;    // of a neighbour's path
  wire::Metric reported{};  // the origin's vector, in our style
  wire::Metric metric{};    // the whole path's
  Distance reported_distance = unreachable;
  Distance distance = unreachable;  // greater than the reported one, or unreachable
  std::shared_ptr<const Extra> extra;

  bool external() const { return extra && extra->external; }
  bool reachable() const { return distance != unreachable; }
  bool same_extra(const Path& other) const {
    return extra == other.extra || (extra && other.extra && *extra == *other.extra);
  }
};

// A neighbour whose REPLY is awaited (r = 1 of §3.5).
struct Awaited {
  NeighborId neighbor = 0;
  bool sent = false;  // the QUERY is in its queue
  std::uint8_t sia_queries = 0;
  bool sia_answered = false;  // the last of them
};

// What exists only while a destination is ACTIVE.
struct Active {
  std::uint8_t query_origin = 1;        // o of §3.5
  std::optional<Origin> old_successor;  // the one in use that the QUERY told of; its own is answered at the end (5)
  std::vector<Awaited> awaited;
  std::vector<NeighborId> owed;  // who gets a REPLY at the end
  net::Time since{}, sia_due{};
};

// What neighbours are to believe of us. Frozen while ACTIVE.
struct Advertisement {
  Distance distance = unreachable;
  net::Shared<Path> path;       // the best one; the last there was where there is none, for the vector of a poison
  net::Few<InterfaceId> exits;  // where successors are: split horizon
  std::uint32_t version = 0;    // of all but the exits
};

enum class Word : std::uint8_t { nothing, poison, route };

// What the neighbours of one interface were last told.
struct Told {
  InterfaceId interface = 0;
  Word word = Word::nothing;
  std::uint32_t audience = 0;  // of another audience: nothing
  std::uint32_t version = 0;   // of the advertisement
  std::uint32_t policy = 0;    // of the interface
};

struct Transition {
  net::Time when{};
  std::uint8_t number = 0;  // of §3.5; 0: none, the choice changed otherwise
  Origin from;
  Distance distance = unreachable, feasible = unreachable;  // afterwards
  bool operator==(const Transition&) const = default;
};

// The transitions of a destination, the last one first. Those with the same past share it.
struct Past {
  Transition made;
  std::size_t count = 1;  // with those before
  net::Shared<Past> before;
};

struct Entry {
  net::Prefix prefix;
  bool installed = false;          // the routing table has it from us
  bool beaten = false;             // and uses another source's instead
  std::unique_ptr<Active> active;  // null: PASSIVE
  net::Few<net::Shared<Path>> paths;
  Distance feasible = unreachable;  // FD
  net::Few<Origin> successors;      // in use, the best first; while ACTIVE those left of them
  Advertisement advertised;
  net::Few<Told> told;
  net::Shared<Past> past;
  std::uint64_t serial = 0;

  // What one input left to do; settled at its end.
  struct {
    bool listed = false, tell = false, query = false, install = false;
    net::Few<NeighborId> replies;
  } todo;

  using Place = boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>,
                                                  boost::intrusive::optimize_size<true>>;
  Place place;  // in the table

  // Null: there is none from there.
  const Path* find(const Origin& origin) const;
  bool is_successor(const Origin& origin) const;
  bool awaits(NeighborId neighbor) const;
};

}  // namespace culvert::routing::eigrp
