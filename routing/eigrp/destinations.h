// The entries of the topology table in the order of their prefixes.
//
// Neighbours tell of prefixes in order, mostly: a search begins beside the place where the last one ended.
#pragma once

#include <boost/intrusive/set.hpp>

#include "routing/eigrp/topology.h"

namespace culvert::routing::eigrp {

class Destinations {
  struct KeyOf {
    using type = net::Prefix;
    const net::Prefix& operator()(const Entry& entry) const { return entry.prefix; }
  };
  using Tree = boost::intrusive::set<Entry, boost::intrusive::member_hook<Entry, Entry::Place, &Entry::place>,
                                     boost::intrusive::key_of_value<KeyOf>>;

 public:
  Destinations() = default;
  ~Destinations() { clear(); }
  Destinations(const Destinations&) = delete;
  Destinations& operator=(const Destinations&) = delete;

  auto begin() { return tree_.begin(); }
  auto end() { return tree_.end(); }
  auto begin() const { return tree_.begin(); }
  auto end() const { return tree_.end(); }

  // Null: there is none.
  Entry* find(const net::Prefix& prefix);
  const Entry* find(const net::Prefix& prefix) const { return const_cast<Destinations*>(this)->find(prefix); }
  // The entry of this prefix, new if there was none.
  Entry& at(const net::Prefix& prefix);
  void erase(Entry& entry);
  void clear();

  // Calls with each entry whose address lies within `range`.
  template <class Action>
  void for_each_within(const net::Prefix& range, Action action) {
    for (auto at = tree_.lower_bound(net::Prefix{range.address, 0}); at != end() && range.contains(at->prefix.address);
         ++at)
      action(*at);
  }

 private:
  // The first one that is not before `prefix`.
  Tree::iterator lower_bound(const net::Prefix& prefix);

  Tree tree_;
  Entry* near_ = nullptr;  // found or made last
};

}  // namespace culvert::routing::eigrp
