// The routing information base: every route that anybody knows, the best ones of each prefix, and where they lead.
//
// Sources hand in routes, as a whole or in batches. Of a prefix the routes of the lowest distance, then metric, are
// used, if they lead anywhere; settle() tells what that means for the forwarding table. Work follows what changed, not
// what there is, so that a million routes may stand beside one that moves.
//
// A gateway is resolved by the longest prefix around it whose own routes lead somewhere without coming back to where
// the question began; so the answer depends on the routes alone, not on the order in which they came, and loops lead
// nowhere.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "routing/rib/held_routes.h"
#include "routing/rib/next_hop_groups.h"
#include "routing/rib/route.h"

namespace culvert::routing {

class Rib {
 public:
  // The most next hops of one prefix; of more, the lowest are used.
  static constexpr std::size_t paths_max = 32;

  Rib() = default;
  Rib(const Rib&) = delete;
  Rib& operator=(const Rib&) = delete;

  // The interfaces that can send; routes through others lead nowhere. Null0 always can.
  void set_usable_interfaces(std::set<std::string> names);
  // All routes of one origin, in place of what it said before. Of one prefix there may be several.
  void replace(const Origin& origin, std::vector<Route> routes);
  // A change to the routes of one origin that has at most one for each prefix.
  void update(const Origin& origin, const RouteBatch& batch);
  // Picks and resolves anew what is concerned. What the forwarding table must change: new ways first, then withdrawals,
  // each in the order of prefixes.
  std::vector<RouteChange> settle(net::Time now);
  // Of routing protocols: whose routes lost to another source since it was last asked, and whose no longer do, in
  // the order in which that came. A route is taken for one in use until it is said here; one that is withdrawn is said
  // no more. Routes that lead nowhere have not lost.
  std::vector<Verdict> take_verdicts() { return std::exchange(verdicts_, {}); }

  // Octets that a prefix, and each path of it, take here.
  struct Footprint {
    std::size_t prefix_octets, path_octets;
  };
  static Footprint footprint() {
    constexpr std::size_t tree_links = 4 * sizeof(void*);
    return {sizeof(Table::value_type) + tree_links - sizeof(Held), sizeof(Held) + sizeof(Users::value_type)};
  }

  // What is in use since the latest settle().
  std::size_t size() const { return installed_; }
  std::optional<InstalledRoute> find(const net::Prefix& prefix) const;
  std::optional<InstalledRoute> lookup(net::Address destination) const;
  // In the order of prefixes: all, or those that lie within `within`.
  void each(const std::function<void(const InstalledRoute&)>& take) const;
  void each(const net::Prefix& within, const std::function<void(const InstalledRoute&)>& take) const;

 private:
  static constexpr std::size_t in_use_max = 64;  // paths of one prefix
  struct PathState;
  struct Entry;
  using Paths = std::map<Path, PathState>;
  using Table = std::map<net::Prefix, Entry>;
  using At = Table::iterator;
  using Group = NextHopGroup;
  using Users = std::vector<At>;

  struct PathState {
    Users users;                       // in no order
    Group group;                       // resolved; nullptr: leads nowhere
    std::vector<net::Prefix> touched;  // prefixes that resolving looked at
    bool resolved = false, recursive = false;
  };
  struct Held {
    Paths::value_type* path = nullptr;
    std::uint32_t user = 0;  // its place among the users of the path
    bool said = false;       // by the replace() that goes on
    bool in_use = false, beaten = false;
  };
  struct Entry {
    HeldRoutes<Held> held;
    Group group;  // nullptr: not in use
    net::Time since{};
    bool dirty = false, lost = false;  // lost: a path that was in use is gone
  };
  // A question for the next hops of a gateway, on its way through the table.
  struct Walk {
    std::vector<net::Prefix> stack, touched;
    std::size_t begun_with = 0;  // prefixes on the stack, not of the question itself
    int visits = 0;
  };

  Paths::value_type& path_of(const Path& path);
  At entry_of(At hint, const net::Prefix& prefix);
  void add(At entry, Paths::value_type& path, bool said);
  void remove(At entry, std::size_t index);
  void leave(Paths::value_type& path, std::uint32_t user);
  void say(At entry, const Path& path);
  void remove_unsaid(const Origin& origin);
  void forget_origin(At entry, const Origin& origin, const Paths::value_type* but);
  void withdraw(const Origin& origin, const net::Prefix& prefix);
  void judge(const net::Prefix& prefix, Held& held, bool beaten);
  void mark_dirty(At entry);
  bool covers_gateway(const net::Prefix& prefix) const;

  void resolve_again();
  void resolve_path(Paths::value_type& path);
  void choose(At entry, net::Time now, std::vector<RouteChange>& set, std::vector<RouteChange>& withdrawn);
  std::size_t class_end(const Entry& entry, std::size_t first) const;
  Group group_for(At entry, const Held& held);
  Group group_of_class(At entry, std::size_t first, std::size_t last, std::uint64_t& leading);

  bool usable(const Path& path, const NextHop& hop) const;
  NextHops resolve(const Path& path, Walk& walk) const;
  NextHops through(net::Address gateway, Walk& walk) const;
  std::optional<NextHops> best_of(const Entry& entry, Walk& walk) const;

  InstalledRoute shown(const Table::value_type& entry) const;

  NextHopGroups groups_;
  Table table_;
  Paths paths_;
  std::array<std::size_t, 129> by_length_{};      // entries
  std::map<net::Address, std::size_t> gateways_;  // that paths must resolve, and how many do
  std::set<std::string> usable_;
  std::vector<At> dirty_;
  std::vector<Verdict> verdicts_;
  std::size_t installed_ = 0;
  bool gateways_moved_ = false, interfaces_moved_ = false;
};

}  // namespace culvert::routing
