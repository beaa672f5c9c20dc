// How long a million static routes take from a configuration into the forwarding table, how long ten thousand prefixes
// take there that EIGRP learned, and the memory of a route.
//
// The store is the router's own, in a file; what reads it, the routing table and the plane's tables are the router's
// too, joined as the router joins them. Workers and ports are not there: the tables are published to nobody.
//
// links: culvert_router
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "benchmarks/support/scratch_folder.h"
#include "config-store/store.h"
#include "ipsec-dataplane/forwarding.h"
#include "router/learned_routes.h"
#include "router/plane_routes.h"
#include "router/router.h"
#include "routing/commands/static_route.h"
#include "routing/rib/rib.h"

namespace {

using namespace culvert;
namespace eigrp = routing::eigrp;
using Clock = std::chrono::steady_clock;

constexpr int statics_count = 1'000'000, learned_count = 10'000, gateways = 250, rounds = 3, learned_rounds = 25;
constexpr const char* port = "GigabitEthernet0/0";

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    router::define_configuration(*one, {port});
    return one;
  }();
  return *made;
}

net::Prefix prefix_of(int i) { return {net::Address::v4(0x14000000 + (static_cast<std::uint32_t>(i) << 8)), 24}; }

std::string text_of_statics() {
  std::string text = fmt::format("interface {}\n ip address 192.0.2.1 255.255.255.0\n no shutdown\n", port);
  for (int i = 0; i < statics_count; ++i)
    text += fmt::format("ip route {} 255.255.255.0 192.0.2.{}\n", prefix_of(i).address, 2 + i % gateways);
  return text;
}

// A routing table and the plane's tables behind it, one attached network.
struct Tables {
  Tables() {
    plane.apply({.interfaces = {{.name = port, .up = true, .addresses = {*net::Prefix::parse("192.0.2.1/24")}}}});
    rib.set_usable_interfaces({port});
    const routing::Origin connected{routing::Source::connected};
    rib.replace(connected,
                {{*net::Prefix::parse("192.0.2.0/24"), {.origin = connected, .next_hops = {{std::nullopt, port}}}}});
    settle();
  }
  bool settle() { return plane.update_routes(router::plane_updates(rib.settle({}))).has_value(); }

  routing::Rib rib;
  dataplane::TablePublisher publisher{1};
  dataplane::Forwarding plane{dataplane::Fib::create().value(), publisher, {{.name = port}}};
};

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Of this process, whatever else the machine does meanwhile.
double processor_ms() { return static_cast<double>(std::clock()) * 1000 / CLOCKS_PER_SEC; }

double resident_mb() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

bool leads(const Tables& tables, int i) {
  const auto at = tables.plane.tables().fib.lookup(prefix_of(i).address.v4_value() + 1);
  return tables.plane.tables().adjacency(at).kind == dataplane::AdjacencyKind::neighbor;
}

// The steps apart, and all of them.
struct Statics {
  bench::Samples store, rib, all, processor;
  double table_mb = 0;
};

const Statics& statics() {
  static const auto measured = [] {
    Statics s;
    const auto text = text_of_statics();
    for (int round = 0; round < rounds; ++round) {
      bench::ScratchFolder folder;
      auto store = config::Store::open(registry(), folder.path()).value();
      store->add_permanent("interface", port);
      Tables tables;
      const auto begin = Clock::now();
      const auto ran = processor_ms();
      if (!store->fill(text).empty()) std::abort();
      const auto in_store = milliseconds_since(begin);
      const auto ran_in_store = processor_ms() - ran;
      const auto before = resident_mb();
      const auto loaded = Clock::now();
      const auto ran_before_tables = processor_ms();
      tables.rib.replace({routing::Source::static_route}, routing::static_routes(*store));
      if (!tables.settle()) std::abort();
      const auto in_tables = milliseconds_since(loaded);
      const auto ran_in_tables = processor_ms() - ran_before_tables;
      if (!leads(tables, 0) || !leads(tables, statics_count - 1)) std::abort();
      s.store.add(in_store);
      s.rib.add(in_tables);
      s.all.add(in_store + in_tables);
      s.processor.add(ran_in_store + ran_in_tables);
      s.table_mb = resident_mb() - before;
    }
    return s;
  }();
  return measured;
}

void publish_once(benchmark::State& state, bench::Samples samples, const char* unit) {
  for (auto _ : state) benchmark::DoNotOptimize(samples);
  samples.publish(state, unit);
}

void table_memory(benchmark::State& state) {
  bench::Samples samples;
  samples.add(statics().table_mb * 1e6 / statics_count);
  publish_once(state, samples, "octets");
}

// What a neighbor's Updates bring, one after the other: prefixes of one metric, all through it.
std::vector<eigrp::RouteBatch> updates_of_a_neighbor() {
  constexpr std::size_t prefixes_an_update = 45;
  std::vector<eigrp::RouteBatch> batches;
  for (int i = 0; i < learned_count; ++i) {
    if (batches.empty() || batches.back().updates.size() == prefixes_an_update) batches.emplace_back();
    batches.back().updates.push_back({.prefix = prefix_of(i),
                                      .next_hops = {{net::Address::parse("192.0.2.2"), port, 2816000, 1}},
                                      .distance = routing::distance::eigrp_internal,
                                      .metric = 2816000});
  }
  return batches;
}

struct Learned {
  bench::Samples time;
  double heap_octets = 0;  // of a prefix
};

const Learned& learned() {
  static const auto measured = [] {
    Learned l;
    const routing::Origin origin{routing::Source::eigrp, 100};
    const auto batches = updates_of_a_neighbor();
    for (int round = 0; round < learned_rounds; ++round) {
      Tables tables;
      const auto before = mallinfo2().uordblks;
      const auto begin = Clock::now();
      for (const auto& batch : batches) {
        tables.rib.update(origin, router::learned_routes(origin, batch));
        if (!tables.settle()) std::abort();
      }
      l.time.add(milliseconds_since(begin));
      l.heap_octets = static_cast<double>(mallinfo2().uordblks - before) / learned_count;
      if (!leads(tables, 0) || !leads(tables, learned_count - 1)) std::abort();
    }
    return l;
  }();
  return measured;
}

void learned_memory(benchmark::State& state) {
  bench::Samples samples;
  samples.add(learned().heap_octets);
  publish_once(state, samples, "octets");
}

const bool registered = [] {
  const auto add = [](const char* name, auto measure, int times) {
    benchmark::RegisterBenchmark(name, measure)->Iterations(times);
  };
  add("load 1,000,000 static routes: store", [](auto& s) { publish_once(s, statics().store, "ms"); }, 1);
  add("load 1,000,000 static routes: tables", [](auto& s) { publish_once(s, statics().rib, "ms"); }, 1);
  add("load 1,000,000 static routes: all", [](auto& s) { publish_once(s, statics().all, "ms"); }, 1);
  add("load 1,000,000 static routes: processor", [](auto& s) { publish_once(s, statics().processor, "ms"); }, 1);
  add("memory of a route in the tables", table_memory, 1);
  add("learn 10,000 prefixes", [](auto& s) { publish_once(s, learned().time, "ms"); }, 1);
  add("memory of a learned prefix in the tables", learned_memory, 1);
  bench::goal("load 1,000,000 static routes: all", 10000);
  bench::goal("learn ", 200);
  return true;
}();

}  // namespace
