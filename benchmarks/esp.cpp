// What a packet into or out of an ESP tunnel costs a router, from one port to the other, beside DPDK's ipsec-secgw.
//
// TSC cycles of processor time a packet, whole path: received, parsed, looked up, sealed or opened, routed, sent. Both
// programs are bound to the same processor, replay the same frames out of memory and send into a sink; neither has
// hugepages nor a replay window, since frames are replayed. They are measured in turn, so that what the machine does
// besides falls on both. Sizes are those of inner IPv4 packets.
//
// links: culvert_dataplane culvert_replay_port
// peer: in turn
#include <benchmark/benchmark.h>
#include <rte_cycles.h>
#include <sched.h>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "benchmarks/support/esp_frames.h"
#include "benchmarks/support/esp_path.h"
#include "benchmarks/support/scratch_folder.h"

namespace {

using namespace culvert;

constexpr int rounds = 6, windows_a_round = 8;
constexpr double window_ns = 15e6;

// The last processor we may use: the first one has most of the kernel's work.
int chosen_processor() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  int chosen = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) chosen = cpu;
  return chosen;
}

int bound_processor() {
  static const int processor = [] {
    const int chosen = chosen_processor();
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(chosen, &set);
    sched_setaffinity(0, sizeof set, &set);
    return chosen;
  }();
  return processor;
}

double cycles(double nanoseconds) { return nanoseconds * static_cast<double>(rte_get_tsc_hz()) / 1e9; }

// A window is as many packets as take some milliseconds.
bool measure_round(bench::EspPath& path, bench::Samples& samples) {
  const double warm = path.run(500);
  if (warm == 0) return false;
  const auto packets = static_cast<std::uint64_t>(window_ns / warm);
  for (int i = 0; i < windows_a_round; ++i) samples.add(cycles(path.run(packets)));
  return true;
}

void measure(benchmark::State& state, const bench::EspSuite& suite, const std::string& size, bool opening) {
  static unsigned ports_made = 0;
  const int processor = bound_processor();
  bench::start_plane();
  const bench::ScratchFolder folder;
  auto packets = bench::plain_packets(size);
  if (opening) packets = bench::seal_all(suite, packets);
  const auto frames = folder.path() / "frames.pcap";
  bench::write_frames(frames, packets, bench::replay_mac(ports_made++));
  bench::EspPath path(suite, opening, frames);
  bench::Samples samples;
  const std::vector<std::string> peer{suite.peer_algorithm, opening ? "in" : "out", frames.string(),
                                      std::to_string(processor), std::to_string(rte_get_tsc_hz())};
  for (auto _ : state) {
    if (!measure_round(path, samples)) return state.SkipWithError("no packet came through");
    samples.add_peer(peer);
  }
  if (path.dropped() > 0) return state.SkipWithError("packets were dropped");
  samples.publish(state, "cycles/packet");
}

const bool registered = [] {
  for (const auto& suite : bench::esp_suites())
    for (const bool opening : {false, true})
      for (const std::string size : {"64", "IMIX", "1400"})
        benchmark::RegisterBenchmark(fmt::format("{} {} {}", opening ? "open" : "seal", suite.name, size).c_str(),
                                     [=](benchmark::State& state) { measure(state, suite, size, opening); })
            ->Iterations(rounds);
  bench::note("TSC cycles of processor time, port to port, one core, one SA; IMIX is 7 x 64, 4 x 570, 1 x 1500 octets");
  for (const auto* way : {"seal ", "open "}) bench::goal_beside_peer(way, 1.0);
  return true;
}();

}  // namespace
