// Two routers as whole configurations make them, joined port by port: the routes and the pages of a real IOS-XE pair.
//
// The pair is that of batfish's lab validation (iosxe_eigrp_neighbor, IOS-XE 16.4), whose `show ip route` and `show ip
// eigrp neighbors` say what must come out. Its port channel is a port of 2 Gbit/s here, its distribute-lists name
// access lists instead of a route-map; the VRF is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include <fmt/format.h>

#include "config-store/store.h"
#include "net/overloaded.h"
#include "net/random.h"
#include "router/route_filter.h"
#include "router/router.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/eigrp_show.h"
#include "routing/commands/interface_mode.h"

namespace culvert::router {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using namespace routing;

constexpr const char* iosxe1 = R"(
ip access-list standard BLOCK_IN
 deny host 172.16.100.2
 permit any
ip access-list standard BLOCK_OUT
 deny host 172.16.100.1
 permit any
interface Loopback100
 ip address 172.16.100.1 255.255.255.255
interface Loopback1
 ip address 172.16.1.1 255.255.255.255
interface Loopback23
 ip address 172.16.23.1 255.255.255.255
interface Loopback123
 ip address 192.168.123.1 255.255.255.255
interface GigabitEthernet0/1
 ip address 10.12.11.1 255.255.255.0
interface GigabitEthernet0/10
 ip address 192.168.122.2 255.255.255.0
interface GigabitEthernet0/23
 bandwidth 2000000
 ip address 10.12.23.1 255.255.255.252
router eigrp 1
 distribute-list BLOCK_IN in
 distribute-list BLOCK_OUT out
 network 10.12.11.0 0.0.0.255
 network 172.16.1.1 0.0.0.0
 network 172.16.100.1 0.0.0.0
 network 192.168.122.0
 passive-interface default
 no passive-interface GigabitEthernet0/1
router eigrp 23
 network 10.12.23.0 0.0.0.255
 network 172.16.23.1 0.0.0.0
 passive-interface default
 no passive-interface GigabitEthernet0/23
)";
constexpr const char* iosxe2 = R"(
interface Loopback100
 ip address 172.16.100.2 255.255.255.255
interface Loopback1
 ip address 172.16.1.2 255.255.255.255
interface Loopback23
 ip address 172.16.23.2 255.255.255.255
interface Loopback123
 ip address 192.168.123.2 255.255.255.255
interface GigabitEthernet0/1
 ip address 10.12.11.2 255.255.255.0
interface GigabitEthernet0/23
 bandwidth 2000000
 ip address 10.12.23.2 255.255.255.252
router eigrp 1
 network 10.12.11.0 0.0.0.255
 network 172.16.1.2 0.0.0.0
 network 172.16.100.2 0.0.0.0
 network 192.168.123.2 0.0.0.0
 passive-interface default
 no passive-interface GigabitEthernet0/1
router eigrp 23
 network 10.12.23.0 0.0.0.255
 network 172.16.23.2 0.0.0.0
 passive-interface default
 no passive-interface GigabitEthernet0/23
)";

const std::vector<std::string> ports{"GigabitEthernet0/1", "GigabitEthernet0/10", "GigabitEthernet0/23"};

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, ports);
    return one;
  }();
  return *made;
}

// One router without a plane: configuration, interfaces, engines, and what these have learned.
class Box {
 public:
  Box(const std::string& text, std::uint64_t seed) : store_(config::Store::in_memory(registry())), random_(seed) {
    for (const auto& refused : store_->load(text)) ADD_FAILURE() << refused.line << ": " << refused.message();
  }

  void start(net::Time now) {
    interfaces_.configure(now, routing::interface_settings(*store_));
    for (const auto& port : ports) interfaces_.port(now, port, {.carrier = true});
    for (auto& configuration :
         eigrp_configurations(*store_, {}, [this](const auto& list) { return route_filter(*store_, list); })) {
      auto& engine =
          *engines_.emplace(configuration.autonomous_system, std::make_unique<eigrp::Engine>(random_)).first->second;
      engine.configure(now, std::move(configuration));
      engine.interfaces(now, eigrp_interfaces(interfaces_, *store_));
    }
  }
  eigrp::Engine& engine(std::uint16_t number) { return *engines_.at(number); }

