// What ESP costs a packet: the worker's own stages, esp_seal and esp_open, on packets of a heap pool.
//
// TSC cycles a packet, of bursts of 32 packets of one SA, everything in cache as far as it fits. Sizes are those of the
// inner IPv4 packet. A burst is sealed and then opened by the SA of the other direction, so that every packet opened is
// a fresh one and the replay window moves; each of the two is timed alone. What is timed ends with the packet's next
// step, not with a port.
//
// links: culvert_dataplane
#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/security_association.h"
#include "net/bytes.h"
#include "net/checksum.h"
#include "net/random.h"

namespace {

using namespace culvert;
using namespace dataplane;

constexpr InterfaceIndex tunnel = 3;
constexpr int rounds = 400;
constexpr int rounds_of_3des = 40;
constexpr int warm_rounds = 20;

struct Suite {
  const char* name;
  EspCipher cipher;
  std::size_t cipher_key;  // octets, with the salt
  EspIntegrity integrity;
  std::size_t integrity_key;
};
constexpr Suite suites[]{
    {"AES-128-GCM", EspCipher::aes_gcm_16, 20, EspIntegrity::none, 0},
    {"AES-256-GCM", EspCipher::aes_gcm_16, 36, EspIntegrity::none, 0},
    {"AES-128-CBC+SHA1", EspCipher::aes_cbc, 16, EspIntegrity::hmac_sha1_96, 20},
    {"AES-256-CBC+SHA256", EspCipher::aes_cbc, 32, EspIntegrity::hmac_sha256_128, 32},
    {"ChaCha20-Poly1305", EspCipher::chacha20_poly1305, 36, EspIntegrity::none, 0},
    {"3DES+SHA1", EspCipher::des3_cbc, 24, EspIntegrity::hmac_sha1_96, 20},
};

template <class T>
T must(std::expected<T, std::string> made) {
  if (made) return std::move(*made);
  fmt::print(stderr, "esp: {}\n", made.error());
  std::exit(1);
}

// EAL starts once a process; all cases share it, the pool and the crypto devices.
struct Plane {
  Plane() {
    if (const auto up = start_eal({.name = fmt::format("esp-bench-{}", getpid()), .workers = 0, .memory_mb = 64});
        !up) {
      fmt::print(stderr, "esp: {}\n", up.error());
      std::exit(1);
    }
    pool = must(make_packet_pool("esp-bench", 1023, packet_room));
    crypto = must(start_crypto(1, 64)).front();
  }
  rte_mempool* pool = nullptr;
  std::shared_ptr<CryptoDevice> crypto;
};
Plane& plane() {
  static auto* made = new Plane;
  return *made;
}

net::Secret key_of(std::size_t octets, std::uint64_t seed) {
  net::SeededRandom random(seed);
  return net::Secret(random.bytes(octets));
}

SaParameters parameters_of(const Suite& suite, SaDirection direction) {
  SaParameters p;
  p.direction = direction;
  p.spi = 0x1000;
  p.cipher = suite.cipher;
  p.cipher_key = key_of(suite.cipher_key, 1);
  p.integrity = suite.integrity;
  p.integrity_key = key_of(suite.integrity_key, 2);
  p.local = *net::Address::parse("192.0.2.1");
  p.remote = *net::Address::parse("198.51.100.1");
  if (direction == SaDirection::inbound) std::swap(p.local, p.remote);
  return p;
}

// UDP from 10.1.0.1 to 10.2.0.1 with random contents.
net::Bytes inner_packet(std::size_t octets) {
  net::SeededRandom random(octets);
  net::Bytes packet;
  net::Writer writer(packet);
  writer.u16(0x4500);
  writer.u16(static_cast<std::uint16_t>(octets));
  writer.u32(0);
  writer.u16(63 << 8 | 17);
  writer.u16(0);
  writer.u32(0x0a010001);
  writer.u32(0x0a020001);
  const auto sum = net::checksum(net::View(packet));
  packet[10] = static_cast<std::byte>(sum >> 8);
  packet[11] = static_cast<std::byte>(sum);
  writer.bytes(random.bytes(octets - packet.size()));
  return packet;
}

// A worker with one tunnel, both halves of one SA in it.
class Bench {
 public:
  Bench(const Suite& suite, std::size_t octets) : inner_(inner_packet(octets)) {
    tables_.interfaces.resize(tunnel + 1);
    auto& interface = tables_.interfaces[tunnel];
    interface.kind = InterfaceKind::tunnel;
    interface.present = interface.up = true;
    worker_.pool = plane().pool;
    worker_.crypto = plane().crypto.get();
    interface.tunnel.outbound = install(parameters_of(suite, SaDirection::outbound));
    const auto inbound = parameters_of(suite, SaDirection::inbound);
    tables_.inbound[inbound.spi] = install(inbound);
  }
  ~Bench() { clear(); }

