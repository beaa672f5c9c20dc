// How the bench comes by EAL, its suites and its packets.
#include "tests/dataplane-esp/bench.h"

#include <rte_eal.h>
#include <rte_mempool.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ostream>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "net/checksum.h"

namespace culvert::dataplane {

namespace {

unsigned first_processor() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) return cpu;
  return 0;
}

constexpr std::uint16_t room_octets = 2048 + RTE_PKTMBUF_HEADROOM;
constexpr unsigned pool_packets = 1023;

// EAL can be started once a process, so all tests share it, the pool and the devices.
class Eal : public testing::Environment {
 public:
  void SetUp() override {
    auto cores = fmt::format("0@{}", first_processor());
    std::array arguments{"esp_test", "--no-huge", "--no-shconf", "--no-pci",    "--no-telemetry",
                         "-m",       "192",       "--lcores",    cores.c_str(), "--log-level=4"};
    ASSERT_GE(rte_eal_init(arguments.size(), const_cast<char**>(arguments.data())), 0);
    pool = rte_pktmbuf_pool_create("esp_test", pool_packets, 0, meta_size, room_octets, SOCKET_ID_ANY);
    ASSERT_NE(pool, nullptr);
    const auto* instructions = std::getenv("CULVERT_TEST_INSTRUCTIONS");
    const bool common = instructions != nullptr && std::string_view(instructions) == "common";
    auto started = start_crypto(1, 128, common ? Instructions::common : Instructions::widest);
    ASSERT_TRUE(started) << started.error();
    crypto = started->front();
  }
  void TearDown() override {
    crypto.reset();
    rte_mempool_free(pool);
    rte_eal_cleanup();
  }
  static inline rte_mempool* pool = nullptr;
  static inline std::shared_ptr<CryptoEngine> crypto;
};
const auto* const eal = testing::AddGlobalTestEnvironment(new Eal);

constexpr Suite cipher_parts[]{
    {"DES", EspCipher::des_cbc, 8, {}, 0},
    {"3DES", EspCipher::des3_cbc, 24, {}, 0},
    {"AES-CBC-128", EspCipher::aes_cbc, 16, {}, 0},
    {"AES-CBC-192", EspCipher::aes_cbc, 24, {}, 0},
    {"AES-CBC-256", EspCipher::aes_cbc, 32, {}, 0},
    {"AES-CTR-128", EspCipher::aes_ctr, 20, {}, 0},
    {"AES-CTR-192", EspCipher::aes_ctr, 28, {}, 0},
    {"AES-CTR-256", EspCipher::aes_ctr, 36, {}, 0},
    {"NULL", EspCipher::null, 0, {}, 0},
};
constexpr Suite integrity_parts[]{
    {"", {}, 0, EspIntegrity::none, 0},
    {"+MD5", {}, 0, EspIntegrity::hmac_md5_96, 16},
    {"+SHA1", {}, 0, EspIntegrity::hmac_sha1_96, 20},
    {"+SHA256", {}, 0, EspIntegrity::hmac_sha256_128, 32},
    {"+SHA384", {}, 0, EspIntegrity::hmac_sha384_192, 48},
    {"+SHA512", {}, 0, EspIntegrity::hmac_sha512_256, 64},
};

std::vector<Suite> make_suites() {
  std::vector<Suite> suites{
      {"AES-GCM-128", EspCipher::aes_gcm_16, 20, EspIntegrity::none, 0},
      {"AES-GCM-192", EspCipher::aes_gcm_16, 28, EspIntegrity::none, 0},
      {"AES-GCM-256", EspCipher::aes_gcm_16, 36, EspIntegrity::none, 0},
      {"ChaCha20-Poly1305", EspCipher::chacha20_poly1305, 36, EspIntegrity::none, 0},
  };
  static std::vector<std::string> names;
  names.reserve(std::size(cipher_parts) * std::size(integrity_parts));
  for (const auto& c : cipher_parts)
    for (const auto& i : integrity_parts) {
      const bool needs_integrity = c.cipher == EspCipher::null || c.cipher == EspCipher::aes_ctr;
      if (needs_integrity && i.integrity == EspIntegrity::none) continue;
      names.push_back(fmt::format("{}{}", c.name, i.name));
      suites.push_back({names.back().c_str(), c.cipher, c.cipher_key, i.integrity, i.integrity_key});
    }
  return suites;
}

net::Secret key_of(std::size_t octets, std::uint64_t seed) {
  net::SeededRandom random(seed);
  return net::Secret(random.bytes(octets));
}

bool in_udp(const net::Bytes& packet) { return packet.size() > 9 && packet[9] == std::byte{17}; }

}  // namespace

std::span<const Suite> all_suites() {
  static const auto suites = make_suites();
  return suites;
}

const Suite& suite_named(std::string_view name) {
  return *std::ranges::find(all_suites(), name, [](const Suite& s) { return std::string_view(s.name); });
}