  // Does what the engines want; packets go to `other`.
  bool work(net::Time now, Box& other) {
    bool any = false;
    for (auto& [number, engine] : engines_) {
      if (const auto due = engine->deadline(); due && *due <= now) engine->timeout(now);
      while (const auto output = engine->poll()) {
        any = true;
        carry_out(number, *output, now, other);
      }
    }
    return any;
  }
  std::optional<net::Time> deadline() const {
    std::optional<net::Time> first;
    for (const auto& [number, engine] : engines_)
      if (const auto due = engine->deadline(); due && (!first || *due < *first)) first = due;
    return first;
  }
  std::string route(const char* prefix) const {
    const auto found = routes_.find(*net::Prefix::parse(prefix));
    if (found == routes_.end()) return "none";
    const auto& hop = found->second.next_hops.front();
    return fmt::format("[{}/{}] via {}, {}", found->second.distance, found->second.metric, *hop.gateway, hop.interface);
  }
  std::vector<std::string> log;

 private:
  void carry_out(std::uint16_t number, const eigrp::Output& output, net::Time now, Box& other) {
    std::visit(net::overloaded{[&](const eigrp::Transmit& t) {
                                 const auto from = interfaces_.find(t.interface)->settings.address->address;
                                 other.engine(number).receive(now, {t.interface, from, !t.destination}, t.bytes);
                               },
                               [&](const eigrp::RouteBatch& batch) {
                                 for (const auto& update : batch.updates)
                                   if (update.next_hops.empty())
                                     routes_.erase(update.prefix);
                                   else
                                     routes_[update.prefix] = update;
                               },
                               [&](const eigrp::Event& event) { log.push_back(event.text); }},
               output);
  }

  std::unique_ptr<config::Store> store_;
  net::SeededRandom random_;
  routing::InterfaceTable interfaces_;
  std::map<std::uint16_t, std::unique_ptr<eigrp::Engine>> engines_;
  std::map<net::Prefix, eigrp::RouteUpdate> routes_;
};

struct Pair {
  Box one{iosxe1, 1}, two{iosxe2, 2};
  net::Time now{std::chrono::hours(1)};

  Pair() {
    one.start(now);
    two.start(now);
  }
  void advance(net::Duration duration) {
    for (const auto end = now + duration; now < end;) {
      while (one.work(now, two) || two.work(now, one)) continue;
      now = std::min({end, one.deadline().value_or(end), two.deadline().value_or(end)});
    }
  }
};

TEST(EigrpPair, MetricsAreThoseOfTheRealPair) {
  Pair pair;
  pair.advance(30s);
  EXPECT_EQ(pair.one.route("172.16.1.2/32"), "[90/130816] via 10.12.11.2, GigabitEthernet0/1");
  EXPECT_EQ(pair.one.route("192.168.123.2/32"), "[90/130816] via 10.12.11.2, GigabitEthernet0/1");
  EXPECT_EQ(pair.one.route("172.16.23.2/32"), "[90/129536] via 10.12.23.2, GigabitEthernet0/23");
  EXPECT_EQ(pair.two.route("172.16.1.1/32"), "[90/130816] via 10.12.11.1, GigabitEthernet0/1");
  EXPECT_EQ(pair.two.route("172.16.23.1/32"), "[90/129536] via 10.12.23.1, GigabitEthernet0/23");
  EXPECT_EQ(pair.two.route("192.168.122.0/24"), "[90/3072] via 10.12.11.1, GigabitEthernet0/1");
  EXPECT_EQ(pair.two.route("192.168.123.1/32"), "none");
  EXPECT_EQ(pair.one.route("172.16.100.2/32"), "none") << "distribute-list in";
  EXPECT_EQ(pair.two.route("172.16.100.1/32"), "none") << "distribute-list out";
  EXPECT_THAT(pair.one.log, ::testing::Contains("EIGRP-IPv4 1: Neighbor 10.12.11.2 (GigabitEthernet0/1) is up: new "
                                                "adjacency"));
}

