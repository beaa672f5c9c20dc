// Crypto maps between configuration, IKE and dataplane: selectors of access lists, what is held, what is told.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access-lists/commands/definitions.h"
#include "config-store/store.h"
#include "ike/commands/definitions.h"
#include "router/access_list_selectors.h"
#include "router/clear_packet_log.h"
#include "router/crypto_maps.h"
#include "router/policy_hold.h"
#include "router/router.h"

namespace culvert::router {
namespace {

using access_lists::AccessList;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, {"GigabitEthernet0/0", "GigabitEthernet0/1"});
    return one;
  }();
  return *made;
}

AccessList list_of(const std::string& lines) {
  auto store = config::Store::in_memory(registry());
  EXPECT_TRUE(store->load("ip access-list extended L\n" + lines).empty());
  return *access_lists::find_access_list(*store, "L");
}

std::vector<std::string> texts_of(const ListSelectors& selectors) {
  std::vector<std::string> texts;
  for (const auto& pair : selectors.pairs)
    texts.push_back(ike::to_string(pair.local) + " > " + ike::to_string(pair.remote));
  return texts;
}

TEST(MapSelectors, AreThoseOfThePermitLines) {
  const auto found =
      selectors_of(list_of(" deny ip host 10.1.0.9 any\n permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255\n permit tcp "
                           "any host 10.2.0.1 eq 80\n"
                           " permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255\n"));
  EXPECT_THAT(texts_of(found),
              ElementsAre("10.1.0.0-10.1.0.255 > 10.2.0.0-10.2.0.255",
                          "0.0.0.0-255.255.255.255 protocol 6 > 10.2.0.1-10.2.0.1 protocol 6 ports 80-80"));
  EXPECT_THAT(found.unspeakable, IsEmpty());
}

// A selector has one range of ports; type and code of ICMP stand in one number at both ends (RFC 7296 section 3.13.1).
TEST(Checklist31, Line51_PortsAndMessageTypesBecomeSelectors) {
  EXPECT_THAT(texts_of(selectors_of(list_of(" permit udp any host 10.2.0.1 range 100 200\n"))),
              ElementsAre(HasSubstr("protocol 17 ports 100-200")));
  EXPECT_THAT(texts_of(selectors_of(list_of(" permit tcp any host 10.2.0.1 neq 80\n"))),
              ElementsAre(HasSubstr("ports 0-79"), HasSubstr("ports 81-65535")));
  EXPECT_THAT(
      texts_of(selectors_of(list_of(" permit icmp any host 10.2.0.1 echo\n"))),
      ElementsAre("0.0.0.0-255.255.255.255 protocol 1 ports 2048-2303 > 10.2.0.1-10.2.0.1 protocol 1 ports 2048-2303"));
  EXPECT_THAT(texts_of(selectors_of(list_of(" permit icmp any host 10.2.0.1 3\n"))),
              ElementsAre(HasSubstr("> 10.2.0.1-10.2.0.1 protocol 1 ports 768-1023")));
}

TEST(MapSelectors, WhatNoSelectorTellsIsSaid) {
  const auto found = selectors_of(
      list_of(" permit ip 10.0.1.0 255.0.0.255 any\n permit tcp any any established\n permit ip any any dscp ef\n"
              " permit ip any any fragments\n permit ip any host 10.2.0.1\n"));
  EXPECT_THAT(found.pairs, SizeIs(1));
  EXPECT_THAT(found.unspeakable,
              ElementsAre(UnspeakableLine{10, "scattered wildcard bits"}, UnspeakableLine{20, "TCP flags"},
                          UnspeakableLine{30, "DSCP"}, UnspeakableLine{40, "fragments"}));
}

dataplane::FlowKey packet(std::uint8_t protocol, std::uint16_t source_port, std::uint16_t destination_port) {
  return {.protocol = protocol,
          .source = htonl(0x0a010001),
          .destination = htonl(0x0a020001),
          .source_port = htons(source_port),
          .destination_port = htons(destination_port)};
}

