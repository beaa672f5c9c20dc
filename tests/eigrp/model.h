// What the routes of a world should be, worked out naively from the whole of it.
#pragma once

#include <map>
#include <string>

#include "tests/eigrp/world.h"

namespace culvert::routing::eigrp::testing {

class Model {
 public:
  explicit Model(World& world) : world_(world) {}
  // What differs between the world and what should be; empty: nothing.
  std::string compare();

 private:
  // `to` hears of the prefix from `from` over this segment.
  bool tells(const Segment& segment, const Attachment& from, const Attachment& to, const net::Prefix& prefix) const;
  bool owns(std::size_t node, const net::Prefix& prefix) const;
  Distance own_distance(std::size_t node, const net::Prefix& prefix) const;
  std::vector<Distance> distances(const net::Prefix& prefix) const;
  bool improve(const net::Prefix& prefix, std::vector<Distance>& distance, std::vector<wire::Metric>& vector) const;
  std::string compare(const net::Prefix& prefix);
  std::string compare(std::size_t node, const net::Prefix& prefix, Distance expected);
  std::string leftovers(std::size_t node);
  std::set<net::Prefix> prefixes() const;

  World& world_;
};

}  // namespace culvert::routing::eigrp::testing
