// The routing table without memory or haste, to be held beside the real one: a list of all that was said, of which
// everything is worked out anew, by the definition alone. Only `since`, and what a permanent route keeps, look back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "routing/rib/route.h"

namespace culvert::routing::test {

using Way = std::pair<std::optional<net::Address>, std::string>;  // a gateway, and the interface
using Ways = std::map<Way, double>;                               // with their shares

class RibModel {
 public:
  // A path, and when it was said: the same path said again after it was taken back is another.
  struct Said {
    Path path;
    std::uint64_t number;
    auto operator<=>(const Said&) const = default;
  };
  struct InUse {
    Ways ways;
    std::map<Said, Ways> paths;  // of equal preference, each with its own
    net::Time since{};

    const Path& path() const { return paths.begin()->first.path; }
  };
  // How often what is hard was met; a test that never meets it proves nothing about it.
  struct Met {
    std::size_t loops = 0, through_eigrp = 0, ties = 0, kept = 0, blackholed = 0;
  };

  void set_usable_interfaces(std::set<std::string> names) { usable_ = std::move(names); }
  void replace(const Origin& origin, const std::vector<Route>& routes);
  void update(const Origin& origin, const std::vector<Route>& routes, const std::vector<net::Prefix>& withdrawn);
  void settle(net::Time now);

  // As of the latest settle().
  const std::map<net::Prefix, InUse>& in_use() const { return in_use_; }
  const std::pair<const net::Prefix, InUse>* lookup(net::Address destination) const;
  // The routes of protocols, and whether each has lost to another.
  const std::set<std::pair<Origin, net::Prefix>>& learned() const { return learned_; }
  const std::set<std::pair<Origin, net::Prefix>>& beaten() const { return beaten_; }
  const Met& met() const { return met_; }

 private:
  using Answer = InUse;
  using Through = std::set<net::Prefix>;  // prefixes that the question came by

  void say(const Route& route);
  void forget(const Origin& origin, const net::Prefix& prefix, const std::vector<Route>& but);
  Answer lead(const net::Prefix& prefix, const Through& through) const;
  Ways lead(const Path& path, const Through& through) const;
  Ways resolve(net::Address gateway, const Through& through) const;
  InUse kept_or(const net::Prefix& prefix, Answer answer, net::Time now) const;
  void judge(const net::Prefix& prefix, const InUse& used);

  std::map<net::Prefix, std::vector<Said>> routes_;
  std::set<std::string> usable_;
  std::uint64_t said_ = 0;
  std::map<net::Prefix, InUse> in_use_;
  std::set<std::pair<Origin, net::Prefix>> learned_, beaten_;
  mutable Met met_;
};

}  // namespace culvert::routing::test