TEST(Checklist31, Line51_ThePacketItselfAsSelectors) {
  const auto tcp = selectors_of(packet(6, 1024, 80));
  EXPECT_EQ(ike::to_string(tcp.local), "10.1.0.1-10.1.0.1 protocol 6 ports 1024-1024");
  EXPECT_EQ(ike::to_string(tcp.remote), "10.2.0.1-10.2.0.1 protocol 6 ports 80-80");
  const auto echo = selectors_of(packet(1, 8, 0));
  EXPECT_EQ(ike::to_string(echo.local), "10.1.0.1-10.1.0.1 protocol 1 ports 2048-2048");
  EXPECT_EQ(ike::to_string(echo.remote), "10.2.0.1-10.2.0.1 protocol 1 ports 2048-2048");
  EXPECT_EQ(ike::to_string(selectors_of(packet(47, 0, 0)).local), "10.1.0.1-10.1.0.1 protocol 47");
  auto fragment = packet(17, 0, 0);
  fragment.shape = dataplane::shape::later_fragment;
  EXPECT_EQ(ike::to_string(selectors_of(fragment).remote), "10.2.0.1-10.2.0.1 protocol 17");
}

TEST(MapSelectors, RangesAsPrefixes) {
  const auto prefixes = [](const char* first, const char* last) {
    ike::TrafficSelector selector;
    selector.start = *net::Address::parse(first);
    selector.end = *net::Address::parse(last);
    std::vector<std::string> texts;
    for (const auto& prefix : prefixes_of(selector)) texts.push_back(prefix.to_string());
    return texts;
  };
  EXPECT_THAT(prefixes("10.2.0.0", "10.2.0.255"), ElementsAre("10.2.0.0/24"));
  EXPECT_THAT(prefixes("0.0.0.0", "255.255.255.255"), ElementsAre("0.0.0.0/0"));
  EXPECT_THAT(prefixes("10.2.0.1", "10.2.0.4"), ElementsAre("10.2.0.1/32", "10.2.0.2/31", "10.2.0.4/32"));
  EXPECT_THAT(prefixes("255.255.255.255", "255.255.255.255"), ElementsAre("255.255.255.255/32"));
}

TEST(ClearPacketLog, ALineAMinuteForEachFlow) {
  ClearPacketLog log;
  const net::Time now{std::chrono::hours(1)};
  const auto first = log.report(now, packet(1, 8, 0));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->mnemonic, "RECVD_PKT_NOT_IPSEC");
  EXPECT_EQ(first->text,
            "Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /10.2.0.1, src_addr= 10.1.0.1, prot= 1");
  EXPECT_FALSE(log.report(now + std::chrono::seconds(59), packet(1, 0, 0)));
  EXPECT_TRUE(log.report(now + std::chrono::seconds(59), packet(6, 1, 2)));
  EXPECT_TRUE(log.report(now + std::chrono::seconds(60), packet(1, 8, 0)));
}

TEST(ClearPacketLog, OfManyFlowsSomeAreTold) {
  ClearPacketLog log;
  const net::Time now{std::chrono::hours(1)};
  std::size_t told = 0;
  for (std::uint32_t i = 0; i < 2 * ClearPacketLog::flows_max; ++i) {
    auto one = packet(17, 1, 2);
    one.source = i;
    told += log.report(now, one) ? 1 : 0;
  }
  EXPECT_EQ(told, ClearPacketLog::flows_max);
}

TEST(CryptoLists, TheMirrorExchangesTheEnds) {
  const auto list = list_of(" permit tcp host 10.1.0.1 gt 1023 10.2.0.0 0.0.0.255 eq 80\n");
  EXPECT_EQ(mirrored(list).entries, list_of(" permit tcp 10.2.0.0 0.0.0.255 eq 80 host 10.1.0.1 gt 1023\n").entries);
  EXPECT_EQ(mirrored(mirrored(list)), list);
}

// ---- Hold ----

const net::Time start{std::chrono::hours(1)};

std::shared_ptr<const CryptoList> made(const std::string& lines) { return crypto_list(list_of(lines)); }

TEST(PolicyHold, KeepsForAMinuteWhatIsNoLongerProtected) {
  PolicyHold hold;
  EXPECT_FALSE(hold.protect(start, "Gi", {made(" permit ip any host 10.2.0.1\n")}));
  EXPECT_TRUE(hold.protect(start, "Gi", {}));
  ASSERT_THAT(hold.held("Gi"), SizeIs(1));
  EXPECT_THAT(hold.expire(start + PolicyHold::span - std::chrono::seconds(1)), IsEmpty());
  EXPECT_THAT(hold.expire(start + PolicyHold::span), ElementsAre("Gi"));
  EXPECT_THAT(hold.held("Gi"), IsEmpty());
}

