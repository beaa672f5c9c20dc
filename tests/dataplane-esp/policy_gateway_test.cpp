// Crypto policies with SAs: who seals what, how it is cut, and what is believed of that which was opened.
#include <gtest/gtest.h>

#include <algorithm>

#include "ipsec-dataplane/policy_work.h"
#include "tests/dataplane-esp/gateway.h"
#include "tests/dataplane/policies.h"

namespace culvert::dataplane::test {
namespace {

using net::Bytes;
using Packets = std::vector<Bytes>;

constexpr InterfaceIndex first_entry = 10, second_entry = 11;
constexpr std::uint32_t first_spi = 0x1000, second_spi = 0x2000;

SaSelector network(std::uint32_t first, std::uint32_t last) {
  return {.first = net::Address::v4(first), .last = net::Address::v4(last)};
}
SaSelector subnet(std::uint8_t number) {
  const auto first = 0x0a000000u | std::uint32_t{number} << 16;
  return network(first, first + 255);
}

Ipv4 datagram(std::uint8_t a = 1, std::uint8_t b = 2, std::size_t octets = 100, bool dont_fragment = false) {
  return {.source = 0x0a000002u | std::uint32_t{a} << 16,
          .destination = 0x0a000002u | std::uint32_t{b} << 16,
          .dont_fragment = dont_fragment,
          .options = {},
          .payload = udp(9, octets - 28)};
}

std::uint32_t number(const Bytes& p, std::size_t at, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < octets; ++i) value = value << 8 | std::to_integer<std::uint32_t>(p.at(at + i));
  return value;
}
bool is_esp(const Bytes& p) { return p.at(9) == std::byte{50}; }
bool is_piece(const Bytes& p) { return (number(p, 6, 2) & 0x3fff) != 0; }
std::uint32_t spi_of(const Bytes& p) { return number(p, 20, 4); }

// A gateway whose policy stands on its outside; the peer's is the mirror of it.
struct Site : Gateway {
  Site(const Bench& bench, bool peer, std::vector<CryptoPolicyEntry> entries) : Gateway(bench, peer), is_peer(peer) {
    apply(tables, wan, policy_of(std::move(entries)));
    worker.policies = work.get();
  }
  Tunnel& into(InterfaceIndex entry) { return tables.interfaces[entry].tunnel; }
  // A pair of SAs of an entry, with one SPI for both.
  template <class Adjust>
  void protect(InterfaceIndex entry, std::uint32_t spi, Adjust adjust) {
    for (const auto direction : {SaDirection::outbound, SaDirection::inbound}) {
      auto p = parameters_of(suite_named("AES-GCM-128"), direction);
      if (is_peer) std::swap(p.local, p.remote);
      p.spi = spi;
      adjust(p);
      auto sa = make_security_association(p, entry).value();
      held.push_back(sa);
      if (direction == SaDirection::inbound)
        tables.inbound[spi] = sa.get();
      else
        seal_with(into(entry), *sa);
    }
  }
  void protect(InterfaceIndex entry, std::uint32_t spi) {
    protect(entry, spi, [](SaParameters&) {});
  }
  void seal_with(Tunnel& tunnel, SecurityAssociation& sa) {
    tunnel.outbound = &sa;
    tunnel.outbounds.insert(tunnel.outbounds.begin(), &sa);
    tunnel.plaintext_mtu = static_cast<std::uint16_t>(sa.plaintext_mtu(1500));
    tunnel.whole_only |= sa.selectors().names_ports();
    ++tunnel.outbounds_generation;
  }
  SecurityAssociation& inbound(std::uint32_t spi) { return *tables.find_inbound(spi); }

