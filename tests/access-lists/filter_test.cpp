// Packet filters in the way of packets: where they look, what they leave alone, what they count and tell.
#include "ipsec-dataplane/filter.h"

#include <gtest/gtest.h>

#include "ipsec-dataplane/flow_cache.h"
#include "ipsec-dataplane/packet_filter.h"
#include "router/access_list_rules.h"
#include "tests/access-lists/random_lists.h"
#include "tests/dataplane/plane.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

using access_lists::AccessList;
using access_lists::Action;
using access_lists::Entry;
using access_lists::PortMatch;
using access_lists::PortOperator;
using test::Ipv4;

constexpr std::uint32_t sender = 0x0a010002;

std::shared_ptr<const PacketFilter> filter_of(const AccessList& list) {
  auto filter = std::make_shared<PacketFilter>();
  filter->classifier = Classifier::build(router::classifier_rules(list));
  for (const auto& entry : list.entries)
    filter->lines.push_back({.permit = entry.action == Action::permit,
                             .log = entry.log == access_lists::Log::none ? 0 : entry.sequence,
                             .hits = std::make_shared<HitCount>()});
  return filter;
}

AccessList denies_port_9() {
  return {.name = "no-9",
          .entries = {{.sequence = 10,
                       .action = Action::deny,
                       .protocol = access_lists::protocol::udp,
                       .destination_port = {PortOperator::eq, {9}}},
                      {.sequence = 20}}};
}

// The plane of tests/dataplane with one filter somewhere.
struct Filtered : test::Plane {
  std::shared_ptr<const PacketFilter> filter;
  std::unique_ptr<FlowCache> cache = std::make_unique<FlowCache>();

  explicit Filtered(const AccessList& list) : filter(filter_of(list)) {
    tables.filters.push_back(filter);
    worker.flows = cache.get();
  }
  void on_input(InterfaceIndex interface) { tables.interfaces[interface].input_filter = filter.get(); }
  void on_output(InterfaceIndex interface) { tables.interfaces[interface].output_filter = filter.get(); }
  std::uint64_t hits(std::size_t line) const { return filter->lines[line].hits->total(); }
  Step ends(const Ipv4& packet) {
    auto& p = arrive(test::framed(test::build(packet)));
    run();
    return meta(p).step;
  }
};

TEST(Filter, OnInputDeniesAndTellsTheSender) {
  Filtered plane(denies_port_9());
  plane.on_input(1);
  EXPECT_EQ(plane.ends({.payload = test::udp(9, 20)}), Step::drop);
  EXPECT_EQ(plane.ends({.payload = test::udp(10, 20)}), Step::transmit);
  EXPECT_EQ(plane.hits(0), 1u);
  EXPECT_EQ(plane.hits(1), 1u);
  for (auto* p : plane.with(Step::transmit)) {
    if (ipv4(*p).next_proto_id != 1) continue;
    EXPECT_EQ(data(*p)[20], std::byte{3});
    EXPECT_EQ(data(*p)[21], std::byte{13});
    EXPECT_EQ(rte_be_to_cpu_32(ipv4(*p).dst_addr), sender);
    return;
  }
  FAIL() << "nobody was told";
}

// Not 3 times in 3 passes, nor on an interface the packet only leaves by.
TEST(Filter, LooksOnceAndOnlyWhereItIsApplied) {
  Filtered plane(denies_port_9());
  plane.on_output(2);
  EXPECT_EQ(plane.ends({.payload = test::udp(10, 20)}), Step::transmit);
  EXPECT_EQ(plane.hits(1), 1u);
  EXPECT_EQ(plane.ends({.payload = test::udp(9, 20)}), Step::drop);
  Filtered other(denies_port_9());
  other.on_input(2);
  EXPECT_EQ(other.ends({.payload = test::udp(9, 20)}), Step::transmit);
  EXPECT_EQ(other.hits(0), 0u);
}

// An input filter guards the router too; an output filter does not judge what the router itself says.
TEST(Filter, WhatTheRouterSaysPassesItsOutput) {
  Filtered plane({.name = "nothing", .entries = {{.sequence = 10, .action = Action::deny}}});
  plane.on_output(1);
  plane.ends({.destination = 0x0a010001, .protocol = 1, .payload = test::icmp_message(8, 16)});
  EXPECT_EQ(plane.with(Step::transmit).size(), 1u);
  EXPECT_EQ(plane.hits(0), 0u);
}

