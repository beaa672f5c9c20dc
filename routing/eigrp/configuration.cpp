#include "routing/eigrp/configuration.h"

#include <algorithm>

namespace culvert::routing::eigrp {

bool Network::covers(const net::Address& other) const {
  if (other.family() != address.family()) return false;
  const auto a = address.octets(), b = other.octets(), w = wildcard.octets();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto ignored = i < w.size() ? w[i] : std::byte{0};
    if (((a[i] ^ b[i]) & ~ignored) != std::byte{0}) return false;
  }
  return true;
}

bool permits(const Filter& filter, const net::Prefix& prefix) {
  const auto rule = std::ranges::find_if(filter, [&](const FilterRule& r) {
    return r.match.covers(prefix.address) && r.length_min <= prefix.length && prefix.length <= r.length_max;
  });
  return rule != filter.end() && rule->permit;
}

}  // namespace culvert::routing::eigrp