  bool is_peer;
  std::vector<std::shared_ptr<SecurityAssociation>> held;
  std::unique_ptr<PolicyWork> work = std::make_unique<PolicyWork>(0);
};

struct PolicyGateway : testing::Test {
  Bench bench;
};
struct Attacks : PolicyGateway {};

TEST_F(PolicyGateway, ProtectsAndIsUnderstood) {
  Site site(bench, false, {entry_of("10", {between(1, 2)})}), peer(bench, true, {entry_of("10", {between(2, 1)})});
  site.protect(first_entry, first_spi);
  peer.protect(first_entry, first_spi);
  const auto sealed = site.carry(build(datagram()), lan);
  ASSERT_EQ(sealed.size(), 1u);
  ASSERT_TRUE(is_esp(sealed[0]));
  EXPECT_EQ(site.counters->interfaces[first_entry].out_packets.get(), 1u);
  const auto opened = peer.carry(sealed, wan);
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(Bytes(opened[0].begin() + 12, opened[0].end()), [&] {
    const auto sent = build(datagram());
    return Bytes(sent.begin() + 12, sent.end());
  }());
  EXPECT_EQ(peer.counters->interfaces[first_entry].in_packets.get(), 1u);
  EXPECT_EQ(peer.counters->interfaces[wan].in_packets.get(), 0u);  // the port counted the sealed one
}

TEST_F(PolicyGateway, EveryPairHasItsOwnSaAndTheNewestSeals) {
  Site site(bench, false, {entry_of("10", {everything()})});
  const auto pair = [](std::uint8_t a) {
    return [=](SaParameters& p) { p.local_selectors = {subnet(a)}, p.remote_selectors = {subnet(2)}; };
  };
  site.protect(first_entry, 0x1001, pair(1));
  site.protect(first_entry, 0x1003, pair(3));
  const auto spi = [&](std::uint8_t from, InterfaceIndex interface) {
    return spi_of(site.carry(build(datagram(from)), interface).at(0));
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(spi(1, lan), 0x1001u);
    EXPECT_EQ(spi(3, 3), 0x1003u);
  }
  site.protect(first_entry, 0x1101, pair(1));
  EXPECT_EQ(spi(1, lan), 0x1101u);
  EXPECT_EQ(spi(3, 3), 0x1003u);
  auto& outbounds = site.into(first_entry).outbounds;
  outbounds.erase(outbounds.begin());
  ++site.into(first_entry).outbounds_generation;
  EXPECT_EQ(spi(1, lan), 0x1001u);
  EXPECT_TRUE(site.carry(build(datagram(4)), 3).empty());  // no SA covers it
}

TEST_F(PolicyGateway, TooBigIsToldWithTheRoomOfTheEntry) {
  Site site(bench, false, {entry_of("10", {everything()})});
  site.protect(first_entry, first_spi);
  const auto told = site.carry(build(datagram(1, 2, 1490, true)), lan);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(number(told[0], 20, 2), 0x0304u);
  EXPECT_EQ(number(told[0], 26, 2), site.into(first_entry).plaintext_mtu);
}

TEST_F(PolicyGateway, IsCutBeforeOrAfterAsConfigured) {
  Site site(bench, false, {entry_of("10", {between(1, 2)})}), peer(bench, true, {entry_of("10", {between(2, 1)})});
  site.protect(first_entry, first_spi);
  peer.protect(first_entry, first_spi);
  for (const auto way : {Fragmentation::before_encryption, Fragmentation::after_encryption}) {
    site.into(first_entry).fragmentation = way;
    const auto sealed = site.carry(build(datagram(1, 2, 1490)), lan);
    ASSERT_EQ(sealed.size(), 2u);
    for (const auto& p : sealed) {
      EXPECT_TRUE(is_esp(p));
      EXPECT_EQ(is_piece(p), way == Fragmentation::after_encryption);
    }
    EXPECT_EQ(peer.carry(sealed, wan).size(), way == Fragmentation::after_encryption ? 1u : 2u);
  }
  EXPECT_EQ(peer.dropped(Drop::outside_policy), 0u);
}

TEST_F(PolicyGateway, PiecesOutOfAnSaAreJudgedWholeWhereThePolicyNamesPorts) {
  auto line = between(1, 2);
  line.protocol = 17;
  line.destination_port = 9;
  Site site(bench, false, {entry_of("10", {line})}), peer(bench, true, {entry_of("10", {mirrored(line)})});
  site.protect(first_entry, first_spi);
  peer.protect(first_entry, first_spi);
  const auto sealed = site.carry(build(datagram(1, 2, 1490)), lan);
  ASSERT_EQ(sealed.size(), 2u);
  EXPECT_EQ(peer.carry(sealed, wan).size(), 1u);  // and is whole from then on
  EXPECT_EQ(peer.counters->reassembly.reassembled.get(), 1u);
  EXPECT_EQ(peer.dropped(Drop::outside_policy), 0u);
}

TEST_F(PolicyGateway, SealedPacketsGoWhereTheirRouteLeads) {
  Site site(bench, false, {entry_of("10", {everything()})});
  apply(site.tables, lan, policy_of({entry_of("11", {between(9, 9)})}));
  site.protect(first_entry, first_spi);
  site.fib.set(*net::Prefix::parse("198.51.100.0/24"), 1);
  const auto sealed = site.carry(build(datagram()), lan);
  ASSERT_EQ(sealed.size(), 1u);
  EXPECT_TRUE(is_esp(sealed[0]));
  EXPECT_EQ(site.dropped(Drop::policy_blocked), 0u);
}

TEST_F(Attacks, A25_ClearPacketsThatThePolicyProtectsAreRefused) {
  Site peer(bench, true, {entry_of("10", {between(2, 1)})});
  peer.protect(first_entry, first_spi);
  EXPECT_TRUE(peer.carry(build(datagram()), wan).empty());
  EXPECT_EQ(peer.dropped(Drop::clear_of_protected), 1u);
}

TEST_F(Attacks, A25_PacketsOutsideTheSelectorsOfTheirSaAreRefused) {
  Site site(bench, false, {entry_of("10", {everything()})}), peer(bench, true, {entry_of("10", {everything()})});
  site.protect(first_entry, first_spi);
  peer.protect(first_entry, first_spi,
               [](SaParameters& p) { p.local_selectors = {subnet(2)}, p.remote_selectors = {subnet(7)}; });
  EXPECT_TRUE(peer.carry(site.carry(build(datagram()), lan), wan).empty());
  EXPECT_EQ(peer.dropped(Drop::wrong_selectors), 1u);
}

// Each of the peer's SAs may carry anything; its policy says which of them may carry what.
TEST_F(Attacks, A25_PacketsOfAnotherEntrysSaAreRefusedAndCountedWithIt) {
  Site site(bench, false, {entry_of("10", {everything()})});
  Site peer(bench, true, {entry_of("11", {between(2, 1)}), entry_of("10", {everything()})});
  site.protect(first_entry, first_spi);
  peer.protect(first_entry, first_spi);
  peer.protect(second_entry, second_spi);
  EXPECT_TRUE(peer.carry(site.carry(build(datagram()), lan), wan).empty());
  EXPECT_EQ(peer.dropped(Drop::outside_policy), 1u);
  EXPECT_EQ(statistics_of(peer.inbound(first_spi)).outside_selectors, 1u);
  EXPECT_EQ(statistics_of(peer.inbound(second_spi)).outside_selectors, 0u);
  EXPECT_EQ(peer.carry(site.carry(build(datagram(3)), 3), wan).size(), 1u);
}

TEST_F(Attacks, A25_WhatNoEntryProtectsMustNotComeOutOfAnSa) {
  Site site(bench, false, {entry_of("10", {everything()})});
  Site peer(bench, true, {entry_of("10", {between(2, 7), between(2, 1, false)})});
  site.protect(first_entry, first_spi);
  peer.protect(first_entry, first_spi);
  EXPECT_TRUE(peer.carry(site.carry(build(datagram()), lan), wan).empty());
  EXPECT_EQ(peer.dropped(Drop::outside_policy), 1u);
}

TEST_F(Attacks, A25_NothingLeavesInClearWhileThereIsNoSa) {
  Site site(bench, false, {entry_of("10", {between(1, 2)})});
  EXPECT_TRUE(site.carry(build(datagram()), lan).empty());
  site.protect(first_entry, first_spi, [](SaParameters& p) { p.local_selectors = {subnet(7)}; });
  EXPECT_TRUE(site.carry(build(datagram()), lan).empty());
}

}  // namespace
}  // namespace culvert::dataplane::test
