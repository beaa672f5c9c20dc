// A route as a source says it: a prefix, and a path that leads there.
//
// Everything but the prefix is the path's, so that a million routes through one gateway share one path.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/time.h"

namespace culvert::routing {

// In the order of preference where distances are equal.
enum class Source : std::uint8_t { connected, local, static_route, eigrp };

// Who says a route: a source, and its process where there may be several (EIGRP's autonomous system; of static routes 0
// are those of the configuration).
struct Origin {
  Source source = Source::connected;
  std::uint32_t process = 0;
  auto operator<=>(const Origin&) const = default;
};

// Administrative distances, as in IOS; 255 = never used.
namespace distance {
inline constexpr std::uint8_t connected = 0, static_route = 1, eigrp_summary = 5, eigrp_internal = 90,
                              eigrp_external = 170, never = 255;
}

// EIGRP's kinds: D, D EX, and the discard route of a summary. Other routes are internal.
enum class RouteType : std::uint8_t { internal, external, summary };

struct NextHop {
  std::optional<net::Address> gateway;  // none: destinations are on the interface's own network
  std::string interface;                // empty where the gateway must be resolved; "Null0" discards
  std::uint32_t weight = 1;             // traffic share count, 0 to weight_max; 0: shown, and carries nothing
  std::uint32_t metric = 0;             // of this way, where it differs from the path's (variance); 0 = the path's
  auto operator<=>(const NextHop&) const = default;
};
inline constexpr std::uint32_t weight_max = 255;

using NextHops = std::vector<NextHop>;

struct Path {
  Origin origin;
  std::uint8_t distance = 0;
  RouteType type = RouteType::internal;
  bool permanent = false;  // stays though its interface goes down
  std::uint32_t metric = 0;
  std::uint32_t tag = 0;
  NextHops next_hops;  // at least one
  std::string name;
  auto operator<=>(const Path&) const = default;
};

struct Route {
  net::Prefix prefix;  // without host bits
  Path path;
  auto operator<=>(const Route&) const = default;
};

// A route of many: those that follow each other with the same path share it.
struct LearnedRoute {
  LearnedRoute(net::Prefix its_prefix, std::shared_ptr<const Path> its_path)
      : prefix(its_prefix), path(std::move(its_path)) {}
  // One that stands alone.
  LearnedRoute(net::Prefix its_prefix, Path its_path)
      : LearnedRoute(its_prefix, std::make_shared<const Path>(std::move(its_path))) {}
  LearnedRoute(Route route) : LearnedRoute(route.prefix, std::move(route.path)) {}

  net::Prefix prefix;
  std::shared_ptr<const Path> path;
};

// What a protocol says at once: routes that are new or other than before, and prefixes it knows no way to any more.
struct RouteBatch {
  std::vector<LearnedRoute> routes;
  std::vector<net::Prefix> withdrawn;
};

// A route in use. What it points to lives until the table is changed.
struct InstalledRoute {
  net::Prefix prefix;
  std::vector<const Path*> paths;      // of equal preference: at least one
  const NextHops* resolved = nullptr;  // their next hops, each down to an interface, without metrics
  net::Time since{};                   // these paths are in use

  const Path& path() const { return *paths.front(); }
};

// For a routing protocol: its route has lost to another source (IOS: RIB-failure), or no longer has.
struct Verdict {
  Origin origin;
  net::Prefix prefix;
  bool beaten = false;
  auto operator<=>(const Verdict&) const = default;
};

// For the forwarding table: `next_hops` is nullptr where the prefix is gone. Routes with the same next hops share them;
// they live until the routing table is changed.
struct RouteChange {
  net::Prefix prefix;
  const NextHops* next_hops = nullptr;
};

}  // namespace culvert::routing
