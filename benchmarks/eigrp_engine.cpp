// What a prefix learned from an EIGRP neighbor costs the engine alone: processor time and memory.
//
// A neighbor announces 10,000 prefixes in Updates of 45, each acknowledged before the next, and acknowledges what it is
// told in answer. Its packets are made before the clock starts; what the engine gives out is read and dropped.
//
// links: culvert_eigrp
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "benchmarks/report.h"
#include "net/random.h"
#include "routing/eigrp/engine.h"
#include "routing/eigrp/wire/packet.h"

namespace {

using namespace culvert;
using namespace culvert::routing::eigrp;

constexpr std::uint32_t prefixes = 10'000, routes_a_packet = 45;
constexpr std::uint16_t autonomous_system = 100;
const auto own = net::Prefix{net::Address::v4(0x0a010001), 24};
const auto neighbor = net::Address::v4(0x0a01000a);

double processor_ns() {
  timespec ran{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ran);
  return static_cast<double>(ran.tv_sec) * 1e9 + static_cast<double>(ran.tv_nsec);
}

double allocated_octets() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

net::Bytes packet(wire::Opcode opcode, std::uint32_t sequence, std::uint32_t acknowledgment, bool init = false) {
  return wire::Packet{.opcode = opcode,
                      .flags = {.init = init},
                      .sequence = sequence,
                      .acknowledgment = acknowledgment,
                      .autonomous_system = autonomous_system}
      .encode();
}

// The Updates that announce all prefixes, numbered from `sequence` on.
std::vector<net::Bytes> announcements(std::uint32_t sequence) {
  std::vector<net::Bytes> all;
  for (std::uint32_t first = 0; first < prefixes; first += routes_a_packet) {
    wire::Packet update{.opcode = wire::Opcode::update, .sequence = sequence++, .autonomous_system = autonomous_system};
    for (auto i = first; i < std::min(prefixes, first + routes_a_packet); ++i)
      update.tlvs.push_back(
          wire::Route{.metric = {.delay = 25600, .bandwidth = 25600, .mtu = 1500, .reliability = 255, .load = 1},
                      .destinations = {{net::Address::v4(0xac100000 + i * 4), 30}}});
    update.flags.end_of_table = all.empty();
    all.push_back(update.encode());
  }
  return all;
}

// An engine with one neighbor, whose next packet is number 3.
class Adjacency {
 public:
  Adjacency() {
    engine_.configure(now_, {.autonomous_system = autonomous_system,
                             .networks = {{net::Address::v4(0x0a000000), net::Address::v4(0x00ffffff)}}});
    engine_.interfaces(now_, {{.name = "GigabitEthernet0/0", .up = true, .addresses = {own}}});
    drain();
    const wire::Packet hello{.autonomous_system = autonomous_system,
                             .tlvs = {wire::Parameters{}, wire::SoftwareVersion{}}};
    hear(hello.encode(), true);
    hear(packet(wire::Opcode::update, 1, told_, true));
    acknowledge();
  }

  void hear(const net::Bytes& octets, bool multicast = false) {
    engine_.receive(now_, {.interface = "GigabitEthernet0/0", .source = neighbor, .multicast = multicast}, octets);
    drain();
  }
  // Hears an Update, and acknowledges what was said in answer.
  void learn(const net::Bytes& update) {
    hear(update);
    acknowledge();
    now_ += std::chrono::milliseconds(1);
  }
  std::size_t installed() const { return installed_; }

 private:
  void acknowledge() {
    while (acknowledged_ != told_) hear(packet(wire::Opcode::hello, 0, acknowledged_ = told_));
  }
  void drain() {
    while (const auto output = engine_.poll())
      if (const auto* transmit = std::get_if<Transmit>(&*output)) {
        constexpr std::size_t sequence_offset = 8;
        const auto sequence = *net::Reader(net::View(transmit->bytes).subspan(sequence_offset)).u32();
        if (sequence) told_ = sequence;
      } else if (const auto* batch = std::get_if<RouteBatch>(&*output)) {
        installed_ += batch->updates.size();
      }
  }

  net::Time now_{std::chrono::hours(1)};
  net::SeededRandom random_{7};
  Engine engine_{random_};
  std::uint32_t told_ = 0, acknowledged_ = 0;  // numbers of what the engine sent
  std::size_t installed_ = 0;
};

// Learns all once, and hands over the processor time and the memory of a prefix.
std::optional<std::pair<double, double>> learn_all(const std::vector<net::Bytes>& updates) {
  const auto adjacency = std::make_unique<Adjacency>();
  const auto held = allocated_octets(), began = processor_ns();
  for (const auto& update : updates) adjacency->learn(update);
  const auto took = processor_ns() - began;
  if (adjacency->installed() != prefixes) return std::nullopt;
  return std::pair(took / prefixes, (allocated_octets() - held) / prefixes);
}

void measure(benchmark::State& state, const char* unit, double std::pair<double, double>::* figure) {
  bench::Samples samples;
  const auto updates = announcements(3);
  for (auto _ : state) {
    const auto learned = learn_all(updates);
    if (!learned) return state.SkipWithError("not all prefixes were learned");
    samples.add((*learned).*figure);
  }
  samples.publish(state, unit);
}

const bool registered = [] {
  const auto add = [](const char* name, auto measured, int times) {
    benchmark::RegisterBenchmark(name, measured)->Iterations(times);
  };
  add("learn a prefix", [](auto& s) { measure(s, "ns", &std::pair<double, double>::first); }, 51);
  add("memory of a prefix", [](auto& s) { measure(s, "octets", &std::pair<double, double>::second); }, 1);
  bench::goal("memory of a prefix", 450);
  return true;
}();

}  // namespace