TEST(PolicyHold, NothingWhereTheNewLinesProtectAsMuch) {
  PolicyHold hold;
  hold.protect(start, "Gi", {made(" permit ip any host 10.2.0.1\n permit ip any host 10.2.0.2\n")});
  EXPECT_FALSE(hold.protect(start, "Gi", {made(" permit ip any host 10.2.0.2\n 30 permit ip any host 10.2.0.1\n")}));
  EXPECT_FALSE(
      hold.protect(start, "Gi", {made(" permit ip any host 10.2.0.1\n"), made(" permit ip any host 10.2.0.2\n")}));
  EXPECT_THAT(hold.held("Gi"), IsEmpty());
}

TEST(PolicyHold, ALineThatDeniesMayProtectLess) {
  PolicyHold hold;
  hold.protect(start, "Gi", {made(" permit ip any host 10.2.0.1\n")});
  EXPECT_TRUE(hold.protect(start, "Gi", {made(" deny ip host 10.1.0.9 any\n permit ip any host 10.2.0.1\n")}));
}

TEST(PolicyHold, TheSameListIsHeldOnceAndAsLongAsTheLast) {
  PolicyHold hold;
  for (int i = 0; i < 20; ++i) {
    hold.protect(start + std::chrono::seconds(i), "Gi", {made(" permit ip any host 10.2.0.1\n")});
    hold.protect(start + std::chrono::seconds(i), "Gi", {});
  }
  EXPECT_THAT(hold.held("Gi"), SizeIs(1));
  EXPECT_THAT(hold.expire(start + PolicyHold::span + std::chrono::seconds(18)), IsEmpty());
  EXPECT_THAT(hold.expire(start + PolicyHold::span + std::chrono::seconds(19)), ElementsAre("Gi"));
}

// Whatever is put together, nothing that was permitted is let go.
TEST(PolicyHold, ManyListsArePutTogether) {
  PolicyHold hold;
  constexpr int count = 30;
  for (int i = 0; i < count; ++i)
    hold.protect(start, "Gi", {made(fmt::format(" deny ip host 10.1.0.9 any\n permit ip any host 10.2.0.{}\n", i))});
  hold.protect(start, "Gi", {});
  EXPECT_THAT(hold.held("Gi"), SizeIs(PolicyHold::lists_max));
  for (std::uint32_t i = 0; i < count; ++i) {
    const access_lists::PacketFields fields{.source = 0x0a010001, .destination = 0x0a020000 + i};
    EXPECT_TRUE(std::ranges::any_of(hold.held("Gi"), [&](const auto& list) {
      const auto* line = access_lists::first_match(list->list, fields);
      return line != nullptr && line->action == access_lists::Action::permit;
    })) << i;
  }
}

TEST(PolicyHold, BeyondItsBoundEverythingIsHeld) {
  PolicyHold hold;
  for (int i = 0; i < 10; ++i) {
    AccessList big{.name = "L", .kind = access_lists::Kind::extended, .entries = {}, .remarks = {}};
    for (std::uint32_t line = 0; line < PolicyHold::lines_max / 2 + 1; ++line)
      big.entries.push_back(
          {.sequence = line + 1, .source = access_lists::WildcardAddress::host(line << 4 | static_cast<unsigned>(i))});
    hold.protect(start, "Gi", {crypto_list(std::move(big))});
  }
  ASSERT_THAT(hold.held("Gi"), SizeIs(PolicyHold::lists_max));
  ASSERT_THAT(hold.held("Gi").front()->list.entries, SizeIs(1));
  EXPECT_TRUE(hold.held("Gi").front()->list.entries.front().source.is_any());
}

// ---- Maps ----

struct Maps {
  std::unique_ptr<config::Store> store = config::Store::in_memory(registry());
  std::vector<std::string> logged;
  routing::InterfaceTable interfaces;
  CryptoMaps maps{
      {.lists = {.elsewhere = [](auto, auto) {}, .compiled = [] {}},
       .log = [this](const LogMessage& message) { logged.push_back(message.mnemonic + ": " + message.text); }}};

