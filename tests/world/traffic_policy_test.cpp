// What two ends agree on, beside a naive model that asks it of every packet of a small world.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/core.h>

#include "ike/traffic_policy.h"
#include "net/random.h"
#include "tests/world/configurations.h"

namespace culvert::testing {
namespace {

using namespace ike;

TrafficSelector net_of(std::string_view prefix) { return TrafficSelector::of(net::Prefix::parse(prefix).value()); }
SelectorPair line(std::string_view local, std::string_view remote) { return {net_of(local), net_of(remote)}; }

// Two subnets here, three there, every combination permitted.
std::vector<SelectorPair> mesh() {
  std::vector<SelectorPair> lines;
  for (const auto* local : {"10.1.1.0/24", "10.1.2.0/24"})
    for (const auto* remote : {"10.2.1.0/24", "10.2.2.0/24", "10.2.3.0/24"}) lines.push_back(line(local, remote));
  return lines;
}

TEST(TrafficPolicy, OneChildForAMesh) {
  const auto all = all_of(mesh());
  EXPECT_EQ(all.local.size(), 2u);
  EXPECT_EQ(all.remote.size(), 3u);
  EXPECT_TRUE(permits(mesh(), all));
  EXPECT_TRUE(missing(mesh(), std::vector{all}).empty());
}

TEST(TrafficPolicy, ACombinationThatNoLineHasIsNotPermitted) {
  const std::vector lines{line("10.1.1.0/24", "10.2.1.0/24"), line("10.1.2.0/24", "10.2.2.0/24")};
  EXPECT_FALSE(permits(lines, all_of(lines)));
}

TEST(TrafficPolicy, WholeOfferIsAnsweredInFull) {
  const auto narrowed = narrow(mesh(), all_of(mesh()));
  ASSERT_TRUE(narrowed);
  EXPECT_EQ(narrowed->selectors, all_of(mesh()));
  EXPECT_FALSE(narrowed->others_possible);
}

TEST(TrafficPolicy, OnePairIsAnsweredByThatPair) {
  const ChildSelectors offer{{net_of("10.1.2.0/24")}, {net_of("10.2.3.0/24")}};
  const auto narrowed = narrow(mesh(), offer);
  ASSERT_TRUE(narrowed);
  EXPECT_EQ(narrowed->selectors, offer);
}

TEST(TrafficPolicy, TheFirstSelectorsDecideWhichLine) {
  const std::vector lines{line("10.1.1.0/24", "10.2.1.0/24"), line("10.1.2.0/24", "10.2.2.0/24")};
  const ChildSelectors offer{{net_of("10.1.2.7/32"), net_of("10.1.0.0/16")},
                             {net_of("10.2.2.9/32"), net_of("10.2.0.0/16")}};
  const auto narrowed = narrow(lines, offer);
  ASSERT_TRUE(narrowed);
  EXPECT_EQ(narrowed->selectors, (ChildSelectors{{net_of("10.1.2.0/24")}, {net_of("10.2.2.0/24")}}));
  EXPECT_TRUE(narrowed->others_possible);
}

TEST(TrafficPolicy, NothingInCommon) {
  EXPECT_FALSE(narrow(mesh(), {{net_of("10.9.0.0/16")}, {net_of("10.2.1.0/24")}}));
  EXPECT_FALSE(narrow(mesh(), {}));
}

TEST(TrafficPolicy, PairsThatThePeerLeftOut) {
  const std::vector<ChildSelectors> one{{{net_of("10.1.1.0/24")}, {net_of("10.2.2.0/24")}}};
  const auto left = missing(mesh(), one);
  EXPECT_EQ(left.size(), 5u);
  EXPECT_EQ(std::ranges::find(left, line("10.1.1.0/24", "10.2.2.0/24")), left.end());
}

TEST(TrafficPolicy, TwoProtocolsShareNoPacket) {
  auto tcp = line("10.1.1.0/24", "10.2.1.0/24"), udp = line("10.1.2.0/24", "10.2.2.0/24");
  tcp.local.protocol = tcp.remote.protocol = 6;
  udp.local.protocol = udp.remote.protocol = 17;
  EXPECT_TRUE(permits(std::vector{tcp, udp}, all_of(std::vector{tcp, udp})));
}

// ---- The naive model: 8 addresses here, 8 there, 3 protocols.

struct SmallPacket {
  std::uint32_t local, remote;
  std::uint8_t protocol;
};

bool selects(const TrafficSelector& selector, std::uint32_t at, std::uint8_t protocol) {
  const auto one = net::Address::v4(at);
  return selector.start <= one && one <= selector.end && (selector.protocol == 0 || selector.protocol == protocol);
}
bool selects(std::span<const TrafficSelector> selectors, std::uint32_t at, std::uint8_t protocol) {
  return std::ranges::any_of(selectors, [&](const auto& one) { return selects(one, at, protocol); });
}
bool selects(const ChildSelectors& child, const SmallPacket& p) {
  return selects(child.local, p.local, p.protocol) && selects(child.remote, p.remote, p.protocol);
}
bool selects(std::span<const SelectorPair> policy, const SmallPacket& p) {
  return std::ranges::any_of(policy, [&](const auto& pair) {
    return selects(pair.local, p.local, p.protocol) && selects(pair.remote, p.remote, p.protocol);
  });
}

template <class F>
void for_each_packet(F act) {
  for (std::uint32_t local = 0; local < 8; ++local)
    for (std::uint32_t remote = 0; remote < 8; ++remote)
      for (const std::uint8_t protocol : {1, 6, 17}) act(SmallPacket{local, remote, protocol});
}

TrafficSelector draw(net::SeededRandom& random, std::uint8_t protocol) {
  const auto a = static_cast<std::uint32_t>(random.below(8)), b = static_cast<std::uint32_t>(random.below(8));
  return {protocol, 0, 65535, net::Address::v4(std::min(a, b)), net::Address::v4(std::max(a, b))};
}
SelectorPair draw_pair(net::SeededRandom& random) {
  const std::uint8_t protocols[]{0, 0, 6, 17};
  const auto protocol = protocols[random.below(4)];
  return {draw(random, protocol), draw(random, protocol)};
}

TEST(TrafficPolicy, NarrowedBesideANaiveModel) {
  net::SeededRandom random(31);
  std::size_t narrowed_count = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<SelectorPair> policy;
    ChildSelectors offer;
    for (auto n = 1 + random.below(4); n > 0; --n) policy.push_back(draw_pair(random));
    for (auto n = 1 + random.below(3); n > 0; --n) offer.local.push_back(draw(random, random.below(3) ? 0 : 6));
    for (auto n = 1 + random.below(3); n > 0; --n) offer.remote.push_back(draw(random, random.below(3) ? 0 : 6));
    const auto narrowed = narrow(policy, offer);
    narrowed_count += narrowed.has_value();
    const bool first_permitted = permits(policy, offer.local.front(), offer.remote.front()) &&
                                 offer.local.front().protocol == offer.remote.front().protocol;
    bool any = false;
    for_each_packet([&](const SmallPacket& p) {
      any = any || (selects(offer, p) && selects(policy, p));
      if (!narrowed || !selects(narrowed->selectors, p)) return;
      EXPECT_TRUE(selects(offer, p)) << "beyond the offer, round " << round;
      EXPECT_TRUE(selects(policy, p)) << "beyond the policy, round " << round;
    });
    EXPECT_EQ(narrowed.has_value(), any) << "round " << round;
    if (!first_permitted) continue;
    ASSERT_TRUE(narrowed) << "round " << round;
    EXPECT_TRUE(covers(narrowed->selectors, {offer.local.front(), offer.remote.front()})) << "round " << round;
  }
  EXPECT_GT(narrowed_count, 1000u);
}

}  // namespace
}  // namespace culvert::testing
