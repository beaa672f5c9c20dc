// Crypto policies at the stages, by behaviour: what is protected by whom, what may be clear, and what waits.
#include "ipsec-dataplane/policy.h"

#include <gtest/gtest.h>

#include "ipsec-dataplane/packet_filter.h"
#include "ipsec-dataplane/policy_work.h"
#include "tests/dataplane/policies.h"

namespace culvert::dataplane::test {
namespace {

using net::Bytes;

constexpr InterfaceIndex inside = 1, outside = 2, first_entry = 10, second_entry = 11;

Ipv4 datagram(std::uint8_t a = 1, std::uint8_t b = 2) {
  return {.source = 0x0a000002u | std::uint32_t{a} << 16,
          .destination = 0x0a000002u | std::uint32_t{b} << 16,
          .options = {},
          .payload = udp(9, 100)};
}

// The policy is that of Gi0/1, towards 10.2.0.0/24.
struct Policed : Plane {
  explicit Policed(std::vector<CryptoPolicyEntry> entries) {
    apply(tables, outside, policy_of(std::move(entries)));
    worker.policies = work.get();
    worker.clear_reports = reports.get();
    worker.clear_log = TokenBucket(1'000'000, 3);
  }
  Packet& carry(const Bytes& packet, InterfaceIndex from = inside) {
    arrive(framed(packet), from);
    run();
    return *with_last();
  }
  Packet* with_last() { return &(*burst)[burst->size() - 1]; }
  std::unique_ptr<PolicyWork> work = std::make_unique<PolicyWork>(1000);
  std::unique_ptr<FilterReports> reports = std::make_unique<FilterReports>();
};

bool wants_association(Packet& p, InterfaceIndex entry) {
  return meta(p).step == Step::punt && meta(p).punt == PuntReason::want_sa && meta(p).protected_by == entry;
}

TEST(CryptoPolicy, TheFirstEntryThatPermitsProtects) {
  Policed plane(
      {entry_of("10", {between(1, 2, false)}), entry_of("11", {between(1, 2)}), entry_of("12", {everything()})});
  EXPECT_TRUE(wants_association(plane.carry(build(datagram())), second_entry));
  EXPECT_EQ(plane.counters->stage(StageCount::policy_out).get(), 1u);
}

TEST(CryptoPolicy, DenyAndNoMatchLeaveAPacketInClear) {
  Policed plane({entry_of("10", {between(1, 2, false), everything()}), entry_of("11", {between(7, 2)})});
  Policed denied({entry_of("10", {between(1, 2, false)})});
  EXPECT_EQ(meta(denied.carry(build(datagram()))).step, Step::transmit);
  EXPECT_EQ(meta(plane.carry(build(datagram()))).step, Step::transmit);
  EXPECT_TRUE(wants_association(
      plane.carry(build(datagram(1, 2) = {.source = 0x0a030002, .options = {}, .payload = udp(9, 1)}), 3),
      first_entry));
}

TEST(CryptoPolicy, AnEntryWithoutATunnelLetsNothingOut) {
  Policed plane({entry_of("", {between(1, 2)}), entry_of("10", {everything()})});
  EXPECT_EQ(meta(plane.carry(build(datagram()))).drop, Drop::policy_blocked);
  EXPECT_EQ(meta(plane.carry(build(datagram(2, 1)), outside)).drop, Drop::clear_of_protected);
}

TEST(CryptoPolicy, OtherInterfacesAreFree) {
  Policed plane({entry_of("10", {everything()})});
  EXPECT_EQ(meta(plane.carry(build(datagram(1, 3)))).step, Step::transmit);
}

TEST(CryptoPolicy, WhatTheRouterSendsIsProtectedToo) {
  Policed plane({entry_of("10", {everything()})});
  const auto send = [&](const Ipv4& packet) -> Packet& {
    auto& p = plane.arrive(framed(build(packet)));
    meta(p).flags = flag::local;
    plane.run();
    return p;
  };
  Ipv4 ping{
      .source = 0x0a020001, .destination = 0x0a020002, .protocol = 1, .options = {}, .payload = icmp_message(8, 8)};
  EXPECT_TRUE(wants_association(send(ping), first_entry));
  Bytes ike;
  net::Writer w(ike);
  w.u16(500), w.u16(500), w.u16(36), w.u16(0), w.zeros(28);
  EXPECT_EQ(meta(send({.source = 0x0a020001, .options = {}, .payload = ike})).step, Step::transmit);
  EXPECT_EQ(meta(send({.source = 0x0a020001, .protocol = 50, .options = {}, .payload = Bytes(40)})).step,
            Step::transmit);
  // IKE of somebody else, that waited for a neighbor.
  EXPECT_TRUE(wants_association(send({.source = 0x0a010002, .options = {}, .payload = ike}), first_entry));
}

TEST(CryptoPolicy, SealedPacketsAreNotJudgedAgain) {
  Policed plane({entry_of("10", {everything()})});
  auto& p = plane.arrive(framed(build(datagram())));
  meta(p).flags = flag::local | flag::sealed;
  meta(p).step = Step::route;
  plane.run();
  EXPECT_EQ(meta(p).step, Step::transmit);
}

TEST(CryptoPolicy, PacketsToBeProtectedThatComeInClearAreRefused) {
  Policed plane({entry_of("10", {between(1, 2)})});
  EXPECT_EQ(meta(plane.carry(build(datagram(2, 1)), outside)).drop, Drop::clear_of_protected);
  EXPECT_EQ(meta(plane.carry(build(datagram(2, 3)), outside)).step, Step::transmit);
  const auto reports = plane.reports->take();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].interface, outside);
  EXPECT_EQ(reports[0].flow.source, rte_cpu_to_be_32(0x0a020002));
  EXPECT_TRUE(plane.worker.reported);
}

