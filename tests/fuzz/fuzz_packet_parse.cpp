// Any Ethernet frame at a port: parse drops it or leaves bounds that the later stages may trust.
//
// links: culvert_dataplane
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/stages.h"

namespace {

namespace dp = culvert::dataplane;

rte_mempool* make_pool() {
  if (!dp::start_eal({.name = "fuzz", .workers = 0, .memory_mb = 64})) std::abort();
  const auto pool = dp::make_packet_pool("fuzz", 64, dp::packet_room);
  if (!pool) std::abort();
  return *pool;
}

dp::Tables make_tables() {
  dp::Tables tables;
  auto& port = tables.interfaces.emplace_back();
  port.name = "GigabitEthernet0/0";
  port.kind = dp::InterfaceKind::port;
  port.present = port.up = true;
  return tables;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* const pool = make_pool();
  static const auto tables = make_tables();
  auto* const packet = dp::make_packet(pool, std::as_bytes(std::span(data, size)));
  if (packet == nullptr) return 0;
  dp::parse(*packet, 1, tables);
  const auto& meta = dp::meta(*packet);
  if (meta.step == dp::Step::classify) {
    assert(meta.header_length >= sizeof(rte_ipv4_hdr) && packet->data_len >= meta.header_length);
    assert(rte_be_to_cpu_16(dp::ipv4(*packet).total_length) == packet->data_len);
  }
  rte_pktmbuf_free(packet);
  return 0;
}
