#include "ipsec-dataplane/fib.h"

#include <fmt/core.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_memory.h>

#include <cassert>

namespace culvert::dataplane {

void Fib::Free::operator()(rte_fib* fib) const { rte_fib_free(fib); }

std::expected<Fib, std::string> Fib::create(const std::string& name, const Limits& limits) {
  rte_fib_conf conf{};
  conf.type = RTE_FIB_DIR24_8;
  conf.default_nh = no_route;
  conf.max_routes = limits.routes;
  conf.dir24_8.nh_sz = RTE_FIB_DIR24_8_2B;
  conf.dir24_8.num_tbl8 = limits.long_groups;
  auto* fib = rte_fib_create(name.c_str(), SOCKET_ID_ANY, &conf);
  if (fib == nullptr)
    return std::unexpected(fmt::format("no memory for the forwarding table ({}); give the dataplane more memory",
                                       rte_strerror(rte_errno)));
  return Fib(fib);
}

bool Fib::set(const net::Prefix& prefix, std::uint16_t next_hop) {
  assert(prefix.address.is_v4() && next_hop <= next_hop_max);
  return rte_fib_add(fib_.get(), prefix.address.v4_value(), prefix.length, next_hop) == 0;
}

void Fib::remove(const net::Prefix& prefix) {
  assert(prefix.address.is_v4());
  rte_fib_delete(fib_.get(), prefix.address.v4_value(), prefix.length);
}

std::uint16_t Fib::lookup(std::uint32_t address) const {
  std::uint64_t next_hop = no_route;
  rte_fib_lookup_bulk(fib_.get(), &address, &next_hop, 1);
  return static_cast<std::uint16_t>(next_hop);
}

}  // namespace culvert::dataplane