  Maps() {
    interfaces.configure(start, {{.name = "GigabitEthernet0/0", .address = net::Prefix::parse("192.0.2.1/24")},
                                 {.name = "GigabitEthernet0/1", .address = net::Prefix::parse("192.0.3.1/24")},
                                 {.name = "Loopback0", .address = net::Prefix::parse("203.0.113.1/32")}});
    for (const auto* port : {"GigabitEthernet0/0", "GigabitEthernet0/1"})
      interfaces.port(start, port, {.mac = "", .carrier = true});
  }
  void type(const std::string& lines) {
    for (const auto& refused : store->load(lines)) ADD_FAILURE() << refused.line << ": " << refused.message();
    maps.configure(start, *store, true);
  }
  ike::Configuration told() {
    auto configuration = ike::configuration_of(*store);
    maps.add_to(configuration, interfaces);
    return configuration;
  }
};

const std::string entry =
    "crypto ikev2 profile P\n"
    "crypto map CMAP 10 ipsec-isakmp\n set peer 198.51.100.2\n set peer 198.51.100.3\n set pfs group14\n"
    " set security-association lifetime seconds 1200\n set security-association level multi\n"
    " set ikev2-profile P\n match address 101\n";
const std::string applied = "interface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n crypto map CMAP\n";
const std::string lines = "access-list 101 permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255\n";

TEST(CryptoMaps, ACompleteEntryIsATunnelOnDemand) {
  Maps maps;
  maps.type(entry + applied + lines);
  const auto told = maps.told();
  ASSERT_TRUE(told.tunnels.contains("CMAP 10 GigabitEthernet0/0"));
  const auto& tunnel = told.tunnels.at("CMAP 10 GigabitEthernet0/0");
  EXPECT_TRUE(tunnel.up && tunnel.on_demand);
  EXPECT_EQ(tunnel.local.to_string(), "192.0.2.1");
  EXPECT_EQ(tunnel.remote.to_string(), "198.51.100.2");
  EXPECT_THAT(tunnel.further_remotes, ElementsAre(*net::Address::parse("198.51.100.3")));
  EXPECT_THAT(tunnel.pairs, SizeIs(1));
  EXPECT_EQ(tunnel.level, ike::SaLevel::multi);
  EXPECT_EQ(tunnel.sequence, 10u);
  const auto* profile = told.ipsec_profile(tunnel.ipsec_profile);
  ASSERT_NE(profile, nullptr);
  EXPECT_EQ(profile->ikev2_profile, "P");
  EXPECT_EQ(profile->lifetime_s, 1200u);
  EXPECT_EQ(profile->pfs, ike::Group::modp_2048);
  ASSERT_THAT(maps.maps.policies()["GigabitEthernet0/0"], SizeIs(1));
}

TEST(CryptoMaps, WithoutPeerOrListThereIsNoPolicy) {
  Maps maps;
  maps.type(
      "crypto map CMAP 10 ipsec-isakmp\n set peer 198.51.100.2\n match address 101\n"
      "crypto map CMAP 20 ipsec-isakmp\n match address 102\naccess-list 102 permit ip any any\n" +
      applied);
  EXPECT_THAT(maps.maps.policies(), IsEmpty());
  EXPECT_THAT(maps.told().tunnels, IsEmpty());
  maps.type(lines);
  EXPECT_THAT(maps.maps.policies()["GigabitEthernet0/0"], SizeIs(1));
}

TEST(CryptoMaps, AListThatGoesIsHeldAndSaid) {
  Maps maps;
  maps.type(entry + applied + lines);
  EXPECT_THAT(maps.logged, IsEmpty());
  maps.type("no access-list 101\n");
  auto parts = maps.maps.policies()["GigabitEthernet0/0"];
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_EQ(parts[0].tunnel, "");
  EXPECT_THAT(maps.logged, ElementsAre(HasSubstr("is dropped for 60 seconds")));
  maps.type(lines);
  parts = maps.maps.policies()["GigabitEthernet0/0"];
  ASSERT_THAT(parts, SizeIs(1)) << "what is protected again is not held";
  EXPECT_EQ(parts[0].tunnel, "CMAP 10 GigabitEthernet0/0");
  maps.type("no access-list 101\naccess-list 101 permit ip host 10.1.0.7 any\n");
  parts = maps.maps.policies()["GigabitEthernet0/0"];
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[0].tunnel, "CMAP 10 GigabitEthernet0/0") << "what is held is asked last";
  EXPECT_EQ(parts[1].tunnel, "");
  maps.maps.clear_hold();
  EXPECT_THAT(maps.maps.policies()["GigabitEthernet0/0"], SizeIs(1));
}

