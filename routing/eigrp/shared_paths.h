// Paths that are alike, held once: neighbours tell of many destinations with the same metric.
//
// It remembers the paths made last, and no more than so many: two that are alike but were made long apart may be two.
#pragma once

#include <array>

#include "routing/eigrp/topology.h"

namespace culvert::routing::eigrp {

class SharedPaths {
 public:
  net::Shared<Path> share(const Path& path);

 private:
  std::array<net::Shared<Path>, 256> made_;  // each where its content says
};

}  // namespace culvert::routing::eigrp
