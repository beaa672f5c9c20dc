// Making an SA, its numbers, and the selectors of both directions.
#include <set>

#include <gtest/gtest.h>

#include "tests/dataplane-esp/bench.h"
#include "tests/dataplane-esp/reference.h"
#include "tests/dataplane-esp/seed.h"

namespace culvert::dataplane {
namespace {

SaParameters gcm(SaDirection direction) { return parameters_of(suite_named("AES-GCM-128"), direction); }

struct Refusal {
  int line;
  void (*spoil)(SaParameters&);
  const char* says;
};

constexpr Refusal refusals[]{
    {1,
     [](SaParameters& p) {
       p.cipher = EspCipher::null;
       p.cipher_key.wipe();
     },
     "protects nothing"},
    {2, [](SaParameters& p) { p.cipher_key.wipe(); }, "0 octets of key"},
    {3, [](SaParameters& p) { p.cipher_key = net::Secret(net::Bytes(16)); }, "16 octets of key"},
    {4, [](SaParameters& p) { p.integrity = EspIntegrity::hmac_sha1_96; }, "no integrity algorithm beside it"},
    {5, [](SaParameters& p) { p.cipher = EspCipher::aes_cbc; }, "20 octets of key"},
    {6, [](SaParameters& p) { p.integrity_key = net::Secret(net::Bytes(20)); }, "takes 0 octets of key, not 20"},
    {7, [](SaParameters& p) { p.spi = 0; }, "reserved"},
    {8, [](SaParameters& p) { p.spi = 255; }, "reserved"},
    {9, [](SaParameters& p) { p.replay_window_packets = 1025; }, "at most 1024"},
    {10, [](SaParameters& p) { p.remote = *net::Address::parse("2001:db8::1"); }, "IPv4 addresses only"},
    {11, [](SaParameters& p) { p.cipher = static_cast<EspCipher>(200); }, "no ESP cipher"},
    {12, [](SaParameters& p) { p.integrity = static_cast<EspIntegrity>(200); }, "unknown ESP integrity"},
    {13,
     [](SaParameters& p) {
       p.extended_sequence_numbers = true;
       p.replay_window_packets = 0;
     },
     "need a replay window"},
};

TEST(SecurityAssociation, RefusesWhatCannotBe) {
  Bench bench;
  for (const auto& r : refusals) {
    auto parameters = gcm(SaDirection::inbound);
    r.spoil(parameters);
    const auto made = bench.try_install(parameters);
    ASSERT_FALSE(made) << "case " << r.line;
    EXPECT_NE(made.error().find(r.says), std::string::npos) << "case " << r.line << ": " << made.error();
  }
}

// By hand: 1500 less the outer header, SPI and sequence number, IV and ICV, down to whole blocks, less two.
TEST(SecurityAssociation, PlaintextMtuOfAnEthernet) {
  struct Case {
    const char* suite;
    bool udp;
    std::uint32_t octets;
  };
  constexpr Case cases[]{{"AES-GCM-128", false, 1446},      {"AES-GCM-256", true, 1438},
                         {"AES-CBC-256+SHA1", false, 1438}, {"AES-CBC-128+SHA256", true, 1422},
                         {"3DES+MD5", false, 1446},         {"NULL+SHA512", false, 1438}};
  for (const auto& c : cases)
    EXPECT_EQ(plaintext_mtu(parameters_of(suite_named(c.suite), SaDirection::outbound, c.udp), 1500), c.octets)
        << c.suite;
  EXPECT_EQ(plaintext_mtu(SaParameters{}, 1500), 0u);
}

TEST(SecurityAssociation, KeepsNoKeys) {
  Bench bench;
  const auto sa = bench.install(parameters_of(suite_named("AES-CBC-128+SHA1"), SaDirection::inbound));
  EXPECT_TRUE(sa->parameters().cipher_key.empty());
  EXPECT_TRUE(sa->parameters().integrity_key.empty());
}

TEST(SecurityAssociation, MemoryIsBoundedAndComesBack) {
  Bench bench;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::shared_ptr<SecurityAssociation>> all;
    auto made = make_security_association(gcm(SaDirection::inbound), Bench::tunnel);
    for (; made && all.size() < 1000; made = make_security_association(gcm(SaDirection::inbound), Bench::tunnel))
      all.push_back(*made);
    EXPECT_EQ(all.size(), 128u);  // what the bench set aside
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().find("too many"), std::string::npos) << made.error();
  }
}

TEST(SecurityAssociation, NoOutboundSaIsTunnelDown) {
  Bench bench;
  net::SeededRandom random(seed());
  EXPECT_EQ(bench.seal(inner_packet(60, random)), Drop::tunnel_down);
}

