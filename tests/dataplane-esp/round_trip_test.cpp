// What we seal, we open, and so does somebody else: every suite, every size, in UDP and not.
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "net/hex.h"
#include "tests/dataplane-esp/bench.h"
#include "tests/dataplane-esp/reference.h"
#include "tests/dataplane-esp/seed.h"

namespace culvert::dataplane {
namespace {

constexpr std::size_t size_min = 20, size_max = 1500;

class EveryEsp : public testing::TestWithParam<std::tuple<std::size_t, bool>> {
 protected:
  const Suite& suite() const { return all_suites()[std::get<0>(GetParam())]; }
  bool udp() const { return std::get<1>(GetParam()); }
  SaParameters parameters(SaDirection direction) const { return parameters_of(suite(), direction, udp()); }
};

std::vector<net::Bytes> packets_of_every_size(net::Random& random) {
  std::vector<net::Bytes> packets;
  for (std::size_t octets = size_min; octets <= size_max; ++octets)
    packets.push_back(inner_packet(octets, random, static_cast<std::uint8_t>(octets), octets % 2 == 0));
  return packets;
}

// Bursts of odd sizes, below and above what the lanes of a cipher hold.
template <class Stage>
std::vector<Result> in_bursts(std::span<const net::Bytes> packets, Stage stage) {
  std::vector<Result> results;
  for (std::size_t at = 0, burst = 1; at < packets.size(); at += burst, burst = burst % 150 + 29) {
    auto some = stage(packets.subspan(at, std::min(burst, packets.size() - at)));
    for (auto& one : some) results.push_back(std::move(one));
  }
  return results;
}

void expect_sealed(const Result& sealed) {
  ASSERT_EQ(sealed.meta.step, Step::route) << text_of(sealed.meta.drop).counter;
  EXPECT_EQ(sealed.meta.flags, flag::local | flag::sealed);
  EXPECT_EQ(sealed.meta.header_length, 20);
}

TEST_P(EveryEsp, IsReadByTheReference) {
  SCOPED_TRACE(repeat_with());
  Bench bench;
  net::SeededRandom random(seed());
  const auto outbound = parameters(SaDirection::outbound);
  const auto sa = bench.install(outbound);
  const auto inner = packets_of_every_size(random);
  const auto sealed = in_bursts(inner, [&](auto some) { return bench.seal(some); });
  ASSERT_EQ(sealed.size(), inner.size());
  std::set<net::Bytes> ivs;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    SCOPED_TRACE(fmt::format("inner packet of {} octets", inner[i].size()));
    expect_sealed(sealed[i]);
    ASSERT_EQ(sealed[i].bytes.size(), sa->format().sealed(static_cast<std::uint32_t>(inner[i].size())));
    const auto opened = reference::open(outbound, sealed[i].bytes);
    ASSERT_TRUE(opened) << opened.error();
    ASSERT_EQ(opened->payload, inner[i]);
    ASSERT_EQ(opened->sequence, i + 1);
    ASSERT_EQ(opened->spi, outbound.spi);
    ASSERT_EQ(opened->next_header, 4);
    ASSERT_LT(opened->padding, sa->format().block);
    EXPECT_EQ(opened->service, static_cast<std::uint8_t>(inner[i].size()));
    EXPECT_EQ(opened->dont_fragment, inner[i].size() % 2 == 0);
    EXPECT_EQ(opened->time_to_live, 255);
    EXPECT_EQ(opened->protocol, udp() ? 17 : 50);
    EXPECT_EQ(opened->source, outbound.local);
    EXPECT_EQ(opened->destination, outbound.remote);
    EXPECT_EQ(opened->source_port, udp() ? 4500 : 0);
    EXPECT_EQ(opened->destination_port, udp() ? 50123 : 0);
    EXPECT_EQ(opened->udp_checksum, 0);
    ASSERT_TRUE(opened->iv.empty() || ivs.insert(opened->iv).second) << "an IV came twice";
  }
}

TEST_P(EveryEsp, IsOpenedAgain) {
  SCOPED_TRACE(repeat_with());
  Bench bench;
  net::SeededRandom random(seed());
  const auto out = bench.install(parameters(SaDirection::outbound));
  const auto in = bench.install(parameters(SaDirection::inbound));
  const auto inner = packets_of_every_size(random);
  std::vector<net::Bytes> wire;
  for (auto& sealed : in_bursts(inner, [&](auto some) { return bench.seal(some); })) wire.push_back(sealed.bytes);
  const auto opened = in_bursts(wire, [&](auto some) { return bench.open(some); });
  std::uint64_t octets = 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    ASSERT_EQ(opened[i].meta.step, Step::classify) << text_of(opened[i].meta.drop).counter;
    ASSERT_EQ(opened[i].bytes, inner[i]) << net::to_hex(opened[i].bytes);
    EXPECT_EQ(opened[i].meta.interface, Bench::tunnel);
    EXPECT_EQ(opened[i].meta.flags, flag::decrypted);
    EXPECT_EQ(opened[i].meta.header_length, 20);
    octets += inner[i].size();
  }
  for (const auto& sa : {out, in}) {
    const auto s = statistics_of(*sa);
    EXPECT_EQ(s.packets, inner.size());
    EXPECT_EQ(s.octets, octets);
    EXPECT_EQ(s.ciphered, inner.size());
    EXPECT_EQ(s.authenticated, sa->algorithms().authenticates() ? inner.size() : 0);
    EXPECT_EQ(s.other_address, 0u);
  }
  EXPECT_EQ(statistics_of(*out).sequence, inner.size());
}

// The formula against the truth: the greatest inner packet that fits is sealed to fit, and one octet more is not.
TEST_P(EveryEsp, PlaintextMtuIsExact) {
  SCOPED_TRACE(repeat_with());
  Bench bench;
  net::SeededRandom random(seed());
  const auto sa = bench.install(parameters(SaDirection::outbound));
  std::vector<std::size_t> sealed_octets(size_max + 1);
  const auto inner = packets_of_every_size(random);
  const auto sealed = in_bursts(inner, [&](auto some) { return bench.seal(some); });
  for (std::size_t i = 0; i < inner.size(); ++i) sealed_octets[inner[i].size()] = sealed[i].bytes.size();
  for (auto path = static_cast<std::uint32_t>(sealed_octets[size_min]); path < sealed_octets[size_max]; ++path) {
    const auto plaintext = sa->plaintext_mtu(path);
    ASSERT_GE(plaintext, size_min) << "path MTU " << path;
    ASSERT_LE(sealed_octets[plaintext], path) << "path MTU " << path;
    ASSERT_GT(sealed_octets[plaintext + 1], path) << "path MTU " << path;
  }
  EXPECT_EQ(sa->plaintext_mtu(0), 0u);
  EXPECT_EQ(sa->plaintext_mtu(sa->format().before_inner() + sa->format().icv), 0u);
}

std::string name_of(const testing::TestParamInfo<std::tuple<std::size_t, bool>>& info) {
  std::string name = all_suites()[std::get<0>(info.param)].name;
  for (auto& c : name)
    if (c == '-' || c == '+') c = '_';
  return name + (std::get<1>(info.param) ? "_in_UDP" : "");
}

INSTANTIATE_TEST_SUITE_P(Suites, EveryEsp,
                         testing::Combine(testing::Range(std::size_t{0}, all_suites().size()), testing::Bool()),
                         name_of);

}  // namespace
}  // namespace culvert::dataplane
