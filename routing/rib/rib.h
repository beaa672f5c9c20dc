// The routing information base: every route that anybody knows, the best one of each prefix, and where it leads.
//
// Sources (connected, local, static, later EIGRP) hand in whole sets of routes; the table picks by administrative
// distance, then by metric, resolves next hops that are reached through other routes, and tells what changed in the
// forwarding table as a list of plain changes. Each route carries a table id, 0 until there are several tables.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/time.h"

namespace culvert::routing {

enum class Source : std::uint8_t { connected, local, static_route };

struct NextHop {
  std::optional<net::Address> gateway;
  std::string interface;  // empty where the gateway must be resolved
  auto operator<=>(const NextHop&) const = default;
};

struct Route {
  net::Prefix prefix;  // without host bits
  Source source = Source::connected;
  std::uint8_t distance = 0;  // administrative distance, 255 = never used
  std::uint32_t metric = 0;
  std::vector<NextHop> next_hops;
  std::uint32_t tag = 0;
  std::string name;
  std::uint32_t table = 0;
  bool operator==(const Route&) const = default;
};

// A route in use, its next hops resolved down to an interface each.
struct InstalledRoute {
  Route route;
  std::vector<NextHop> resolved;
  net::Time since{};
};

// For the dataplane: `next_hops` empty means that the prefix is gone.
struct RouteChange {
  net::Prefix prefix;
  std::vector<NextHop> next_hops;
  bool operator==(const RouteChange&) const = default;
};

class Rib {
 public:
  // All routes of one source, replacing what that source said before.
  void replace(Source source, std::vector<Route> routes);
  // Picks and resolves anew; returns what the forwarding table must change, withdrawals first.
  std::vector<RouteChange> settle(net::Time now);

  const std::map<net::Prefix, InstalledRoute>& installed() const { return installed_; }
  // The longest installed match, or nullptr.
  const InstalledRoute* lookup(net::Address destination) const;

 private:
  using Candidates = std::map<net::Prefix, std::vector<const Route*>>;
  Candidates candidates() const;
  std::map<net::Prefix, InstalledRoute> choose(net::Time now) const;
  bool choose_one(const Candidates::value_type& entry, std::map<net::Prefix, InstalledRoute>& chosen,
                  net::Time now) const;
  // The next hops of `route` down to interfaces, using `chosen` for recursion; empty where it leads nowhere.
  std::vector<NextHop> resolve(const Route& route, const std::map<net::Prefix, InstalledRoute>& chosen) const;

  std::map<Source, std::vector<Route>> sources_;
  std::map<net::Prefix, InstalledRoute> installed_;
};

// The longest match in a table of routes, or nullptr.
const InstalledRoute* longest_match(const std::map<net::Prefix, InstalledRoute>& routes, net::Address destination);

}  // namespace culvert::routing
