#include "routing/eigrp/shared_paths.h"

namespace culvert::routing::eigrp {
namespace {

// Fibonacci hashing of what mostly tells paths apart.
std::size_t place_of(const Path& path, std::size_t places) {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
  std::uint64_t mixed = 0;
  for (const std::uint64_t part : {path.distance, path.reported_distance, std::uint64_t{path.origin.id}})
    mixed = (mixed ^ part) * golden;
  return (mixed >> 32) % places;
}

bool alike(const Path& a, const Path& b) {
  return a.origin == b.origin && a.interface == b.interface && a.next_hop == b.next_hop && a.reported == b.reported &&
         a.metric == b.metric && a.reported_distance == b.reported_distance && a.distance == b.distance &&
         a.same_extra(b);
}

}  // namespace

net::Shared<Path> SharedPaths::share(const Path& path) {
  auto& last = made_[place_of(path, made_.size())];
  if (!last || !alike(*last, path)) last = path;
  return last;
}

}  // namespace culvert::routing::eigrp