SaParameters parameters_of(const Suite& suite, SaDirection direction, bool udp) {
  SaParameters p;
  p.direction = direction;
  p.spi = 0xc0de4501;
  p.cipher = suite.cipher;
  p.cipher_key = key_of(suite.cipher_key, 71);
  p.integrity = suite.integrity;
  p.integrity_key = key_of(suite.integrity_key, 72);
  p.local = *net::Address::parse("192.0.2.1");
  p.remote = *net::Address::parse("198.51.100.1");
  if (udp) p.udp = UdpEncapsulation{.local_port = 4500, .remote_port = 50123};
  if (direction == SaDirection::inbound) std::swap(p.local, p.remote);
  return p;
}

void mend_checksum(net::Bytes& packet) {
  packet[10] = packet[11] = std::byte{0};
  const auto header = std::to_integer<std::size_t>(packet[0] & std::byte{15}) * 4;
  const auto sum = net::checksum(net::View(packet).first(header));
  packet[10] = static_cast<std::byte>(sum >> 8);
  packet[11] = static_cast<std::byte>(sum);
}

net::Bytes inner_packet(std::size_t octets, net::Random& random, std::uint8_t service, bool dont_fragment) {
  net::Bytes packet;
  net::Writer writer(packet);
  writer.u8(0x45);
  writer.u8(service);
  writer.u16(static_cast<std::uint16_t>(octets));
  writer.u16(static_cast<std::uint16_t>(random.u64()));
  writer.u16(dont_fragment ? 0x4000 : 0);
  writer.u8(63);
  writer.u8(17);
  writer.u16(0);
  writer.u32(0x0a010001);
  writer.u32(0x0a020001);
  writer.bytes(random.bytes(octets - 20));
  mend_checksum(packet);
  return packet;
}

void PrintTo(const Result& result, std::ostream* out) {
  if (result.meta.step == Step::drop)
    *out << text_of(result.meta.drop).counter;
  else
    *out << "step " << static_cast<int>(result.meta.step);
}

Bench::Bench() : crypto_(Eal::crypto) {
  tables.interfaces.resize(tunnel + 1);
  tables.interfaces[tunnel].kind = InterfaceKind::tunnel;
  tables.interfaces[tunnel].present = tables.interfaces[tunnel].up = true;
  worker.pool = Eal::pool;
  worker.crypto = crypto_.get();
}

Bench::~Bench() { EXPECT_EQ(packets_in_use(), 0u); }

unsigned Bench::packets_in_use() const { return rte_mempool_in_use_count(Eal::pool); }

std::expected<std::shared_ptr<SecurityAssociation>, std::string> Bench::try_install(const SaParameters& parameters) {
  auto made = make_security_association(parameters, tunnel);
  if (!made) return made;
  tables.associations.push_back(*made);
  if (parameters.direction == SaDirection::inbound)
    tables.inbound[parameters.spi] = made->get();
  else
    tables.interfaces[tunnel].tunnel.outbound = made->get();
  return made;
}

std::shared_ptr<SecurityAssociation> Bench::install(const SaParameters& parameters) {
  auto made = try_install(parameters);
  EXPECT_TRUE(made) << made.error();
  return *made;
}

Packet* Bench::packet(const net::Bytes& bytes, Step step, std::size_t segment_octets) {
  Packet* head = nullptr;
  for (std::size_t at = 0; at < bytes.size() || head == nullptr; at += segment_octets) {
    auto* segment = rte_pktmbuf_alloc(Eal::pool);
    const auto part = net::View(bytes).subspan(at, std::min(segment_octets, bytes.size() - at));
    std::ranges::copy(
        part, reinterpret_cast<std::byte*>(rte_pktmbuf_append(segment, static_cast<std::uint16_t>(part.size()))));
    head == nullptr ? void(head = segment) : void(rte_pktmbuf_chain(head, segment));
  }
  auto& m = meta(*head);
  m = Meta{.interface = 1, .egress = tunnel, .step = step};
  m.header_length = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes.at(0) & std::byte{15}) * 4);
  if (step == Step::esp_open && in_udp(bytes)) m.flags = flag::udp_esp;
  return head;
}

Result Bench::take(Packet* packet) {
  Result result{net::Bytes(packet->pkt_len), meta(*packet)};
  const auto* at = rte_pktmbuf_read(packet, 0, packet->pkt_len, result.bytes.data());
  if (at != result.bytes.data()) std::copy_n(static_cast<const std::byte*>(at), packet->pkt_len, result.bytes.data());
  rte_pktmbuf_free(packet);
  return result;
}

std::vector<Result> Bench::seal(std::span<const net::Bytes> inner) {
  Burst burst;
  for (const auto& bytes : inner) burst.push(packet(bytes, Step::protect));
  esp_seal(burst, tables, worker);
  std::vector<Result> results;
  for (auto* p : burst) results.push_back(take(p));
  return results;
}

std::vector<Result> Bench::open(std::span<const net::Bytes> outer) {
  Burst burst;
  for (const auto& bytes : outer) burst.push(packet(bytes, Step::esp_open));
  esp_open(burst, tables, worker);
  std::vector<Result> results;
  for (auto* p : burst) results.push_back(take(p));
  return results;
}

}  // namespace culvert::dataplane
