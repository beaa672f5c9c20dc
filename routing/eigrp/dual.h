// DUAL (RFC 7868 §3): the state machine of one destination, all sixteen transitions.
//
// What keeps the network free of loops at every instant is one invariant: the feasible distance is never greater than
// any distance a neighbour may still believe of us. It falls as soon as our distance does, and rises only at the end of
// a diffusing computation, when everybody asked has answered and so knows the distance that the QUERY told. Hence a
// next hop whose reported distance is below the feasible distance cannot lead back to us.
//
// The machine changes an Entry and leaves in Entry::todo what the network and the routing table must hear of it.
#pragma once

#include <optional>
#include <vector>

#include "net/time.h"
#include "routing/eigrp/topology.h"

namespace culvert::routing::eigrp {

// How news of a path came.
enum class Input : std::uint8_t {
  update,  // an UPDATE, or a route of our own
  query,
  reply,
  link  // our own link to the origin changed its cost or failed
};

class Dual {
 public:
  class Surroundings {
   public:
    virtual ~Surroundings() = default;
    // Whom a QUERY for this destination goes to now.
    virtual std::vector<NeighborId> asked(const Entry& entry) = 0;
    // Something is in `todo`, or a transition was made.
    virtual void changed(Entry& entry) = 0;
    virtual void transition(const Entry& entry, const Transition& transition) = 0;
  };
  struct Limits {
    unsigned variance = 1;
    std::size_t maximum_paths = 4;
  };
  static constexpr std::size_t history_max = 8;  // transitions an entry remembers at least; at most twice as many

  explicit Dual(Surroundings& surroundings) : surroundings_(surroundings) {}
  void set_limits(Limits limits) { limits_ = limits; }

  // News of the path from `path.origin`, whose distances are worked out; unreachable: it is gone. Input::reply also
  // counts as the answer that was awaited.
  void hear(net::Time now, Entry& entry, Input input, net::Shared<Path> path);
  // One that has nothing to answer knows what it was told: the same as its REPLY, without news.
  void confirm(net::Time now, Entry& entry, NeighborId neighbor);
  // `origin` is gone for good, with all it owed and was owed (§3.5 (8), §5.3.1).
  void lose(net::Time now, Entry& entry, const Origin& origin);
  // The limits changed: PASSIVE destinations choose again among what is feasible.
  void choose_again(net::Time now, Entry& entry);

 private:
  void decide(net::Time now, Entry& entry, Input input, const Origin& from, Distance before);
  void passive(net::Time now, Entry& entry, Input input, const Origin& from);
  void active(net::Time now, Entry& entry, Input input, const Origin& from, bool worse);
  void query_while_active(net::Time now, Entry& entry, const Origin& from);
  void worsened_while_active(net::Time now, Entry& entry, const Origin& from);
  static void forget_useless_successor(Entry& entry);
  void activate(net::Time now, Entry& entry, Input input, const Origin& from);
  void ask(Entry& entry);
  void finish_if_answered(net::Time now, Entry& entry, const Origin& last);
  void finish(net::Time now, Entry& entry, const Origin& last);
  void settle(Entry& entry);
  void advertise_best(Entry& entry, const net::Shared<Path>& best, net::Few<InterfaceId> exits);
  net::Few<Origin> choose_successors(const Entry& entry, const Path& best) const;
  void reply(Entry& entry, NeighborId neighbor);
  void note(net::Time now, Entry& entry, std::uint8_t number, const Origin& from);
  void remember(Entry& entry, const Transition& made);

  Surroundings& surroundings_;
  Limits limits_;
  net::Shared<Past> latest_, latest_from_;  // what was remembered last, and what of before
};

// The path of the least distance, our own ones before others, because the routing table prefers their sources, and
// internal ones before external ones (§5.4.1); none: unreachable.
net::Shared<Path> best_path(const Entry& entry);

}  // namespace culvert::routing::eigrp
