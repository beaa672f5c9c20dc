// Any frames at the two ports of a router whose outside has a crypto policy: nothing that it protects leaves in clear,
// whole or in pieces, and nothing that it protects is taken in clear.
//
// links: culvert_dataplane
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "ipsec-dataplane/crypto_policy.h"
#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/policy.h"
#include "ipsec-dataplane/policy_work.h"
#include "ipsec-dataplane/reassembly.h"
#include "ipsec-dataplane/stages.h"

namespace {

namespace dp = culvert::dataplane;

constexpr dp::InterfaceIndex inside = 1, outside = 2, entry = 3;
constexpr std::uint16_t protected_port = 9;
constexpr std::uint8_t udp = 17, gre = 47;

// UDP to port 9 by an entry without an SA, GRE by none.
std::shared_ptr<const dp::CryptoPolicy> make_policy() {
  const auto of = [](dp::ClassifierRule rule) { return dp::Classifier::build({rule}); };
  const dp::Masked<std::uint8_t> whole{0, dp::shape::later_fragment | dp::shape::truncated};
  const dp::PortSpan port{protected_port, protected_port};
  auto policy = std::make_shared<dp::CryptoPolicy>();
  policy->entries.push_back({.tunnel = "entry",
                             .outbound = of({.protocol = udp, .destination_port = port, .shape = whole}),
                             .inbound = of({.protocol = udp, .source_port = port, .shape = whole}),
                             .permits = {true},
                             .path = {}});
  policy->entries.push_back({.tunnel = "",
                             .outbound = of({.protocol = gre}),
                             .inbound = of({.protocol = gre}),
                             .permits = {true},
                             .path = {}});
  return policy;
}

dp::Interface port(const char* name, std::uint32_t address) {
  return {.name = name,
          .kind = dp::InterfaceKind::port,
          .present = true,
          .up = true,
          .addresses = {{address, address | 0xff, 24}}};
}

struct Router {
  Router() {
    if (!dp::start_eal({.name = "fuzz", .workers = 0, .memory_mb = 128})) std::abort();
    worker.pool = dp::make_packet_pool("fuzz", 255, dp::packet_room).value();
    worker.large_pool = dp::make_packet_pool("fuzz_large", 15, dp::large_packet_room).value();
    worker.counters = counters.get();
    worker.spare = spare.get();
    worker.policies = work.get();
    worker.icmp_errors = dp::TokenBucket(1, 10);
    tables.fib = fib.view();
    tables.interfaces = {{}, port("inside", 0x0a010001), port("outside", 0x0a020001), {}};
    auto& place = tables.interfaces[entry];
    place.kind = dp::InterfaceKind::policy;
    place.present = place.up = true;
    place.policy_on = outside;
    tables.policies.push_back(std::make_shared<const dp::Policy>(dp::Policy{
        .entries = make_policy(), .tunnels = {entry, dp::no_interface}, .generation = 1, .reads_transport = true}));
    tables.interfaces[outside].policy = tables.policies.back().get();
    tables.own[0x0a010001] = {inside, false};
    tables.own[0x0a020001] = {outside, false};
    tables.adjacencies = {{},
                          {dp::AdjacencyKind::neighbor, true, inside, {}, 0x0a010002},
                          {dp::AdjacencyKind::neighbor, true, outside, {}, 0x0a020002}};
    fib.set(*culvert::net::Prefix::parse("10.1.0.0/16"), 1);
    fib.set(*culvert::net::Prefix::parse("0.0.0.0/0"), 2);
  }
  dp::Fib fib = dp::Fib::create().value();
  dp::Tables tables;
  dp::WorkerState worker;
  std::unique_ptr<dp::WorkerCounters> counters = std::make_unique<dp::WorkerCounters>();
  std::unique_ptr<dp::Burst> burst = std::make_unique<dp::Burst>(), spare = std::make_unique<dp::Burst>();
  std::unique_ptr<dp::PolicyWork> work = std::make_unique<dp::PolicyWork>(0);
};

bool is_protected(dp::Packet& p, std::size_t port_at) {
  const auto& ip = dp::ipv4(p);
  if (ip.next_proto_id == gre) return true;
  const auto transport = dp::data(p).subspan(dp::meta(p).header_length);
  const bool first = (ip.fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) == 0;
  if (ip.next_proto_id != udp || !first || transport.size() < 4) return false;
  return transport[port_at] == std::byte{0} && transport[port_at + 1] == std::byte{protected_port};
}

void run(Router& router) {
  auto& burst = *router.burst;
  auto& worker = router.worker;
  while (dp::another_pass(burst).any_under_way()) {
    dp::policy_in(burst, router.tables, worker);
    for (auto* p : burst) {
      const auto& m = dp::meta(*p);
      const bool clear = m.step == dp::Step::classify && m.interface == outside && !dp::has(*p, dp::flag::local);
      assert(!clear || dp::is_fragment(dp::ipv4(*p)) || !is_protected(*p, 0) ||
             router.tables.own.contains(rte_be_to_cpu_32(dp::ipv4(*p).dst_addr)));
    }
    dp::classify(burst, router.tables, worker);
    dp::route(burst, router.tables, worker);
    dp::reassemble(burst, worker);
    dp::icmp_errors(burst, router.tables, worker);
    burst.remove_if([](dp::Packet& p) {
      if (dp::meta(p).step != dp::Step::esp_open) return false;
      rte_pktmbuf_free(&p);
      return true;
    });
  }
}

}  // namespace

// Each frame: where it arrives, its length, its octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  static auto& router = *new Router;
  dp::Reassembly reassembly({.datagrams = 2, .datagrams_per_source = 2});
  router.worker.reassembly = &reassembly;
  std::span<const std::uint8_t> rest(input, size);
  while (rest.size() >= 3 && router.burst->size() < 16) {
    const dp::InterfaceIndex at = rest[0] % 2 == 0 ? inside : outside;
    const auto length = std::min<std::size_t>((rest[1] << 8 | rest[2]) % 1600, rest.size() - 3);
    auto* const packet = dp::make_packet(router.worker.pool, std::as_bytes(rest.subspan(3, length)));
    rest = rest.subspan(3 + length);
    if (packet == nullptr) break;
    dp::parse(*packet, at, router.tables);
    router.burst->push(packet);
  }
  run(router);
  for (auto* p : *router.burst) {
    const auto& m = dp::meta(*p);
    assert(m.step != dp::Step::transmit || m.egress != outside || !is_protected(*p, 2));
    rte_pktmbuf_free(p);
  }
  router.burst->clear();
  return 0;
}
