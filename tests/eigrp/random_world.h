// A random network of up to twelve routers that lives through random misfortune, all from one seed.
//
// At every instant packets must not go in circles. When all is quiet again every route must be Dijkstra's, computed by
// a model that knows the whole network, nothing may be ACTIVE or queued, and nothing unreachable may be remembered.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace culvert::routing::eigrp::testing {

struct WorldReport {
  std::string broken;   // what did not hold; empty: all did
  bool strict = false;  // no circle at all is forgiven
  bool lossy = false;   // packets are lost and reordered
  std::size_t packets = 0;
  std::size_t diffusions = 0;  // QUERY packets
  // Circles while one end of an adjacency did not know yet that it was over, by the reason why it was at the other.
  std::map<std::string, std::size_t> unilateral_loops;
};

WorldReport live(std::uint64_t seed, bool trace = false);

}  // namespace culvert::routing::eigrp::testing
