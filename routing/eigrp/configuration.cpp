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

bool permits(const Filter& filter, const net::Prefix& prefix, const net::Address& teller) {
  const auto rule = std::ranges::find_if(filter.rules, [&](const FilterRule& r) {
    return r.match.covers(prefix.address) && (!r.source || r.source->covers(teller)) && r.length_min <= prefix.length &&
           prefix.length <= r.length_max;
  });
  return rule != filter.rules.end() && rule->permit;
}

std::uint32_t offset_of(const std::vector<Offset>& offsets, std::string_view interface, const net::Prefix& prefix,
                        const net::Address& teller) {
  const Offset* chosen = nullptr;
  for (const auto& offset : offsets) {
    if (!offset.interface.empty() && offset.interface != interface) continue;
    if (chosen && !chosen->interface.empty()) continue;
    if (permits(offset.filter, prefix, teller)) chosen = &offset;
  }
  return chosen ? chosen->delay : 0;
}

}  // namespace culvert::routing::eigrp
