// Lists of next hops, each kept once however many prefixes lead there.
//
// A group is counted by those who hold it, on one thread.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <map>

#include "routing/rib/route.h"

namespace culvert::routing {

struct SharedNextHops : boost::intrusive_ref_counter<SharedNextHops, boost::thread_unsafe_counter> {
  explicit SharedNextHops(NextHops its_hops) : hops(std::move(its_hops)) {}
  const NextHops hops;
};

// nullptr: leads nowhere.
using NextHopGroup = boost::intrusive_ptr<const SharedNextHops>;

class NextHopGroups {
 public:
  // The group of these, the same one as before while anybody holds it; nullptr of none.
  NextHopGroup of(NextHops hops);

 private:
  void sweep();

  std::map<NextHops, NextHopGroup> groups_;
  std::size_t swept_ = 0;  // groups that the latest sweep left
};

}  // namespace culvert::routing
