#include "ipsec-dataplane/packet_pool.h"

#include <fmt/core.h>
#include <rte_errno.h>

#include <cstring>

namespace culvert::dataplane {
namespace {

// A lcore's private stock. More than a few bursts, so that buffers come back while they are still in the processor's
// cache.
constexpr unsigned cache_packets = 256;

}  // namespace

std::expected<rte_mempool*, std::string> make_packet_pool(const std::string& name, unsigned count, std::uint16_t room) {
  const auto cache = count >= 8 * cache_packets ? cache_packets : 0;
  auto* pool = rte_pktmbuf_pool_create(name.c_str(), count, cache, meta_size,
                                       static_cast<std::uint16_t>(RTE_PKTMBUF_HEADROOM + room), SOCKET_ID_ANY);
  if (pool == nullptr)
    return std::unexpected(fmt::format("no memory for {} packet buffers ({}); give the dataplane more memory", count,
                                       rte_strerror(rte_errno)));
  return pool;
}

Packet* make_packet(rte_mempool* pool, net::View octets) {
  if (octets.size() > large_packet_room) return nullptr;
  auto* p = rte_pktmbuf_alloc(pool);
  if (p == nullptr) return nullptr;
  auto* to = rte_pktmbuf_append(p, static_cast<std::uint16_t>(octets.size()));
  if (to == nullptr) {
    rte_pktmbuf_free(p);
    return nullptr;
  }
  std::memcpy(to, octets.data(), octets.size());
  meta(*p) = Meta{};
  return p;
}

}  // namespace culvert::dataplane
