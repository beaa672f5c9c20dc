// What a crypto policy costs a packet: the worker's outbound judgement on bursts of 32 packets, for an interface with
// no policy, and for one with a policy of a hundred entries whose last one protects the packets, or none does.
//
// The packets of a case belong to so many flows, drawn anew for every burst, all of which the worker has met before;
// "new flows" are met for the first time.
//
// links: culvert_dataplane
#include <benchmark/benchmark.h>
#include <unistd.h>
#include <x86intrin.h>

#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "ipsec-dataplane/crypto_policy.h"
#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/policy.h"
#include "ipsec-dataplane/policy_work.h"
#include "net/bytes.h"
#include "net/random.h"

namespace {

using namespace culvert;
using namespace dataplane;

constexpr int rounds = 400, warm_rounds = 2000;
constexpr std::size_t new_flows = 0;
constexpr InterfaceIndex outside = 1, entry = 2;
enum class Fate { no_policy, in_clear, sealed };

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "crypto_policies: {}\n", why);
  std::exit(1);
}

struct Plane {
  Plane() {
    if (auto up = start_eal({.name = fmt::format("policy-bench-{}", getpid()), .workers = 0, .memory_mb = 128}); !up)
      fail(up.error());
    auto packets = make_packet_pool("policy-bench", 1023, packet_room);
    if (!packets) fail(packets.error());
    pool = *packets;
    auto devices = start_crypto(1, 16);
    if (!devices) fail(devices.error());
    crypto = devices->front();
    SaParameters p{.direction = SaDirection::outbound, .spi = 4096};
    p.cipher_key = net::Secret(net::Bytes(20, std::byte{1}));
    p.local = net::Address::v4(0x0a020001);
    p.remote = net::Address::v4(0x0a020002);
    auto made = make_security_association(p, entry);
    if (!made) fail(made.error());
    association = *made;
  }
  rte_mempool* pool = nullptr;
  std::shared_ptr<CryptoEngine> crypto;
  std::shared_ptr<SecurityAssociation> association;
};
Plane& plane() {
  static auto* const made = new Plane;
  return *made;
}

// Entries about other hosts, and one about the packets where `last_protects`.
std::shared_ptr<const CryptoPolicy> policy_of(std::uint32_t entries, bool last_protects) {
  auto policy = std::make_shared<CryptoPolicy>();
  for (std::uint32_t i = 0; i < entries; ++i) {
    const bool last = last_protects && i + 1 == entries;
    const auto lines = Classifier::build(
        {last ? ClassifierRule{} : ClassifierRule{.protocol = 17, .source = {0xac100000 + i, 0xffffffff}}});
    policy->entries.push_back({.tunnel = "entry", .outbound = lines, .inbound = lines, .permits = {true}});
  }
  return policy;
}

class Bench {
 public:
  Bench(std::uint32_t entries, Fate fate) {
    tables_.interfaces.resize(3);
    tables_.adjacencies.push_back({.kind = AdjacencyKind::neighbor, .resolved = true, .interface = outside});
    auto policy = std::make_shared<Policy>(
        Policy{.entries = policy_of(entries, fate == Fate::sealed), .tunnels = {}, .generation = 1});
    policy->tunnels.assign(entries, entry);
    tables_.policies.push_back(policy);
    if (fate != Fate::no_policy) tables_.interfaces[outside].policy = policy.get();
    tables_.interfaces[entry].tunnel.outbounds = {plane().association.get()};
    tables_.interfaces[entry].tunnel.outbounds_generation = 1;
    worker_.pool = plane().pool;
    worker_.counters = counters_.get();
    worker_.policies = work_.get();
    while (burst_.size() < Burst::rx_max) burst_.push(packet());
  }
  ~Bench() {
    for (auto* one : burst_) rte_pktmbuf_free(one);
  }

  std::uint64_t judge(std::size_t flows) {
    for (auto* one : burst_) {
      const auto flow = flows == new_flows ? ++last_flow_ : random_.below(flows);
      ipv4(*one).src_addr = rte_cpu_to_be_32(0x0a000000 + static_cast<std::uint32_t>(flow));
      meta(*one).step = Step::route;
    }
    unsigned processor = 0;
    _mm_lfence();
    const auto begin = __rdtsc();
    policy_out({burst_.begin(), burst_.size()}, tables_, worker_);
    return __rdtscp(&processor) - begin;
  }

 private:
  Packet* packet() {
    net::Bytes bytes(64);
    bytes[0] = std::byte{0x45};
    bytes[3] = std::byte{64};
    bytes[9] = std::byte{17};
    auto* made = make_packet(worker_.pool, bytes);
    if (made == nullptr) std::abort();
    meta(*made) = Meta{.adjacency = 1, .header_length = 20, .step = Step::route};
    return made;
  }

  Tables tables_;
  WorkerState worker_;
  std::unique_ptr<WorkerCounters> counters_ = std::make_unique<WorkerCounters>();
  std::unique_ptr<PolicyWork> work_ = std::make_unique<PolicyWork>(0);
  Burst burst_;
  net::SeededRandom random_{1};
  std::uint64_t last_flow_ = 0;
};

void measure(benchmark::State& state, std::uint32_t entries, Fate fate, std::size_t flows) {
  Bench bench(entries, fate);
  bench::Samples samples;
  for (int i = 0; i < warm_rounds; ++i) bench.judge(flows);
  for (auto _ : state) samples.add(static_cast<double>(bench.judge(flows)) / Burst::rx_max);
  samples.publish(state, "cycles/packet");
}

const bool registered = [] {
  const auto add = [](const std::string& name, std::uint32_t entries, Fate fate, std::size_t flows) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      measure(state, entries, fate, flows);
    })->Iterations(rounds);
  };
  add("an interface without a policy", 1, Fate::no_policy, 64);
  for (const std::uint32_t entries : {1u, 100u})
    for (const auto fate : {Fate::in_clear, Fate::sealed})
      for (const std::size_t flows : {std::size_t{64}, std::size_t{1024}, new_flows})
        add(fmt::format("{} entr{}, {}, {}", entries, entries == 1 ? "y" : "ies",
                        fate == Fate::sealed ? "protected" : "in clear",
                        flows == new_flows ? "new flows" : fmt::format("{} flows", flows)),
            entries, fate, flows);
  bench::note("TSC cycles of the outbound judgement alone");
  return true;
}();

}  // namespace
