#include "benchmarks/support/esp_path.h"

#include <rte_cycles.h>
#include <rte_ring.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#include "ipsec-dataplane/dataplane.h"
#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/packet_pool.h"

namespace culvert::bench {

namespace {

using namespace dataplane;

constexpr const char *inside = "GigabitEthernet0/0", *outside = "GigabitEthernet0/1", *tunnel = "Tunnel1";
constexpr std::uint16_t mtu = 9000;  // nothing is fragmented: the peer does not do that either
constexpr std::uint32_t spi = 4096;
constexpr std::size_t turns_between_looks = 64;

template <class T>
T must(std::expected<T, std::string> made) {
  if (made) return std::move(*made);
  fmt::print(stderr, "esp: {}\n", made.error());
  std::exit(1);
}
void must(const std::expected<void, std::string>& done) {
  if (done) return;
  fmt::print(stderr, "esp: {}\n", done.error());
  std::exit(1);
}

net::Address address(const char* text) { return *net::Address::parse(text); }

struct Plane {
  Plane() {
    must(start_eal({.name = fmt::format("esp-bench-{}", getpid()), .workers = 0, .memory_mb = 128}));
    pool = must(make_packet_pool("esp-bench", 8191, packet_room));
    crypto = must(start_crypto(1)).front();
  }
  rte_mempool* pool = nullptr;
  std::shared_ptr<CryptoEngine> crypto;
};
Plane& plane() {
  static auto* made = new Plane;
  return *made;
}

// Keys count up from `first`: the peer's configuration has them too.
net::Secret key_of(std::size_t octets, unsigned first) {
  net::Bytes bytes;
  for (std::size_t i = 0; i < octets; ++i) bytes.push_back(static_cast<std::byte>(first + i));
  return net::Secret(bytes);
}

// No replay window: frames are replayed, and the peer is told to have none either.
SaParameters parameters_of(const EspSuite& suite, SaDirection direction) {
  SaParameters p;
  p.direction = direction;
  p.spi = spi;
  p.cipher = suite.cipher;
  p.cipher_key = key_of(suite.cipher_key, 1);
  p.integrity = suite.integrity;
  p.integrity_key = key_of(suite.integrity_key, 101);
  p.local = address("172.16.1.5");
  p.remote = address("172.16.2.5");
  if (direction == SaDirection::inbound) std::swap(p.local, p.remote);
  p.replay_window_packets = 0;
  return p;
}

rte_ring* ring() {
  static int number = 0;
  return rte_ring_create(fmt::format("esp-bench-{}", number++).c_str(), 64, SOCKET_ID_ANY, RING_F_SC_DEQ);
}

std::uint64_t processor_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000 + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

const std::vector<EspSuite>& esp_suites() {
  static const std::vector<EspSuite> all{
      {"AES-128-GCM", EspCipher::aes_gcm_16, 20, EspIntegrity::none, 0, "aead aes-128-gcm"},
      {"AES-256-GCM", EspCipher::aes_gcm_16, 36, EspIntegrity::none, 0, "aead aes-256-gcm"},
      {"AES-128-CBC+SHA1", EspCipher::aes_cbc, 16, EspIntegrity::hmac_sha1_96, 20, "aes-128-cbc sha1-hmac"},
      {"AES-256-CBC+SHA256", EspCipher::aes_cbc, 32, EspIntegrity::hmac_sha256_128, 32, "aes-256-cbc sha256-hmac"},
      {"ChaCha20-Poly1305", EspCipher::chacha20_poly1305, 36, EspIntegrity::none, 0, "aead chacha20-poly1305"},
      {"3DES+SHA1", EspCipher::des3_cbc, 24, EspIntegrity::hmac_sha1_96, 20, "3des-cbc sha1-hmac"},
  };
  return all;
}

void start_plane() { plane(); }

Mac replay_mac(unsigned number) { return {{0x02, 0x70, 0x63, 0x61, 0x70, static_cast<std::uint8_t>(number)}}; }

std::vector<net::Bytes> seal_all(const EspSuite& suite, const std::vector<net::Bytes>& packets) {
  Tables tables;
  tables.interfaces.resize(2);
  const auto association = must(make_security_association(parameters_of(suite, SaDirection::outbound), 1));
  tables.interfaces[1].tunnel.outbound = association.get();
  WorkerState worker;
  worker.pool = plane().pool;
  worker.crypto = plane().crypto.get();
  std::vector<net::Bytes> sealed;
  Burst burst;
  for (const auto& bytes : packets) {
    burst.push(make_packet(plane().pool, bytes));
    meta(burst[0]) = Meta{.egress = 1, .header_length = 20, .step = Step::protect};
    esp_seal(burst, tables, worker);
    sealed.emplace_back(data(burst[0]).begin(), data(burst[0]).end());
    rte_pktmbuf_free(&burst[0]);
    burst.clear();
  }
  return sealed;
}

EspPath::EspPath(const EspSuite& suite, bool sealed, const std::filesystem::path& frames) {
  static int number = 0;
  const auto replay = fmt::format("net_pcap{},rx_pcap={},infinite_rx=1", number, frames.string());
  const auto sink = fmt::format("net_null{},no-rx=1", number++);
  must(ports_.open({.name = sealed ? outside : inside, .device = replay}, plane().pool, 1));
  must(ports_.open({.name = sealed ? inside : outside, .device = sink}, plane().pool, 1));
  configure(suite);
  must(punts_.open(fmt::format("esp-bench-{}", number), 1024));
  queues_ = {ring(), &punts_};
  const WorkerState state{.worker = 0,
                          .pool = plane().pool,
                          .counters = counters_.get(),
                          .crypto = plane().crypto.get(),
                          .spare = nullptr,
                          .now_cycles = 0,
                          .next_identification = 0,
                          .icmp_errors = {rte_get_tsc_hz(), 1}};
  worker_ = std::make_unique<Worker>(state, queues_, publisher_, ports_, peers_);
  publisher_.online(0);
}

EspPath::~EspPath() {
  publisher_.offline(0);
  publisher_.collect();
  rte_ring_free(queues_.in);
}

void EspPath::configure(const EspSuite& suite) {
  std::vector<Forwarding::PortFacts> facts;
  for (const auto& port : ports_.show()) facts.push_back({port.name, *ports_.find(port.name), port.mac});
  forwarding_ = std::make_unique<Forwarding>(must(Fib::create()), publisher_, facts);
  const auto at = [](const char* text) { return std::vector{*net::Prefix::parse(text)}; };
  TunnelConfig ends{address("172.16.1.5"), address("172.16.2.5"), mtu};
  // What is opened comes from the same tunnel's other end.
  const bool opening = facts.front().name == outside;
  if (opening) std::swap(ends.local, ends.remote);
  forwarding_->apply(
      {{{.name = inside, .kind = InterfaceKind::port, .up = true, .mtu = mtu, .addresses = at("10.0.1.1/24")},
        {.name = outside,
         .kind = InterfaceKind::port,
         .up = true,
         .mtu = mtu,
         .addresses = at(opening ? "172.16.2.5/24" : "172.16.1.5/24")},
        {.name = tunnel, .kind = InterfaceKind::tunnel, .up = true, .mtu = mtu, .tunnel = ends}}});
  const auto index = forwarding_->index_of(tunnel);
  for (const auto direction : {SaDirection::outbound, SaDirection::inbound}) {
    const auto parameters = parameters_of(suite, direction);
    forwarding_->add_association(index, parameters, must(make_security_association(parameters, index)));
  }
  const auto next = opening ? address("10.0.1.9") : address("172.16.1.9");
  const auto* way_out = opening ? inside : outside;
  forwarding_->neighbor_resolved(forwarding_->index_of(way_out), next, Mac{{2, 0, 0, 0, 0, 0x11}});
  const auto lead = [&](const char* prefix, const NextHop& hop) {
    must(forwarding_->update_routes({{*net::Prefix::parse(prefix), std::make_shared<const NextHops>(NextHops{hop})}}));
  };
  if (opening) return lead("192.168.105.0/24", {way_out, next});
  lead("192.168.105.0/24", {tunnel, std::nullopt});
  lead("172.16.2.5/32", {way_out, next});
}

double EspPath::run(std::uint64_t packets) {
  const auto before = sent();
  const auto begin = processor_ns();
  while (sent() - before < packets) {
    const auto so_far = sent();
    for (std::size_t i = 0; i < turns_between_looks; ++i) worker_->turn();
    if (sent() == so_far) return 0;
  }
  return static_cast<double>(processor_ns() - begin) / static_cast<double>(sent() - before);
}

std::uint64_t EspPath::dropped() const {
  std::uint64_t all = 0;
  for (const auto& drop : counters_->drops) all += drop.get();
  return all;
}

}  // namespace culvert::bench