// Two SAs take turns in one burst, one ciphered at once and one in lanes: each keeps its own numbers, order is kept,
// counters are exact.
TEST(SecurityAssociation, ManyInOneBurst) {
  Bench bench;
  net::SeededRandom random(seed());
  constexpr InterfaceIndex other = Bench::tunnel + 1;
  bench.tables.interfaces.resize(other + 1);
  const auto slow_keys = parameters_of(suite_named("3DES+SHA1"), SaDirection::outbound);
  const auto fast_keys = gcm(SaDirection::outbound);
  const auto slow = bench.install(slow_keys);
  bench.tables.interfaces[other].tunnel.outbound = slow.get();
  const auto fast = bench.install(fast_keys);
  EXPECT_NE(slow->keys().lanes(), nullptr);
  EXPECT_NE(fast->keys().gcm(), nullptr);
  Burst burst;
  std::vector<net::Bytes> inner;
  for (int i = 0; i < 150; ++i) {
    inner.push_back(inner_packet(20 + random.below(1000), random));
    burst.push(bench.packet(inner.back(), Step::protect));
    meta(burst[burst.size() - 1]).egress = i % 3 == 0 ? other : Bench::tunnel;
  }
  esp_seal(burst, bench.tables, bench.worker);
  std::uint32_t slow_sent = 0, fast_sent = 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const bool is_slow = i % 3 == 0;
    const auto opened = reference::open(is_slow ? slow_keys : fast_keys, bench.take(&burst[i]).bytes);
    ASSERT_TRUE(opened) << opened.error();
    EXPECT_EQ(opened->payload, inner[i]);
    EXPECT_EQ(opened->sequence, is_slow ? ++slow_sent : ++fast_sent);
  }
  EXPECT_EQ(statistics_of(*slow).packets, 50u);
  EXPECT_EQ(statistics_of(*fast).packets, 100u);
}

// CBC's IVs come from a generator: none twice, and every bit of them is set about half of the time.
TEST(SecurityAssociation, CbcIvsAreRandomAndUnique) {
  Bench bench;
  net::SeededRandom random(seed());
  const auto keys = parameters_of(suite_named("AES-CBC-128+SHA1"), SaDirection::outbound);
  bench.install(keys);
  const std::vector<net::Bytes> burst(500, inner_packet(20, random));
  std::set<net::Bytes> ivs;
  std::array<unsigned, 128> ones{};
  for (int i = 0; i < 20; ++i)
    for (const auto& sealed : bench.seal(burst)) {
      const net::Bytes iv(sealed.bytes.begin() + 28, sealed.bytes.begin() + 44);
      EXPECT_TRUE(ivs.insert(iv).second);
      for (std::size_t bit = 0; bit < 128; ++bit) ones[bit] += std::to_integer<unsigned>(iv[bit / 8] >> bit % 8) & 1;
    }
  // Of 10,000 fair coins fewer than 4,600 or more than 5,400 heads come up once in 10^15 runs.
  for (std::size_t bit = 0; bit < 128; ++bit) EXPECT_TRUE(ones[bit] > 4600 && ones[bit] < 5400) << "bit " << bit;
}

// Control is told of a few packets under an unknown SPI, whoever sends how many; all of them are counted.
TEST(UnknownSpi, IsReportedNowAndThen) {
  Bench bench;
  net::SeededRandom random(seed());
  const auto counters = std::make_unique<WorkerCounters>();
  bench.worker.counters = counters.get();
  bench.worker.invalid_spis = {1000, 3};
  bench.install(gcm(SaDirection::outbound));
  const auto stray = bench.seal(inner_packet(60, random)).bytes;
  std::size_t reported = 0;
  for (std::uint64_t cycle = 0; cycle < 10'000; ++cycle) {
    bench.worker.now_cycles = cycle;
    const auto result = bench.open(stray);
    if (result.meta.step != Step::punt) {
      ASSERT_EQ(result, Drop::no_sa);
      continue;
    }
    EXPECT_EQ(result.meta.punt, PuntReason::invalid_spi);
    EXPECT_EQ(result.bytes, stray);
    ++reported;
  }
  EXPECT_EQ(reported, 3u + 9u);
  EXPECT_EQ(counters->drop(Drop::no_sa).get(), reported) << "the rest is counted when the turn ends";
}

TEST(SecurityAssociation, SendsToTheNewPortOfANat) {
  Bench bench;
  net::SeededRandom random(seed());
  const auto keys = parameters_of(suite_named("AES-GCM-128"), SaDirection::outbound, true);
  const auto sa = bench.install(keys);
  EXPECT_EQ(reference::open(keys, bench.seal(inner_packet(60, random)).bytes)->destination_port, 50123);
  sa->move_to({.local_port = 4500, .remote_port = 61234});
  const auto moved = reference::open(keys, bench.seal(inner_packet(60, random)).bytes);
  ASSERT_TRUE(moved) << moved.error();
  EXPECT_EQ(moved->source_port, 4500);
  EXPECT_EQ(moved->destination_port, 61234);
}