TEST(CryptoPolicy, ReportsOfClearPacketsAreLimited) {
  Policed plane({entry_of("10", {between(1, 2)})});
  for (int i = 0; i < 10; ++i) plane.carry(build(datagram(2, 1)), outside);
  EXPECT_EQ(plane.reports->take().size(), 3u);
  EXPECT_EQ(plane.reports->missed.get(), 7u);
}

TEST(CryptoPolicy, ClearPacketsForTheRouterAreRefusedButNotItsIpsec) {
  Policed plane({entry_of("10", {everything()})});
  const auto carry = [&](std::uint8_t protocol, const Bytes& payload, std::uint16_t fragment = 0) -> Packet& {
    return plane.carry(build({.source = 0x0a020002,
                              .destination = 0x0a020001,
                              .protocol = protocol,
                              .fragment = fragment,
                              .options = {},
                              .payload = payload}),
                       outside);
  };
  EXPECT_EQ(meta(carry(1, icmp_message(8, 8))).drop, Drop::clear_of_protected);
  EXPECT_EQ(meta(carry(17, udp(9, 20))).drop, Drop::clear_of_protected);
  EXPECT_EQ(meta(carry(17, udp(500, 28))).step, Step::punt);
  EXPECT_EQ(meta(carry(17, udp(4500, 40))).step, Step::esp_open);
  plane.burst->clear();
  EXPECT_EQ(meta(carry(50, Bytes(40))).step, Step::esp_open);
}

TEST(CryptoPolicy, AClearPingInFragmentsIsRefusedOnceItIsWhole) {
  Policed plane({entry_of("10", {everything()})});
  const auto ping = icmp_message(8, 1992);
  for (const auto at : {0u, 1000u}) {
    Ipv4 piece{.source = 0x0a020002, .destination = 0x0a020001, .protocol = 1, .options = {}, .payload = {}};
    piece.fragment = static_cast<std::uint16_t>(at / 8 | (at == 0 ? 0x2000 : 0));
    piece.payload.assign(ping.begin() + at, at == 0 ? ping.begin() + 1000 : ping.end());
    plane.carry(build(piece), outside);
  }
  EXPECT_EQ(meta(*plane.with_last()).drop, Drop::clear_of_protected);
}

// RFC 4301 section 7: a fragment does not show its ports, so that only the whole packet can be judged.
TEST(CryptoPolicy, FragmentsAreJudgedByTheirWholePacket) {
  auto line = between(1, 2);
  line.protocol = 17;
  line.destination_port = 9;
  for (const std::uint16_t port : {9, 10}) {
    Policed plane({entry_of("10", {line})});
    const auto payload = udp(port, 2000);
    for (const std::ptrdiff_t at : {1000, 0}) {
      auto piece = datagram();
      piece.fragment = static_cast<std::uint16_t>(at / 8 | (at == 0 ? 0x2000 : 0));
      piece.payload.assign(payload.begin() + at, at == 0 ? payload.begin() + 1000 : payload.end());
      plane.carry(build(piece));
    }
    const bool is_protected = port == 9;
    EXPECT_EQ(plane.with(Step::punt).size(), is_protected ? 1u : 0u);
    EXPECT_EQ(plane.with(Step::transmit).size(), is_protected ? 0u : 2u);  // cut anew
  }
}

TEST(CryptoPolicy, FragmentsThatNothingProtectsCrossAsTheyAre) {
  Policed plane({entry_of("10", {between(7, 2)})});
  auto piece = datagram();
  piece.fragment = 5;
  EXPECT_EQ(meta(plane.carry(build(piece))).step, Step::transmit);
}

TEST(CryptoPolicy, ProtectedFragmentsArePutTogetherFirst) {
  Policed plane({entry_of("10", {between(1, 2)})});
  auto piece = datagram();
  piece.fragment = 0x2000;
  piece.payload.resize(96);
  EXPECT_EQ(meta(plane.carry(build(piece))).step, Step::done);  // held for the rest
}

TEST(CryptoPolicy, TtlIsNotSpentOnWaiting) {
  Policed plane({entry_of("10", {everything()})});
  EXPECT_EQ(ipv4(plane.carry(build(datagram()))).time_to_live, 64);
}

TEST(CryptoPolicy, AFloodLeavesOtherLinesAndSourcesTheirRequests) {
  RequestLimits limits(1000);
  std::size_t flood = 0;
  for (std::uint32_t source = 0; source < 10'000; ++source) flood += limits.take(0, first_entry, 0, source);
  EXPECT_LE(flood, RequestLimits::line_max);
  EXPECT_TRUE(limits.take(0, first_entry, 1, 5));
  EXPECT_TRUE(limits.take(0, second_entry, 0, 5));
  EXPECT_TRUE(limits.take(1000, first_entry, 0, 5));
  RequestLimits one(1000);
  std::size_t of_source = 0;
  for (int i = 0; i < 1000; ++i) of_source += one.take(5, first_entry, 0, 1);
  EXPECT_EQ(of_source, RequestLimits::source_max);
  EXPECT_TRUE(one.take(5, first_entry, 0, 2));
}

TEST(CryptoPolicy, WhatIsOverTheLimitIsADropOfItsOwn) {
  Policed plane({entry_of("10", {everything()})});
  for (std::uint32_t i = 0; i < RequestLimits::source_max; ++i)
    EXPECT_EQ(meta(plane.carry(build(datagram()))).step, Step::punt);
  EXPECT_EQ(meta(plane.carry(build(datagram()))).drop, Drop::sa_wait_full);
}

}  // namespace
}  // namespace culvert::dataplane::test
