// Two hosts with default offloads on either side of a router ping and speak TCP through it, and the kernel below the
// router's ports says nothing.
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "tests/dataplane/veth_lab.h"

namespace culvert::dataplane::test {
namespace {

TEST_F(Lab, PortsAreDescribed) {
  const auto ports = lab->plane->ports();
  ASSERT_EQ(ports.size(), 2u);
  EXPECT_EQ(ports[0].name, "Gi0/0");
  EXPECT_EQ(ports[0].mtu, 1500);
  EXPECT_TRUE(ports[0].link_up);
  EXPECT_FALSE(ports[0].mac.is_zero());
}

TEST_F(Lab, HostsPingThroughTheRouter) {
  while_serving([&] {
    const auto answer = ping(lab->left, "10.2.0.2");
    EXPECT_EQ(answer.from, "10.2.0.2") << drops();
    EXPECT_EQ(answer.type, ICMP_ECHOREPLY);
    EXPECT_EQ(answer.ttl, 63);
  });
}

TEST_F(Lab, TheRouterAnswersPing) {
  while_serving([&] {
    EXPECT_EQ(ping(lab->left, "10.1.0.1").type, ICMP_ECHOREPLY) << drops();
    EXPECT_EQ(ping(lab->left, "10.2.0.1").from, "10.2.0.1") << drops();
  });
}

TEST_F(Lab, TtlAndRoutesEndHere) {
  while_serving([&] {
    const auto expired = ping(lab->left, "10.2.0.2", 1);
    EXPECT_EQ(expired.from, "10.1.0.1") << drops();
    EXPECT_EQ(expired.type, ICMP_TIME_EXCEEDED);
    EXPECT_EQ(ping(lab->left, "192.0.2.1").type, ICMP_DEST_UNREACH) << drops();
  });
}

TEST_F(Lab, ANeighborThatIsNotThereIsUnreachable) {
  while_serving([&] {
    const auto answer = ping(lab->left, "10.2.0.77");
    EXPECT_EQ(answer.type, ICMP_DEST_UNREACH) << drops();
    EXPECT_EQ(answer.from, "10.1.0.1");
  });
}

TEST_F(Lab, TcpCrossesWithDefaultOffloads) {
  constexpr std::size_t octets = 16 << 20;
  while_serving([&] {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(transfer(lab->left, lab->right, "10.2.0.2", octets), octets) << drops();
    EXPECT_EQ(transfer(lab->right, lab->left, "10.1.0.2", octets), octets) << drops();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    RecordProperty("mbit_per_s", static_cast<int>(2.0 * octets * 8 / took.count() / 1e6));
  });
}

// A datagram of several fragments crosses as the fragments its sender made of it.
TEST_F(Lab, FragmentsCross) {
  while_serving([&] {
    const int from = lab->left.open(AF_INET, SOCK_DGRAM, 0), to = lab->right.open(AF_INET, SOCK_DGRAM, 0);
    const auto there = endpoint("10.2.0.2", 7777);
    ASSERT_EQ(bind(to, reinterpret_cast<const sockaddr*>(&there), sizeof there), 0);
    const int no_discovery = IP_PMTUDISC_DONT;
    setsockopt(from, IPPROTO_IP, IP_MTU_DISCOVER, &no_discovery, sizeof no_discovery);
    std::vector<char> sent(9000, 'f'), received(10'000);
    ASSERT_EQ(sendto(from, sent.data(), sent.size(), 0, reinterpret_cast<const sockaddr*>(&there), sizeof there),
              static_cast<ssize_t>(sent.size()));
    EXPECT_EQ(recv(to, received.data(), received.size(), 0), static_cast<ssize_t>(sent.size())) << drops();
    close(from);
    close(to);
  });
}

// The packets of a routing protocol: in by the group that the port joined, out to the group, whatever routes say.
TEST_F(Lab, EigrpComesAndGoesByItsGroup) {
  const auto stations = [] {
    std::string text;
    lab->router.inside([&] {
      std::ifstream file("/proc/thread-self/net/dev_mcast");
      text.assign(std::istreambuf_iterator<char>(file), {});
    });
    return text;
  };
  EXPECT_EQ(stations().find("01005e00000a"), std::string::npos);
  lab->configure({*net::Address::parse("224.0.0.10")});
  EXPECT_NE(stations().find("01005e00000a"), std::string::npos);
  const auto fd = lab->left.open(AF_INET, SOCK_RAW, 88);
  ip_mreqn group{};
  group.imr_multiaddr = endpoint("224.0.0.10", 0).sin_addr;
  lab->left.ns.inside([&] { group.imr_ifindex = static_cast<int>(if_nametoindex("eth0")); });
  ASSERT_EQ(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group), 0);
  ASSERT_EQ(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group), 0);
  const auto to = endpoint("224.0.0.10", 0);
  std::vector<Punted> punted;
  while_serving([&] {
    sendto(fd, "hello", 5, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    EXPECT_EQ(ping(lab->left, "10.1.0.1").type, ICMP_ECHOREPLY) << drops();  // behind it in the port's queue
  });
  for (int look = 0; look < 200 && punted.empty(); ++look) {
    pollfd waited{lab->plane->punt_fd(), POLLIN, 0};
    poll(&waited, 1, 20);
    lab->plane->service(now());
    punted = lab->plane->take_punted();
  }
  ASSERT_EQ(punted.size(), 1u) << drops();
  EXPECT_EQ(punted[0].kind, PuntKind::eigrp);
  EXPECT_EQ(punted[0].interface, "Gi0/0");
  // The answer: the same packet from the router.
  auto& packet = punted[0].packet;
  packet[15] = std::byte{1};
  packet[11] = static_cast<std::byte>(std::to_integer<int>(packet[11]) + 1);
  EXPECT_TRUE(lab->plane->inject_on("Gi0/0", packet));
  EXPECT_FALSE(lab->plane->inject_on("Gi0/9", packet));
  std::array<char, 100> heard{};
  sockaddr_in from{};
  do {
    socklen_t size = sizeof from;
    ASSERT_GE(recvfrom(fd, heard.data(), heard.size(), 0, reinterpret_cast<sockaddr*>(&from), &size), 25) << drops();
  } while (from.sin_addr.s_addr != endpoint("10.1.0.1", 0).sin_addr.s_addr);
  EXPECT_EQ(std::string(&heard[20], 5), "hello");
  close(fd);
  lab->configure({});
  EXPECT_EQ(stations().find("01005e00000a"), std::string::npos);
}

// The kernel had an address when the port was taken over, and is given another: it answers for neither.
TEST_F(Lab, TheKernelIsSilent) {
  lab->router.ip("addr add 10.1.0.78/24 dev p0");
  const auto fd = lab->left.open(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ARP));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_ARP);
  lab->left.ns.inside([&] { to.sll_ifindex = static_cast<int>(if_nametoindex("eth0")); });
  to.sll_halen = 6;
  std::fill_n(to.sll_addr, 6, 0xff);
  const auto ask = [&](std::uint8_t last) {
    const std::array<std::uint8_t, 28> request{0,  1, 8, 0,  6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
                                               10, 1, 0, 50, 0, 0, 0, 0, 0, 0, 10, 1, 0, last};
    sendto(fd, request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  };
  while_serving([&] {
    ask(9);
    ask(78);
    ask(1);  // ours, asked last: an answer of the kernel's would come before
    std::array<std::uint8_t, 64> answer{};
    do {
      const auto got = recv(fd, answer.data(), answer.size(), 0);
      ASSERT_GE(got, 28) << drops();
    } while (answer[7] != 2);
    EXPECT_EQ(answer[17], 1) << "the kernel answered for 10.1.0." << int{answer[17]};
  });
  close(fd);
}

// Without packets the worker makes no turns: a spinning one would never be seen with the same count twice.
TEST_F(Lab, AnIdleRouterSleeps) {
  auto before = lab->plane->workers().at(0).turns;
  bool still = false;
  for (int look = 0; look < 200 && !still; ++look) {
    pollfd waited{lab->plane->punt_fd(), POLLIN, 0};
    poll(&waited, 1, 20);
    lab->plane->service(now());
    still = lab->plane->workers().at(0).turns == std::exchange(before, lab->plane->workers().at(0).turns);
  }
  EXPECT_TRUE(still);
  EXPECT_GT(lab->plane->workers().at(0).sleeps, 0u);
}

// Everything to 10.2.0.0/24 is protected; the tunnel's ends are the router and the right host.
std::shared_ptr<const CryptoPolicy> policy_to_the_right() {
  CryptoPolicyEntry entry{.tunnel = "MAP 10 Gi0/1",
                          .outbound = Classifier::plain({{.destination = {0x0a020000, 0xffffff00}}}),
                          .inbound = Classifier::plain({{.source = {0x0a020000, 0xffffff00}}}),
                          .permits = {true}};
  entry.path.local = *net::Address::parse("10.2.0.1");
  entry.path.remote = *net::Address::parse("10.2.0.2");
  return std::make_shared<const CryptoPolicy>(CryptoPolicy{{entry}});
}

SaParameters outbound_sa() {
  SaParameters p{.direction = SaDirection::outbound, .spi = 4096};
  p.cipher_key = net::Secret(net::Bytes(20, std::byte{7}));
  p.local = *net::Address::parse("10.2.0.1");
  p.remote = *net::Address::parse("10.2.0.2");
  return p;
}

TEST_F(Lab, ThePacketThatAsksForAnSaIsSentOnceItIsThere) {
  auto& plane = *lab->plane;
  lab->configure({}, policy_to_the_right());
  const auto from = lab->left.open(AF_INET, SOCK_DGRAM, 0), to = lab->right.open(AF_INET, SOCK_RAW, IPPROTO_ESP);
  const auto target = endpoint("10.2.0.2", 9);
  const std::string text = "kept";
  sendto(from, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
  std::vector<Punted> wanted;
  while (wanted.empty()) {
    pollfd waited{plane.punt_fd(), POLLIN, 0};
    ASSERT_EQ(poll(&waited, 1, 20'000), 1) << drops();
    plane.service(now());
    for (auto& punted : plane.take_punted())
      if (punted.kind == PuntKind::want_sa) wanted.push_back(std::move(punted));
  }
  EXPECT_EQ(wanted[0].interface, "MAP 10 Gi0/1");
  EXPECT_EQ(wanted[0].flow.destination, target.sin_addr.s_addr);
  EXPECT_EQ(wanted[0].flow.destination_port, htons(9));
  EXPECT_FALSE(plane.has_outbound_sa("MAP 10 Gi0/1"));
  const auto handle = plane.install_sa("MAP 10 Gi0/1", outbound_sa());
  ASSERT_TRUE(handle) << handle.error();
  ssize_t got = -1;
  std::array<std::uint8_t, 256> packet{};
  while_serving([&] { got = recv(to, packet.data(), packet.size(), 0); });
  ASSERT_GT(got, 28) << drops();
  EXPECT_EQ(packet[9], IPPROTO_ESP);
  EXPECT_EQ(plane.sa_statistics(*handle)->packets, 1u);
  EXPECT_TRUE(plane.tunnel_mtu("MAP 10 Gi0/1"));
  lab->configure({}, policy_to_the_right());  // applied again
  EXPECT_TRUE(plane.has_outbound_sa("MAP 10 Gi0/1"));
  lab->configure({});
  EXPECT_FALSE(plane.has_outbound_sa("MAP 10 Gi0/1"));
  plane.remove_sa(*handle);
  close(from);
  close(to);
}

TEST_F(Lab, ClearPacketsOfAProtectedNetworkAreToldToControl) {
  auto& plane = *lab->plane;
  lab->configure({}, policy_to_the_right());
  const auto from = lab->right.open(AF_INET, SOCK_DGRAM, 0);
  const auto target = endpoint("10.1.0.2", 9);
  sendto(from, "clear", 5, 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
  std::vector<ClearPacket> told;
  while (told.empty()) {
    pollfd waited{plane.punt_fd(), POLLIN, 0};
    ASSERT_EQ(poll(&waited, 1, 20'000), 1) << drops();
    plane.service(now());
    told = plane.take_clear_packets();
  }
  EXPECT_EQ(told[0].interface, "Gi0/1");
  EXPECT_EQ(told[0].flow.destination, target.sin_addr.s_addr);
  lab->configure({});
  close(from);
}

}  // namespace
}  // namespace culvert::dataplane::test

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--user-namespace") culvert::test::enter_user_namespace();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
