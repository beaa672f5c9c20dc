// What the lines of EIGRP mean to the engines.
#include <gtest/gtest.h>

#include "config-store/store.h"
#include "router/route_filter.h"
#include "router/router.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/link_cost.h"

namespace culvert::router {
namespace {

using namespace routing;

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, {"GigabitEthernet0/0", "GigabitEthernet0/1"});
    return one;
  }();
  return *made;
}

std::unique_ptr<config::Store> loaded(const std::string& text) {
  auto store = config::Store::in_memory(registry());
  for (const auto& refused : store->load(text)) ADD_FAILURE() << refused.line << ": " << refused.message();
  return store;
}

std::optional<eigrp::Filter> no_lists(const std::string&) { return std::nullopt; }

// The first process of the configuration, at a moment of 2026.
constexpr net::WallTime in_2026{std::chrono::seconds(1'780'000'000)};
eigrp::Configuration process(const std::string& text, net::WallTime now = in_2026) {
  const auto store = loaded(text);
  const auto all =
      eigrp_configurations(*store, now, [&](const std::string& list) { return route_filter(*store, list); });
  return all.empty() ? eigrp::Configuration{} : all.front();
}

net::Address address(const char* text) { return *net::Address::parse(text); }

TEST(EigrpConfiguration, NetworksGoByTheirClass) {
  const auto c = process(
      "router eigrp 100\n network 10.1.2.3\n network 172.16.9.9\n network 192.0.2.77\n network 10.9.0.1 0.0.0.255\n");
  ASSERT_EQ(c.networks.size(), 4u);
  EXPECT_EQ(c.autonomous_system, 100);
  EXPECT_EQ(c.networks[0], (eigrp::Network{address("10.0.0.0"), address("0.255.255.255")}));
  EXPECT_EQ(c.networks[1], (eigrp::Network{address("172.16.0.0"), address("0.0.255.255")}));
  EXPECT_EQ(c.networks[2], (eigrp::Network{address("192.0.2.0"), address("0.0.0.255")}));
  EXPECT_EQ(c.networks[3], (eigrp::Network{address("10.9.0.0"), address("0.0.0.255")}));
}

TEST(EigrpConfiguration, ANetmaskIsTakenForWhatWasMeant) {
  const auto c = process("router eigrp 1\n network 10.9.0.1 255.255.255.0\n network 192.0.2.1 0.0.0.0\n");
  ASSERT_EQ(c.networks.size(), 2u);
  EXPECT_EQ(c.networks[0], (eigrp::Network{address("10.9.0.0"), address("0.0.0.255")}));
  EXPECT_EQ(c.networks[1], (eigrp::Network{address("192.0.2.1"), address("0.0.0.0")}));
}

TEST(EigrpConfiguration, NetworkZeroIsEveryNetwork) {
  for (const auto* line : {"network 0.0.0.0", "network 0.0.0.0 255.255.255.255", "network 0.0.0.0 0.0.0.0"}) {
    const auto c = process(std::string("router eigrp 1\n ") + line + "\n");
    ASSERT_EQ(c.networks.size(), 1u) << line;
    EXPECT_TRUE(c.networks[0].covers(address("10.1.2.3"))) << line;
    EXPECT_TRUE(c.networks[0].covers(address("203.0.113.9"))) << line;
  }
}

TEST(EigrpConfiguration, WhatIsNotSaidIsAsInIos) {
  const auto c = process("router eigrp 100\n");
  eigrp::Configuration plain;
  plain.autonomous_system = 100;
  EXPECT_EQ(c, plain);
  EXPECT_EQ(c.active_time_s, 180u);
  EXPECT_EQ(c.internal_distance, 90);
  EXPECT_EQ(c.maximum_paths, 4);
}

TEST(EigrpConfiguration, NumbersOfTheProcess) {
  const auto c = process(
      "router eigrp 9\n eigrp router-id 10.0.0.9\n variance 3\n maximum-paths 8\n traffic-share min across-interfaces\n"
      " metric weights 0 1 2 3 4 5\n metric maximum-hops 20\n distance eigrp 80 160\n timers active-time 2\n"
      " default-metric 1000 100 250 2 1400\n redistribute static metric 10 20 30 40 50\n redistribute connected\n"
      " neighbor 10.0.0.2 Tunnel1\n no eigrp log-neighbor-changes\n");
  EXPECT_EQ(c.router_id, 0x0a000009u);
  EXPECT_EQ(c.variance, 3);
  EXPECT_EQ(c.maximum_paths, 8);
  EXPECT_FALSE(c.traffic_share_balanced);
  EXPECT_EQ(c.k, (eigrp::KValues{.k1 = 1, .k2 = 2, .k3 = 3, .k4 = 4, .k5 = 5}));
  EXPECT_EQ(c.maximum_hops, 20);
  EXPECT_EQ(c.external_distance, 160);
  EXPECT_EQ(c.active_time_s, 120u);
  EXPECT_EQ(c.default_metric->delay_ps, 1'000'000'000u);
  EXPECT_EQ(c.redistribute_static->metric->bandwidth_kbps, 10u);
  EXPECT_FALSE(c.redistribute_connected->metric);
  EXPECT_EQ(c.neighbors, (std::vector{eigrp::StaticNeighbor{address("10.0.0.2"), "Tunnel1"}}));
  EXPECT_FALSE(c.log_neighbor_changes);
  EXPECT_EQ(process("router eigrp 9\n timers active-time disabled\n").active_time_s, std::nullopt);
}

TEST(EigrpConfiguration, StubsOfEveryKind) {
  const auto stub = [](const std::string& words) {
    return *process("router eigrp 1\n eigrp stub" + words + "\n").stub;
  };
  EXPECT_EQ(stub(""), (eigrp::StubSettings{.connected = true, .summary = true}));
  EXPECT_EQ(stub(" receive-only"), (eigrp::StubSettings{.connected = false, .summary = false, .receive_only = true}));
  EXPECT_EQ(stub(" static redistributed"),
            (eigrp::StubSettings{.connected = false, .static_routes = true, .summary = false, .redistributed = true}));
}

TEST(Checklist34, Line43_PassiveInterfacesEitherWay) {
  const auto one = process("router eigrp 1\n passive-interface Tunnel1\n");
  EXPECT_FALSE(one.passive_by_default);
  EXPECT_EQ(one.interfaces.at("Tunnel1").passive, true);
  const auto all = process("router eigrp 1\n passive-interface default\n no passive-interface Tunnel1\n");
  EXPECT_TRUE(all.passive_by_default);
  EXPECT_EQ(all.interfaces.at("Tunnel1").passive, false);
}

TEST(Checklist34, Line43_ListsFilterRoutesAndAddToThem) {
  const auto c = process(
      "access-list 10 deny 10.1.0.0 0.0.255.255\naccess-list 10 permit any\n"
      "ip access-list extended TOLD\n permit ip host 10.0.0.2 host 10.9.0.0\n permit tcp any any\n"
      "router eigrp 1\n distribute-list 10 in\n distribute-list TOLD in GigabitEthernet0/0\n"
      " distribute-list 11 out\n offset-list 0 in 100\n offset-list 10 in 200 GigabitEthernet0/0\n"
      " offset-list 10 out 300\n");
  ASSERT_TRUE(c.filter_in);
  EXPECT_EQ(c.filter_in->name, "10");
  EXPECT_FALSE(permits(*c.filter_in, *net::Prefix::parse("10.1.7.0/24"), address("10.0.0.2")));
  EXPECT_TRUE(permits(*c.filter_in, *net::Prefix::parse("10.2.7.0/24"), address("10.0.0.2")));
  const auto& told = *c.interfaces.at("GigabitEthernet0/0").filter_in;
  EXPECT_EQ(told.rules.size(), 1u) << "TCP is nothing that a route has";
  EXPECT_TRUE(permits(told, *net::Prefix::parse("10.9.0.0/16"), address("10.0.0.2")));
  EXPECT_FALSE(permits(told, *net::Prefix::parse("10.9.0.0/16"), address("10.0.0.3"))) << "told by another";
  EXPECT_FALSE(c.filter_out) << "a list that is not there lets everything pass";
  ASSERT_EQ(c.offsets_in.size(), 2u);
  const auto offset = [&](const char* interface, const char* prefix) {
    return offset_of(c.offsets_in, interface, *net::Prefix::parse(prefix), address("10.0.0.2"));
  };
  EXPECT_EQ(offset("GigabitEthernet0/1", "10.1.0.0/16"), 100u);
  EXPECT_EQ(offset("GigabitEthernet0/0", "10.2.0.0/16"), 200u) << "that of the interface instead";
  EXPECT_EQ(offset("GigabitEthernet0/0", "10.1.0.0/16"), 100u) << "which does not have this one";
  EXPECT_EQ(c.offsets_out.front().delay, 300u);
}

TEST(EigrpConfiguration, InterfacesSpeakToEachProcess) {
  const auto store = loaded(
      "router eigrp 1\nrouter eigrp 2\ninterface Tunnel1\n ip hello-interval eigrp 1 2\n ip hold-time eigrp 1 6\n"
      " ip bandwidth-percent eigrp 2 75\n no ip split-horizon eigrp 1\n no ip next-hop-self eigrp 2\n"
      " ip summary-address eigrp 2 10.1.2.3 255.0.0.0 9\n");
  const auto all = eigrp_configurations(*store, in_2026, no_lists);
  ASSERT_EQ(all.size(), 2u);
  const auto& one = all[0].interfaces.at("Tunnel1");
  EXPECT_EQ(one.hello_interval_s, 2);
  EXPECT_EQ(one.hold_time_s, 6);
  EXPECT_FALSE(one.split_horizon);
  EXPECT_TRUE(one.next_hop_self);
  EXPECT_TRUE(one.summaries.empty());
  const auto& other = all[1].interfaces.at("Tunnel1");
  EXPECT_EQ(other.hello_interval_s, std::nullopt);
  EXPECT_EQ(other.bandwidth_percent, 75u);
  EXPECT_TRUE(other.split_horizon);
  EXPECT_FALSE(other.next_hop_self);
  EXPECT_EQ(other.summaries, (std::vector{eigrp::Summary{*net::Prefix::parse("10.0.0.0/8"), 9}}));
}

constexpr const char* keys =
    "key chain SITES\n key 5\n  key-string old\n  accept-lifetime 00:00:00 January 1 2020 00:00:00 July 1 2026\n"
    "  send-lifetime 00:00:00 January 1 2020 00:00:00 June 1 2026\n key 7\n  key-string 7 060506324F41\n"
    "  accept-lifetime 00:00:00 May 1 2026 infinite\n  send-lifetime 00:00:00 June 1 2026 duration 31536000\n"
    "router eigrp 1\ninterface Tunnel1\n ip authentication mode eigrp 1 md5\n"
    " ip authentication key-chain eigrp 1 SITES\n";

// Seconds of UTC from 1970 on.
constexpr net::WallTime april{std::chrono::seconds(1'775'000'000)}, may_2026{std::chrono::seconds(1'779'000'000)},
    june{std::chrono::seconds(1'781'000'000)}, august{std::chrono::seconds(1'786'000'000)};

TEST(Checklist34, Line11_KeysHaveTheirTime) {
  const auto at = [](net::WallTime now) { return process(keys, now).interfaces.at("Tunnel1").authentication; };
  const auto ids = [](const eigrp::AuthenticationSettings& settings) {
    std::vector<std::uint32_t> all;
    for (const auto& key : settings.accept) all.push_back(key.id);
    return all;
  };
  EXPECT_TRUE(at(april).required);
  EXPECT_EQ(at(april).send->id, 5u);
  EXPECT_EQ(ids(at(april)), std::vector{5u});
  EXPECT_EQ(ids(at(may_2026)), (std::vector{5u, 7u}));
  EXPECT_EQ(at(june).send->id, 7u);
  EXPECT_EQ(at(june).send->password, net::Secret(net::as_view("cisco")));
  EXPECT_EQ(ids(at(august)), std::vector{7u});
  const auto store = loaded(keys);
  EXPECT_EQ(routing::next_key_change(*store, april), (net::WallTime(std::chrono::seconds(1'777'593'600))));  // 1 May
}

TEST(EigrpConfiguration, WithoutAKeyNobodyIsBelieved) {
  const auto c = process("router eigrp 1\ninterface Tunnel1\n ip authentication mode eigrp 1 hmac-sha-256\n");
  const auto& authentication = c.interfaces.at("Tunnel1").authentication;
  EXPECT_TRUE(authentication.required);
  EXPECT_FALSE(authentication.send);
  EXPECT_TRUE(authentication.accept.empty());
}

TEST(EigrpConfiguration, AProcessThatIsShutDownIsNot) {
  EXPECT_TRUE(eigrp_configurations(*loaded("router eigrp 1\n shutdown\n"), in_2026, no_lists).empty());
}

TEST(Checklist34, Line33_BandwidthAndDelayOfInterfaces) {
  const auto cost = [](const char* name, const std::optional<routing::LinkCostRow>& configured = std::nullopt) {
    routing::Interface interface;
    interface.settings.name = name;
    interface.kind = routing::kind_of(name);
    return link_cost(interface, configured);
  };
  EXPECT_EQ(cost("GigabitEthernet0/0").bandwidth_kbps, 1'000'000u);
  EXPECT_EQ(cost("GigabitEthernet0/0").delay_ps, 10'000'000u);
  EXPECT_EQ(cost("Tunnel1").bandwidth_kbps, 100u);
  EXPECT_EQ(cost("Tunnel1").delay_ps, 50'000'000'000u);
  const auto set =
      cost("Tunnel1", routing::LinkCostRow{.interface = "Tunnel1", .bandwidth_kbps = 10000, .delay_10us = 20});
  EXPECT_EQ(set.bandwidth_kbps, 10000u);
  EXPECT_EQ(set.delay_ps, 200'000'000u);
}

}  // namespace
}  // namespace culvert::router