  // Cycles of one stage over a whole burst; 0 where a packet was dropped.
  std::uint64_t seal() {
    clear();
    while (burst_.size() < Burst::rx_max) burst_.push(fresh_packet());
    return timed(esp_seal, Step::route);
  }
  // The burst that seal() left, as classify would hand it over.
  std::uint64_t open() {
    for (auto* packet : burst_) meta(*packet) = Meta{.interface = 1, .header_length = 20, .step = Step::esp_open};
    return timed(esp_open, Step::classify);
  }

 private:
  SecurityAssociation* install(const SaParameters& parameters) {
    tables_.associations.push_back(must(make_security_association(parameters, tunnel)));
    return tables_.associations.back().get();
  }

  Packet* fresh_packet() {
    auto* packet = make_packet(worker_.pool, inner_);
    if (packet == nullptr) std::abort();
    meta(*packet) = Meta{.interface = 1, .egress = tunnel, .header_length = 20, .step = Step::protect};
    return packet;
  }

  std::uint64_t timed(void (*stage)(Burst&, const Tables&, WorkerState&), Step next) {
    unsigned processor = 0;
    _mm_lfence();
    const auto begin = __rdtsc();
    stage(burst_, tables_, worker_);
    const auto end = __rdtscp(&processor);
    for (auto* packet : burst_)
      if (meta(*packet).step != next) return 0;
    return end - begin;
  }

  void clear() {
    for (auto* packet : burst_) rte_pktmbuf_free(packet);
    burst_.clear();
  }

  net::Bytes inner_;
  Tables tables_;
  WorkerState worker_;
  Burst burst_;
};

void measure(benchmark::State& state, const Suite& suite, std::size_t octets, bool opening) {
  Bench bench(suite, octets);
  bench::Samples samples;
  int warm = warm_rounds;
  for (auto _ : state) {
    do {
      const auto sealed = bench.seal();
      const auto opened = bench.open();
      if (sealed == 0 || opened == 0) return state.SkipWithError("a packet was dropped");
      if (warm == 0) samples.add(static_cast<double>(opening ? opened : sealed) / Burst::rx_max);
    } while (warm > 0 && warm-- > 0);
  }
  samples.publish(state, "cycles/packet");
}

const bool registered = [] {
  for (const auto& suite : suites)
    for (const std::size_t octets : {64, 570, 1400})
      for (const bool opening : {false, true})
        benchmark::RegisterBenchmark(
            fmt::format("{} {} {} octets", opening ? "open" : "seal", suite.name, octets).c_str(),
            [=](benchmark::State& state) { measure(state, suite, octets, opening); })
            ->Iterations(suite.cipher == EspCipher::des3_cbc ? rounds_of_3des : rounds);
  bench::note("TSC cycles; bursts of 32 packets of one SA, without the ports of a router");
  bench::not_measured("DPDK's ipsec-secgw, the peer of these figures, is not run beside them yet");
  return true;
}();

}  // namespace
