#include "ipsec-dataplane/packet_pool.h"

#include <fmt/core.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf_pool_ops.h>
#include <sys/mman.h>

#include <cstring>
#include <memory>

namespace culvert::dataplane {
namespace {

// A lcore's private stock. More than a few bursts, so that buffers come back while they are still in the processor's
// cache.
constexpr unsigned cache_packets = 256;
constexpr std::size_t huge_page = std::size_t{2} << 20;

struct FreePool {
  void operator()(rte_mempool* pool) const { rte_mempool_free(pool); }
};
using OwnedPool = std::unique_ptr<rte_mempool, FreePool>;

// Address space that begins where a huge page does; nullptr: there is none.
void* map_aligned(std::size_t octets) {
  auto* const mapped =
      mmap(nullptr, octets + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::byte*>(mapped);
  auto* const first = RTE_PTR_ALIGN_CEIL(begin, huge_page);
  if (first != begin) munmap(begin, static_cast<std::size_t>(first - begin));
  munmap(first + octets, static_cast<std::size_t>(begin + huge_page - first));
  return first;
}

void unmap(rte_mempool_memhdr* memory, void*) { munmap(memory->addr, memory->len); }

std::size_t octets_of(const rte_mempool& pool) {
  const auto packet = std::size_t{pool.header_size} + pool.elt_size + pool.trailer_size;
  return RTE_ALIGN_CEIL(pool.size * packet + RTE_CACHE_LINE_SIZE, huge_page);
}

// The EAL's small pages would hold one packet each, all of them at the same place in their page: headers of more than a
// dozen packets crowd each other out of the first cache. Here they lie close, in pages that the kernel makes large
// where it can. Returns how many found room.
int populate_closely(rte_mempool& pool) {
  const auto octets = octets_of(pool);
  auto* const memory = map_aligned(octets);
  if (memory == nullptr) return 0;
  madvise(memory, octets, MADV_HUGEPAGE);
  const auto made = rte_mempool_populate_iova(&pool, static_cast<char*>(memory), RTE_BAD_IOVA, octets, unmap, nullptr);
  if (made <= 0) munmap(memory, octets);
  return made;
}

// Without hugepages no device sees a packet by an address of its own.
OwnedPool make_pool(const std::string& name, unsigned count, std::uint16_t data_room) {
  const bool closely = rte_eal_has_hugepages() == 0;
  const auto cache = count >= 8 * cache_packets ? cache_packets : 0;
  const auto size = static_cast<unsigned>(sizeof(rte_mbuf)) + meta_size + data_room;
  OwnedPool pool(rte_mempool_create_empty(name.c_str(), count, size, cache, sizeof(rte_pktmbuf_pool_private),
                                          SOCKET_ID_ANY, closely ? RTE_MEMPOOL_F_NO_IOVA_CONTIG : 0));
  rte_pktmbuf_pool_private facts{.mbuf_data_room_size = data_room, .mbuf_priv_size = meta_size, .flags = 0};
  if (pool == nullptr || rte_mempool_set_ops_byname(pool.get(), rte_mbuf_best_mempool_ops(), nullptr) != 0) return {};
  rte_pktmbuf_pool_init(pool.get(), &facts);
  const auto made = closely ? populate_closely(*pool) : rte_mempool_populate_default(pool.get());
  if (made != static_cast<int>(count)) return {};
  rte_mempool_obj_iter(pool.get(), rte_pktmbuf_init, nullptr);
  return pool;
}

}  // namespace

std::expected<rte_mempool*, std::string> make_packet_pool(const std::string& name, unsigned count, std::uint16_t room) {
  auto pool = make_pool(name, count, static_cast<std::uint16_t>(RTE_PKTMBUF_HEADROOM + room));
  if (pool == nullptr)
    return std::unexpected(fmt::format("no memory for {} packet buffers ({}); give the dataplane more memory", count,
                                       rte_strerror(rte_errno)));
  return pool.release();
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
