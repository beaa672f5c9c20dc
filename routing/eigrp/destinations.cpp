#include "routing/eigrp/destinations.h"

#include <iterator>

namespace culvert::routing::eigrp {

Destinations::Tree::iterator Destinations::lower_bound(const net::Prefix& prefix) {
  if (!near_ || prefix < near_->prefix) return tree_.lower_bound(prefix);
  const auto last = tree_.iterator_to(*near_);
  if (last->prefix == prefix) return last;
  const auto next = std::next(last);
  return next == end() || prefix <= next->prefix ? next : tree_.lower_bound(prefix);
}

Entry* Destinations::find(const net::Prefix& prefix) {
  const auto found = lower_bound(prefix);
  if (found == end() || found->prefix != prefix) return nullptr;
  return near_ = &*found;
}

Entry& Destinations::at(const net::Prefix& prefix) {
  const auto place = lower_bound(prefix);
  if (place != end() && place->prefix == prefix) return *place;
  near_ = new Entry{.prefix = prefix};
  return *tree_.insert_before(place, *near_);
}

void Destinations::erase(Entry& entry) {
  if (near_ == &entry) near_ = nullptr;
  tree_.erase(tree_.iterator_to(entry));
  delete &entry;
}

void Destinations::clear() {
  near_ = nullptr;
  tree_.clear_and_dispose([](Entry* entry) { delete entry; });
}

}  // namespace culvert::routing::eigrp