// On a port the sealed packet was judged; on a tunnel the clear one is.
TEST(Filter, DecryptedPacketsAreJudgedOnTheirTunnelAlone) {
  for (const InterfaceIndex interface : {1, 4}) {
    Filtered plane(denies_port_9());
    plane.tables.interfaces[4].up = true;
    plane.on_input(interface);
    auto& p = plane.arrive(test::framed(test::build({.payload = test::udp(9, 20)})));
    meta(p).interface = interface;
    meta(p).flags |= flag::decrypted;
    plane.run();
    EXPECT_EQ(meta(p).step, interface == 4 ? Step::drop : Step::transmit) << interface;
  }
}

TEST(Filter, LaterFragmentsPassByTheirAddresses) {
  Filtered plane(
      {.name = "web",
       .entries = {
           {.sequence = 10, .protocol = access_lists::protocol::udp, .destination_port = {PortOperator::eq, {9}}}}});
  plane.on_input(1);
  EXPECT_EQ(plane.ends({.fragment = 100, .payload = test::udp(10, 40)}), Step::transmit);
  EXPECT_EQ(plane.ends({.fragment = 0x2000, .payload = test::udp(10, 40)}), Step::drop);
}

TEST(Filter, ReportsLinesWithLogAtALimitedRate) {
  Filtered plane({.name = "logged", .entries = {{.sequence = 10, .log = access_lists::Log::log}}});
  plane.on_input(1);
  FilterReports reports;
  plane.worker.filter_reports = &reports;
  plane.worker.filter_log = {1'000'000, 3};
  for (int i = 0; i < 5; ++i) plane.ends({.payload = test::udp(9, 20)});
  const auto taken = reports.take();
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].log, 10u);
  EXPECT_EQ(taken[0].interface, 1);
  EXPECT_EQ(rte_be_to_cpu_16(taken[0].flow.destination_port), 9);
  EXPECT_EQ(reports.missed.get(), 2u);
  EXPECT_TRUE(plane.worker.reported);
}

TEST(FilterReports, DropWhatDoesNotFit) {
  FilterReports reports;
  for (std::uint32_t i = 0; i < FilterReports::capacity + 7; ++i) reports.put({.log = i});
  const auto taken = reports.take();
  ASSERT_EQ(taken.size(), FilterReports::capacity);
  EXPECT_EQ(taken.back().log, FilterReports::capacity - 1);
  EXPECT_EQ(reports.missed.get(), 7u);
}

// The cache never answers for another classifier: two of them are asked in turn about the same flows.
TEST(FlowCache, AnswersAsTheClassifierDoes) {
  const auto seed = culvert::test::seed(77);
  SCOPED_TRACE(culvert::test::repeat(seed, "access_lists_test", "FlowCache.AnswersAsTheClassifierDoes"));
  std::mt19937_64 random(seed);
  const auto cache = std::make_unique<FlowCache>();
  std::vector<std::shared_ptr<const Classifier>> classifiers;
  for (int i = 0; i < 4; ++i)
    classifiers.push_back(Classifier::build(router::classifier_rules(culvert::test::random_list(random, 30))));
  for (int burst = 0; burst < 4000; ++burst) {
    const auto& classifier = *classifiers[random() % classifiers.size()];
    std::vector<FlowKey> keys(1 + random() % FlowCache::keys_max);
    for (auto& key : keys) key = culvert::test::random_key(random);
    std::vector<std::uint32_t> cached(keys.size()), fresh(keys.size());
    cache->look_up(classifier, keys, cached);
    classifier.look_up(keys, fresh);
    ASSERT_EQ(cached, fresh) << "burst " << burst;
  }
}

// A list is replaced between two bursts, again and again: every packet is judged by the one list or the other.
TEST(Filter, ReplacingAListLosesNoPacket) {
  Filtered plane(denies_port_9());
  plane.on_input(1);
  std::size_t passed = 0;
  constexpr std::size_t packets = 2000;
  for (std::size_t i = 0; i < packets; ++i) {
    if (i % 10 == 0) {
      auto list = denies_port_9();
      for (std::uint32_t n = 0; n < i % 40; ++n)
        list.entries.push_back({.sequence = 30 + n, .source = access_lists::WildcardAddress::host(n)});
      plane.filter = filter_of(list);
      plane.tables.filters = {plane.filter};
      plane.on_input(1);
    }
    auto& p = plane.arrive(test::framed(test::build({.payload = test::udp(10, 20)})));
    plane.run();
    passed += meta(p).step == Step::transmit;
    for (auto* each : *plane.burst) rte_pktmbuf_free(each);
    plane.burst->clear();
  }
  EXPECT_EQ(passed, packets);
}

}  // namespace
}  // namespace culvert::dataplane