TEST(EigrpPair, NeighborsInTheColumnsOfTheRealPair) {
  Pair pair;
  pair.advance(62'271s);
  const auto text = show_eigrp_neighbors(pair.one.engine(1), pair.now, false, nullptr);
  EXPECT_THAT(text,
              ::testing::MatchesRegex(
                  "EIGRP-IPv4 Neighbors for AS\\(1\\)\n"
                  "H   Address                 Interface              Hold Uptime   SRTT   RTO  Q  Seq\n"
                  "                                                   \\(sec\\)         \\(ms\\)       Cnt Num\n"
                  "0   10.12.11.2              Gi0/1                    1[0-5] 17:17:[0-9][0-9] +[0-9]+   100  0  "
                  "[0-9]+\n"));
  const auto detail = show_eigrp_neighbors(pair.one.engine(1), pair.now, true, nullptr);
  EXPECT_THAT(detail, ::testing::EndsWith(", Retrans: 0, Retries: 0, Prefixes: 2\n   Topology-ids from peer - 0\n"
                                          "Max Nbrs: 0, Current Nbrs: 0\n"));
}

TEST(EigrpPair, TopologyAsIosPrintsIt) {
  Pair pair;
  pair.advance(30s);
  auto& engine = pair.two.engine(1);
  const auto text = show_eigrp_topology(engine, pair.now, "");
  EXPECT_THAT(text, HasSubstr("EIGRP-IPv4 Topology Table for AS(1)/ID(192.168.123.2)\n"
                              "Codes: P - Passive, A - Active, U - Update, Q - Query, R - Reply,\n"
                              "       r - reply Status, s - sia Status \n\n"));
  EXPECT_THAT(text, HasSubstr("P 172.16.1.1/32, 1 successors, FD is 130816\n"
                              "        via 10.12.11.1 (130816/128256), GigabitEthernet0/1\n"));
  EXPECT_THAT(text, HasSubstr("P 10.12.11.0/24, 1 successors, FD is 2816\n"
                              "        via Connected, GigabitEthernet0/1\n"));
  EXPECT_THAT(show_eigrp_topology(engine, pair.now, "all-links"), HasSubstr(", 1 successors, FD is 130816, serno "));
  const auto entry = show_eigrp_entry(engine, pair.now, *net::Prefix::parse("172.16.1.1/32"));
  EXPECT_EQ(entry,
            "EIGRP-IPv4 Topology Entry for AS(1)/ID(192.168.123.2) for 172.16.1.1/32\n"
            "  State is Passive, Query origin flag is 1, 1 Successor(s), FD is 130816\n"
            "  Descriptor Blocks:\n"
            "  10.12.11.1 (GigabitEthernet0/1), from 10.12.11.1, Send flag is 0x0\n"
            "      Composite metric is (130816/128256), route is Internal\n"
            "      Vector metric:\n"
            "        Minimum bandwidth is 1000000 Kbit\n"
            "        Total delay is 5010 microseconds\n"
            "        Reliability is 255/255\n"
            "        Load is 1/255\n"
            "        Minimum MTU is 1500\n"
            "        Hop count is 1\n");
  EXPECT_EQ(show_eigrp_entry(engine, pair.now, *net::Prefix::parse("10.0.0.0/8")), "");
  EXPECT_THAT(show_eigrp_entry(engine, pair.now, *net::Prefix::parse("10.12.11.0/24")),
              HasSubstr("  0.0.0.0 (GigabitEthernet0/1), from Connected, Send flag is 0x0\n"));
  EXPECT_THAT(show_eigrp_entry(engine, pair.now, *net::Prefix::parse("10.12.11.0/24")),
              HasSubstr("        Hop count is 0\n        Originating router is 192.168.123.2\n"));
  EXPECT_THAT(show_eigrp_topology_summary(engine, pair.now),
              ::testing::MatchesRegex("EIGRP-IPv4 Topology Table for AS\\(1\\)/ID\\(192.168.123.2\\)\n"
                                      "Head serial 1, next serial [0-9]+\n"
                                      "6 routes, 0 pending replies, 0 dummies\n"
                                      "EIGRP-IPv4\\(1\\) enabled on 4 interfaces, 1 neighbors present on 1 interfaces\n"
                                      "Quiescent interfaces:  [A-Z].*\n"));
}

TEST(EigrpPair, ARouteThatLostToAnotherSource) {
  Pair pair;
  pair.advance(30s);
  auto& engine = pair.two.engine(1);
  EXPECT_THAT(show_eigrp_topology(engine, pair.now, "zero-successors"), ::testing::Not(HasSubstr(" successors, FD")));
  engine.judged(pair.now, {{*net::Prefix::parse("172.16.1.1/32"), true}});
  EXPECT_THAT(show_eigrp_topology(engine, pair.now, "zero-successors"),
              HasSubstr("P 172.16.1.1/32, 0 successors, FD is Inaccessible\n"
                        "        via 10.12.11.1 (130816/128256), GigabitEthernet0/1\n"));
  EXPECT_THAT(show_eigrp_topology(engine, pair.now, "active"), ::testing::Not(HasSubstr("172.16.1.1")));
  EXPECT_THAT(show_eigrp_why(engine, pair.now, *net::Prefix::parse("172.16.1.1/32")),
              HasSubstr("  Another source has a better route: this one is not in use, and told to nobody\n"));
}

TEST(EigrpPair, WhyTellsFeasibilityAndHistory) {
  Pair pair;
  pair.advance(30s);
  const auto text = show_eigrp_why(pair.two.engine(1), pair.now, *net::Prefix::parse("172.16.1.1/32"));
  EXPECT_THAT(text, HasSubstr("  FD is 130816, the least distance since this prefix was last Passive\n"));
  EXPECT_THAT(text, HasSubstr("    10.12.11.1 by GigabitEthernet0/1: RD 128256, distance 130816\n"
                              "      successor, in use\n"));
  EXPECT_THAT(text, HasSubstr("  History, newest last:\n    00:00:"));
}

TEST(EigrpPair, InterfacesTrafficEventsAndProtocols) {
  Pair pair;
  pair.advance(30s);
  auto& engine = pair.one.engine(1);
  EXPECT_THAT(show_eigrp_interfaces(engine, pair.now, false, nullptr),
              HasSubstr("Interface              Peers  Un/Reliable  Un/Reliable  SRTT   Un/Reliable   Flow Timer   "
                        "Routes\nGi0/1                    1        0/0       0/0 "));
  EXPECT_THAT(show_eigrp_interfaces(engine, pair.now, true, nullptr),
              HasSubstr("  Hello-interval is 5, Hold-time is 15\n  Split-horizon is enabled\n"
                        "  Next xmit serial <none>\n  Packetized sent/expedited: "));
  EXPECT_THAT(show_eigrp_interfaces(engine, pair.now, true, nullptr),
              HasSubstr("  Topology-ids on interface - 0\n  Authentication mode is not set\n"
                        "  Topologies advertised on this interface:  base\n"
                        "  Topologies not advertised on this interface:\n\n"));
  EXPECT_THAT(show_eigrp_interfaces(engine, pair.now, true, nullptr), HasSubstr("  Un/reliable mcasts: 0/"));
  EXPECT_THAT(show_eigrp_interfaces(engine, pair.now, true, nullptr),
              ::testing::ContainsRegex("  Hello's sent/expedited: [1-9][0-9]*/1\n"));
  EXPECT_THAT(show_eigrp_traffic(engine), ::testing::StartsWith("EIGRP-IPv4 Traffic Statistics for AS(1)\n"
                                                                "  Hellos sent/received: "));
  EXPECT_THAT(show_eigrp_events(engine, pair.now, {}), ::testing::StartsWith("Event information for AS 1:\n1   "));
  const auto protocols = show_eigrp_protocol(engine, pair.now);
  EXPECT_THAT(protocols, HasSubstr("Routing Protocol is \"eigrp 1\"\n"
                                   "  Outgoing update filter list for all interfaces is BLOCK_OUT\n"
                                   "  Incoming update filter list for all interfaces is BLOCK_IN\n"));
  EXPECT_THAT(protocols,
              HasSubstr("    Router-ID: 192.168.123.1\n    Topology : 0 (base) \n      Active Timer: 3 min\n"));
  EXPECT_THAT(
      protocols,
      HasSubstr(
          "  Routing for Networks:\n    10.12.11.0/24\n    172.16.1.1/32\n    172.16.100.1/32\n    192.168.122.0\n"
          "  Passive Interface(s):\n"));
  EXPECT_THAT(protocols,
              HasSubstr("    Gateway         Distance      Last Update\n    10.12.11.2            90      "));
}

}  // namespace
}  // namespace culvert::router
