// What an access list costs a packet: the worker's input filter on bursts of 32 packets, with a list of one line and
// with one of a thousand, whose last line is the one that permits.
//
// The packets of a case belong to so many flows, drawn anew for every burst, all of which the worker has met before;
// "new flows" are met for the first time. What is timed reads the headers, asks the classifier and counts the hit.
//
// links: culvert_dataplane
#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/filter.h"
#include "ipsec-dataplane/flow_cache.h"
#include "ipsec-dataplane/packet_filter.h"
#include "ipsec-dataplane/packet_pool.h"
#include "net/bytes.h"
#include "net/random.h"

namespace {

using namespace culvert;
using namespace dataplane;

constexpr int rounds = 400, warm_rounds = 2000;
constexpr std::size_t new_flows = 0;

rte_mempool* pool() {
  static auto* const made = [] {
    const auto up = start_eal({.name = fmt::format("acl-bench-{}", getpid()), .workers = 0, .memory_mb = 128});
    const auto packets = up ? make_packet_pool("acl-bench", 1023, packet_room) : std::unexpected(up.error());
    if (!packets) {
      fmt::print(stderr, "access_lists: {}\n", packets.error());
      std::exit(1);
    }
    return *packets;
  }();
  return made;
}

// `lines` - 1 lines about other hosts, then one that permits everything.
std::shared_ptr<const PacketFilter> list_of(std::uint32_t lines) {
  std::vector<ClassifierRule> rules;
  for (std::uint32_t i = 0; i + 1 < lines; ++i)
    rules.push_back({.protocol = 17,
                     .source = {0xac100000 + i, 0xffffffff},
                     .destination_port = {static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(i + 9)},
                     .shape = {0, shape::later_fragment | shape::truncated},
                     .result = i});
  rules.push_back({.result = lines - 1});
  auto filter = std::make_shared<PacketFilter>();
  filter->classifier = Classifier::build(std::move(rules));
  for (std::uint32_t i = 0; i < lines; ++i)
    filter->lines.push_back({.permit = true, .log = 0, .hits = std::make_shared<HitCount>()});
  return filter;
}

class Bench {
 public:
  explicit Bench(std::uint32_t lines) {
    tables_.interfaces.resize(2);
    tables_.interfaces[1] = {.name = "port", .kind = InterfaceKind::port, .present = true, .up = true};
    tables_.filters.push_back(list_of(lines));
    tables_.interfaces[1].input_filter = tables_.filters.back().get();
    worker_.pool = pool();
    worker_.flows = flows_.get();
    while (burst_.size() < Burst::rx_max) burst_.push(packet());
  }
  ~Bench() {
    for (auto* one : burst_) rte_pktmbuf_free(one);
  }

  std::uint64_t filter(std::size_t flows) {
    for (auto* one : burst_) {
      const auto flow = flows == new_flows ? ++last_flow_ : random_.below(flows);
      ipv4(*one).src_addr = rte_cpu_to_be_32(0x0a000000 + static_cast<std::uint32_t>(flow));
    }
    unsigned processor = 0;
    _mm_lfence();
    const auto begin = __rdtsc();
    filter_input(burst_, tables_, worker_);
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
    meta(*made) = Meta{.interface = 1, .header_length = 20, .step = Step::classify};
    return made;
  }

  Tables tables_;
  WorkerState worker_;
  std::unique_ptr<FlowCache> flows_ = std::make_unique<FlowCache>();
  Burst burst_;
  net::SeededRandom random_{1};
  std::uint64_t last_flow_ = 0;
};

std::string shown(std::uint32_t lines, std::size_t flows) {
  return fmt::format("{} line{}, {}", lines, lines == 1 ? "" : "s",
                     flows == new_flows ? "new flows" : fmt::format("{} flows", flows));
}

void measure(benchmark::State& state, std::uint32_t lines, std::size_t flows) {
  Bench bench(lines);
  bench::Samples samples;
  for (int i = 0; i < warm_rounds; ++i) bench.filter(flows);
  for (auto _ : state) samples.add(static_cast<double>(bench.filter(flows)) / Burst::rx_max);
  samples.publish(state, "cycles/packet");
}

// The two in turn, burst by burst, so that what else the machine does falls on both.
void measure_above_one(benchmark::State& state, std::uint32_t lines, std::size_t flows) {
  Bench longer(lines), one(1);
  bench::Samples samples;
  for (int i = 0; i < warm_rounds; ++i) longer.filter(flows), one.filter(flows);
  for (auto _ : state) {
    const auto cost = static_cast<double>(longer.filter(flows)), base = static_cast<double>(one.filter(flows));
    samples.add((cost - base) / Burst::rx_max);
  }
  samples.publish(state, "cycles/packet");
}

// `./bench esp --acl 500` says how many.
std::uint32_t lines_asked() {
  const auto* given = std::getenv("CULVERT_ACL_LINES");
  const auto lines = given == nullptr ? 1000 : std::strtoul(given, nullptr, 10);
  if (lines >= 1 && lines <= 100'000) return static_cast<std::uint32_t>(lines);
  fmt::print(stderr, "access_lists: CULVERT_ACL_LINES is 1 to 100000\n");
  std::exit(1);
}

const bool registered = [] {
  const auto lines = lines_asked();
  const auto add = [](const std::string& name, auto measured) {
    benchmark::RegisterBenchmark(name.c_str(), measured)->Iterations(rounds);
  };
  for (const std::size_t flows : {std::size_t{64}, std::size_t{1024}, new_flows}) {
    add(shown(1, flows), [=](benchmark::State& state) { measure(state, 1, flows); });
    add(shown(lines, flows), [=](benchmark::State& state) { measure(state, lines, flows); });
    add("above one line: " + shown(lines, flows),
        [=](benchmark::State& state) { measure_above_one(state, lines, flows); });
  }
  bench::goal("above one line: ", 60);
  bench::note("TSC cycles of the input filter alone");
  return true;
}();

}  // namespace
