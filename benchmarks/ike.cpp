// What a handshake of IKEv2 costs: two engines, every message handed over at once, the key exchange by OpenSSL.
//
// One side starts all of its tunnels together, the other one answers; IKE_SA_INIT and IKE_AUTH with a pre-shared key,
// AES-GCM-256, and the Child SA that comes with them. The processor time is that of both sides, told for one of them.
// Memory is what the process has more of, resident, with the SAs than without them, again for one side; the
// configuration counts as there before.
//
// links: culvert_ike_v2
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <deque>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "ike/crypto/os_random.h"
#include "ike/engine.h"
#include "net/overloaded.h"

namespace {

using namespace culvert;
using namespace ike;

constexpr int samples_each = 9;
constexpr int handshakes_a_sample = 64;
constexpr int held = 1000;

// One end: its engine and what the other end sent it. Slow work is done on the spot.
class Side {
 public:
  Side() : engine_(random_, {.half_open_max = 2 * held}) {}

  void configure(Configuration configuration) { engine_.configure(now, std::move(configuration)); }
  // Negotiates every tunnel that is up. A side that is never told to only answers.
  void start() { engine_.timeout(now); }
  bool work(Side& other) {
    bool any = false;
    for (; !inbox_.empty(); inbox_.pop_front(), any = true)
      engine_.receive(now, inbox_.front().path, inbox_.front().bytes);
    while (auto output = engine_.poll()) any = handle(*output, other);
    return any;
  }
  int children() const { return children_; }

 private:
  bool handle(Output& output, Side& other) {
    std::visit(net::overloaded{[&](Transmit& t) {
                                 std::swap(t.path.local, t.path.remote);
                                 other.inbox_.push_back(std::move(t));
                               },
                               [&](Ask& ask) { engine_.answer(now, ask.id, perform(ask, exchange_)); },
                               [&](InstallSa&) { ++children_; }, [](auto&) {}},
               output);
    return true;
  }

  static constexpr net::Time now{std::chrono::hours(1)};
  crypto::OsRandom random_;
  crypto::OpensslKeyExchange exchange_;
  Engine engine_;
  std::deque<Transmit> inbox_;
  int children_ = 0;
};

net::Address address(std::uint32_t base, int host) {
  const auto value = base + static_cast<std::uint32_t>(host);
  return *net::Address::parse(
      fmt::format("{}.{}.{}.{}", value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255));
}
const auto hub = *net::Address::parse("192.0.2.1");
net::Address spoke(int i) { return address(0xc6120000, i + 1); }  // 198.18.0.0/15

Configuration site(Group group, int tunnels, bool of_hub) {
  Configuration c;
  c.proposals["A"] = {
      .name = "A", .encryption = {Encryption::aes_gcm_256}, .integrity = {}, .prf = {Prf::sha256}, .groups = {group}};
  c.policies["L"] = {.name = "L", .proposals = {"A"}, .match_local = {}};
  c.profiles["P"] = {.name = "P",
                     .match_remote = {{AnyIdentity{}}},
                     .identity_local = {},
                     .local_pre_share = true,
                     .remote_pre_share = true,
                     .keyring = "K",
                     .dpd = {}};
  c.transform_sets["T"] = {.name = "T", .encryption = Encryption::aes_gcm_256, .integrity = Integrity::none};
  c.ipsec_profiles["I"] = {.name = "I", .transform_sets = {"T"}, .ikev2_profile = "P", .pfs = {}};
  const net::Secret key(net::as_view(std::string_view("a pre-shared key")));
  c.keyrings["K"] = {.name = "K", .peers = {}};
  c.keyrings["K"].peers.push_back(
      {.name = "all", .address = net::Prefix::parse("0.0.0.0/0"), .identity = {}, .local_key = key, .remote_key = key});
  for (int i = 0; i < tunnels; ++i) {
    auto name = fmt::format("Tunnel{}", i);
    c.tunnels[name] = {.name = name,
                       .local = of_hub ? hub : spoke(i),
                       .remote = of_hub ? spoke(i) : hub,
                       .ipsec_profile = "I",
                       .up = true};
  }
  return c;
}

struct Pair {
  Pair(Group group, int tunnels) : wanted(tunnels) {
    answering.configure(site(group, tunnels, true));
    starting.configure(site(group, tunnels, false));
  }
  // Every tunnel has its Child SA at both ends afterwards; false if not.
  bool shake_hands() {
    starting.start();
    while (starting.work(answering) | answering.work(starting)) {
    }
    return starting.children() == wanted && answering.children() == wanted;
  }
  Side starting, answering;
  int wanted;
};

double cpu_us() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

double resident_octets() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

constexpr const char* failure = "not every handshake ended with a Child SA at both ends";

void handshake(benchmark::State& state, Group group, bool rate) {
  bench::Samples samples;
  for (auto _ : state) {
    Pair pair(group, handshakes_a_sample);
    const double begin = cpu_us();
    if (!pair.shake_hands()) return state.SkipWithError(failure);
    const double us = (cpu_us() - begin) / handshakes_a_sample;
    samples.add(rate ? 1e6 / us : us / 2);
  }
  samples.publish(state, rate ? "/s, both sides, 1 core" : "us CPU, one side");
}

void memory(benchmark::State& state, Group group) {
  bench::Samples samples;
  for (auto _ : state) {
    Pair pair(group, held);
    const double before = resident_octets();
    if (!pair.shake_hands()) return state.SkipWithError(failure);
    samples.add((resident_octets() - before) / (2 * held));
  }
  samples.publish(state, "octets, one side");
}

const bool registered = [] {
  for (const auto number : {31, 19, 14, 2}) {
    const auto group = group_of(static_cast<std::uint16_t>(number));
    if (!group) {
      bench::not_measured(fmt::format("group {}: Culvert has no such group", number));
      continue;
    }
    const auto add = [&](const char* what, auto measure) {
      return benchmark::RegisterBenchmark(fmt::format("{}, group {}", what, number).c_str(), measure);
    };
    add("handshake", [=](benchmark::State& s) { handshake(s, *group, false); })->Iterations(samples_each);
    add("handshakes", [=](benchmark::State& s) { handshake(s, *group, true); })->Iterations(samples_each);
    if (number == 19)
      add("memory of an IKE SA with its Child SA", [=](benchmark::State& s) { memory(s, *group); })->Iterations(3);
  }
  bench::note(
      "the peer is strongSwan's charon, a whole daemon: its figure holds sockets, vici, ESP in user space and the "
      "delete of the SA as well; ours is the engine and its key exchange alone");
  bench::not_measured("resident memory of an SA in strongSwan's charon");
  return true;
}();

}  // namespace