SaSelector selector(const char* first, const char* last, std::uint8_t protocol = 0, std::uint16_t port_first = 0,
                    std::uint16_t port_last = 65535) {
  return {*net::Address::parse(first), *net::Address::parse(last), port_first, port_last, protocol};
}

struct Selection {
  int line;
  std::vector<SaSelector> local, remote;  // as the sealing router has them: 10.1.0.1 is local, 10.2.0.1 remote
  bool taken;
};

// The packet is UDP from 10.1.0.1 port 0x1234 to 10.2.0.1 port 0x0035.
std::vector<Selection> selections() {
  const auto all = selector("0.0.0.0", "255.255.255.255");
  const auto here = selector("10.1.0.0", "10.1.0.255"), there = selector("10.2.0.0", "10.2.0.255");
  return {
      {1, {}, {}, true},
      {2, {all}, {all}, true},
      {3, {here}, {there}, true},
      {4, {there}, {here}, false},
      {5, {here}, {here}, false},
      {6, {there, here}, {there}, true},
      {7, {selector("10.1.0.1", "10.1.0.1")}, {selector("10.2.0.1", "10.2.0.1")}, true},
      {8, {selector("10.1.0.2", "10.1.0.9")}, {all}, false},
      {9, {all}, {selector("10.1.255.255", "10.2.0.0")}, false},
      {10, {selector("10.1.0.0", "10.1.0.9", 17)}, {there}, true},
      {11, {selector("10.1.0.0", "10.1.0.9", 6)}, {there}, false},
      {12, {here}, {selector("10.2.0.0", "10.2.0.9", 17, 0x35, 0x35)}, true},
      {13, {here}, {selector("10.2.0.0", "10.2.0.9", 17, 0x36, 65535)}, false},
      {14, {selector("10.1.0.0", "10.1.0.9", 17, 0x1234, 0x1234)}, {there}, true},
      {15, {selector("10.1.0.0", "10.1.0.9", 17, 0, 0x1233)}, {there}, false},
      {16, {selector("::", "ffff::")}, {all}, false},
  };
}

net::Bytes dns_packet(net::Random& random) {
  auto packet = inner_packet(60, random);
  packet[20] = std::byte{0x12}, packet[21] = std::byte{0x34}, packet[22] = std::byte{0}, packet[23] = std::byte{0x35};
  return packet;
}

TEST(Selectors, Checklist33Line11AreCheckedInBothDirections) {
  net::SeededRandom random(seed());
  const auto packet = dns_packet(random);
  for (const auto& s : selections()) {
    SCOPED_TRACE(s.line);
    Bench bench;
    auto open_sender = gcm(SaDirection::outbound), sender = open_sender, receiver = gcm(SaDirection::inbound);
    const auto anything = bench.install(open_sender);
    const auto wire = bench.seal(packet).bytes;
    sender.local_selectors = receiver.remote_selectors = s.local;
    sender.remote_selectors = receiver.local_selectors = s.remote;
    const auto out = bench.install(sender), in = bench.install(receiver);
    const auto sealed = bench.seal(packet), opened = bench.open(wire);
    EXPECT_EQ(sealed.meta.step, s.taken ? Step::route : Step::drop);
    EXPECT_EQ(opened.meta.step, s.taken ? Step::classify : Step::drop);
    EXPECT_EQ(statistics_of(*out).outside_selectors, s.taken ? 0u : 1u);
    EXPECT_EQ(statistics_of(*in).outside_selectors, s.taken ? 0u : 1u);
    EXPECT_EQ(statistics_of(*in).authenticated, 1u);
    EXPECT_TRUE(s.taken || (opened == Drop::wrong_selectors && sealed == Drop::wrong_selectors));
  }
}

TEST(Selectors, PortsOfFragmentsAndIcmp) {
  net::SeededRandom random(seed());
  auto parameters = gcm(SaDirection::outbound);
  parameters.remote_selectors = {selector("10.2.0.0", "10.2.0.9", 17, 0x35, 0x35)};
  auto packet = dns_packet(random);
  EXPECT_TRUE(SelectorPair(parameters).accept(packet, 20));
  packet[7] = std::byte{1};
  EXPECT_FALSE(SelectorPair(parameters).accept(packet, 20)) << "a later fragment shows no port";
  parameters.remote_selectors = {selector("10.2.0.0", "10.2.0.9", 17)};
  EXPECT_TRUE(SelectorPair(parameters).accept(packet, 20)) << "and needs none here";
  auto echo = inner_packet(60, random);
  echo[9] = std::byte{1}, echo[20] = std::byte{8}, echo[21] = std::byte{0};
  parameters.remote_selectors = {selector("10.2.0.0", "10.2.0.9", 1, 0x0800, 0x08ff)};
  EXPECT_TRUE(SelectorPair(parameters).accept(echo, 20));
  echo[20] = std::byte{0};
  EXPECT_FALSE(SelectorPair(parameters).accept(echo, 20));
}

}  // namespace
}  // namespace culvert::dataplane