TEST(CryptoMaps, ALocalAddressIsSharedByInterfaces) {
  Maps maps;
  maps.type("interface Loopback0\n ip address 203.0.113.1 255.255.255.255\n" + entry + applied +
            "interface GigabitEthernet0/1\n crypto map CMAP\ncrypto map CMAP local-address Loopback0\n" + lines);
  const auto told = maps.told();
  ASSERT_THAT(told.tunnels, SizeIs(1));
  EXPECT_EQ(told.tunnels.begin()->first, "CMAP 10 Loopback0");
  EXPECT_EQ(told.tunnels.begin()->second.local.to_string(), "203.0.113.1");
  EXPECT_THAT(maps.maps.policies(), SizeIs(2));
}

TEST(CryptoMaps, AnInterfaceThatIsDownHasNoTunnel) {
  Maps maps;
  maps.type(entry + applied + lines);
  maps.interfaces.port(start, "GigabitEthernet0/0", {.mac = "", .carrier = false});
  EXPECT_FALSE(maps.told().tunnels.at("CMAP 10 GigabitEthernet0/0").up);
}

TEST(CryptoMaps, RoutesComeWithTheSaOrStayForEver) {
  Maps maps;
  maps.type(entry + " reverse-route\n" + applied + lines);
  EXPECT_THAT(maps.maps.routes(), IsEmpty());
  ike::TrafficSelector remote;
  remote.start = *net::Address::parse("10.2.0.0");
  remote.end = *net::Address::parse("10.2.0.255");
  const std::string tunnel = "CMAP 10 GigabitEthernet0/0";
  EXPECT_TRUE(maps.maps.standing(tunnel, net::Address::parse("198.51.100.3"), {remote}));
  EXPECT_FALSE(maps.maps.standing(tunnel, net::Address::parse("198.51.100.3"), {remote}));
  EXPECT_THAT(maps.maps.routes(), ElementsAre(InjectedRoute{"GigabitEthernet0/0", *net::Prefix::parse("10.2.0.0/24"),
                                                            *net::Address::parse("198.51.100.3")}));
  EXPECT_TRUE(maps.maps.standing(tunnel, std::nullopt, {}));
  EXPECT_THAT(maps.maps.routes(), IsEmpty());
  maps.type("crypto map CMAP 10\n reverse-route static\n");
  EXPECT_THAT(maps.maps.routes(), ElementsAre(InjectedRoute{"GigabitEthernet0/0", *net::Prefix::parse("10.2.0.0/24"),
                                                            *net::Address::parse("198.51.100.2")}));
}

TEST(CryptoMaps, ALineThatNoSelectorTellsIsLoggedOnce) {
  Maps maps;
  maps.type(entry + applied + lines + "access-list 101 permit ip any any dscp ef\n");
  maps.type("hostname other\n");
  EXPECT_THAT(maps.logged,
              ElementsAre("MAP_INCAPABLE: crypto map CMAP 10: access list 101, line 20: no traffic selector tells "
                          "DSCP; what it permits is dropped"));
}

TEST(CryptoMaps, AProfileThatIsNotThereIsLogged) {
  Maps maps;
  maps.type("crypto map CMAP 10 ipsec-isakmp\n set peer 198.51.100.2\n match address 101\n" + applied + lines);
  EXPECT_THAT(maps.logged,
              ElementsAre("MAP_INCAPABLE: crypto map CMAP 10 has no IKEv2 profile; what it permits is dropped"));
  maps.type("crypto map CMAP 10\n set ikev2-profile GONE\n");
  EXPECT_THAT(maps.logged, SizeIs(2));
}

}  // namespace
}  // namespace culvert::router
