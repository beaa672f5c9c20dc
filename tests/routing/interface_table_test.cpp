#include "routing/interfaces/interface_table.h"

#include <gtest/gtest.h>

namespace culvert::routing {
namespace {

using What = InterfaceEvent::What;

InterfaceSettings with_address(std::string name, const char* prefix) {
  InterfaceSettings settings{.name = std::move(name)};
  settings.address = net::Prefix::parse(prefix);
  return settings;
}

InterfaceSettings tunnel(std::string source) {
  auto settings = with_address("Tunnel1", "10.255.0.1/30");
  settings.tunnel_source = std::move(source);
  settings.tunnel_destination = net::Address::parse("198.51.100.2");
  settings.tunnel_is_ipsec = true;
  return settings;
}

std::vector<std::pair<What, std::string>> drain(InterfaceTable& table) {
  std::vector<std::pair<What, std::string>> events;
  while (const auto event = table.poll()) events.emplace_back(event->what, event->interface);
  return events;
}

TEST(InterfaceNames, ShortAndOrdered) {
  EXPECT_EQ(short_name("GigabitEthernet0/0"), "Gi0/0");
  EXPECT_EQ(short_name("Tunnel10"), "Tu10");
  EXPECT_TRUE(listed_before("GigabitEthernet0/2", "GigabitEthernet0/10"));
  EXPECT_TRUE(listed_before("GigabitEthernet0/2", "Loopback0"));
  EXPECT_TRUE(listed_before("Tunnel2", "Tunnel10"));
  EXPECT_FALSE(listed_before("Tunnel2", "Tunnel2"));
}

TEST(InterfaceTable, PortFollowsCarrierAndShutdown) {
  InterfaceTable table;
  const net::Time now{};
  auto port = with_address("GigabitEthernet0/0", "192.0.2.2/24");
  table.configure(now, {port});
  EXPECT_TRUE(drain(table).empty()) << "no carrier is known yet";
  table.port(now, port.name, {.mac = "", .mtu = 1500, .carrier = true});
  EXPECT_EQ(drain(table),
            (std::vector<std::pair<What, std::string>>{{What::line_up, port.name}, {What::protocol_up, port.name}}));
  port.shutdown = true;
  table.configure(now, {port});
  EXPECT_EQ(drain(table), (std::vector<std::pair<What, std::string>>{{What::administratively_down, port.name},
                                                                     {What::protocol_down, port.name}}));
}

TEST(InterfaceTable, TunnelNeedsSourceDestinationAndSa) {
  InterfaceTable table;
  const net::Time now{};
  table.port(now, "GigabitEthernet0/0", {.mac = "", .mtu = 1500, .carrier = true});
  const auto port = with_address("GigabitEthernet0/0", "192.0.2.2/24");
  table.configure(now, {port, tunnel(port.name)});
  EXPECT_TRUE(table.find("Tunnel1")->line_up);
  EXPECT_FALSE(table.find("Tunnel1")->protocol_up);
  table.tunnel_secured(now, "Tunnel1", true);
  EXPECT_TRUE(table.find("Tunnel1")->protocol_up);
  EXPECT_EQ(table.tunnel_source_address(*table.find("Tunnel1")), net::Address::parse("192.0.2.2"));
  table.port(now, port.name, {.mac = "", .mtu = 1500, .carrier = false});
  EXPECT_FALSE(table.find("Tunnel1")->line_up) << "its source is gone";
  table.configure(now, {port, tunnel("203.0.113.1")});
  EXPECT_FALSE(table.tunnel_source_address(*table.find("Tunnel1"))) << "not an address of ours";
}

TEST(InterfaceTable, RemovedInterfaceIsForgotten) {
  InterfaceTable table;
  table.configure({}, {with_address("Loopback0", "10.0.0.1/32")});
  EXPECT_NE(table.owner_of(*net::Address::parse("10.0.0.1")), nullptr);
  table.configure({}, {});
  EXPECT_EQ(table.find("Loopback0"), nullptr);
}

}  // namespace
}  // namespace culvert::routing
