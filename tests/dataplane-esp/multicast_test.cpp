// The multicast of a routing protocol crosses a tunnel: sealed by its SA, opened at the peer, and there the tunnel's
// own.
#include <gtest/gtest.h>

#include "tests/dataplane-esp/gateway.h"

namespace culvert::dataplane::test {
namespace {

using Seen = std::vector<std::pair<PuntReason, InterfaceIndex>>;

constexpr std::uint32_t eigrp_group = 0xe000000a;

Ipv4 hello(std::size_t octets, std::uint32_t to = eigrp_group) {
  return {
      .source = 0xac100001, .destination = to, .ttl = 1, .protocol = 88, .options = {}, .payload = net::Bytes(octets)};
}

struct Ends {
  Bench bench;
  Gateway hq{bench, false}, branch{bench, true};
  Ends() { branch.tables.interfaces[tunnel].groups = {eigrp_group}; }
  void secure() {
    hq.secure();
    branch.secure();
  }
};

TEST(MulticastThroughATunnel, IsSealedOpenedAndPunted) {
  Ends ends;
  ends.secure();
  const auto sealed = ends.hq.send_on(tunnel, build(hello(40)));
  ASSERT_EQ(sealed.size(), 1u);
  EXPECT_EQ(sealed[0].at(9), std::byte{50}) << "not in the clear";
  EXPECT_TRUE(ends.branch.carry(sealed, wan).empty());
  EXPECT_EQ(ends.branch.take_punted(), (Seen{{PuntReason::eigrp, tunnel}}));
}

TEST(MulticastThroughATunnel, GroupsOfOtherInterfacesAreNotTheTunnels) {
  Ends ends;
  ends.secure();
  ends.branch.tables.interfaces[tunnel].groups.clear();
  ends.branch.tables.interfaces[wan].groups = {eigrp_group};
  ends.branch.carry(ends.hq.send_on(tunnel, build(hello(40))), wan);
  EXPECT_TRUE(ends.branch.take_punted().empty());
  EXPECT_EQ(ends.branch.dropped(Drop::group_not_joined), 1u);
}

TEST(MulticastThroughATunnel, UnicastNeedsNoRoute) {
  Ends ends;
  ends.secure();
  ends.branch.tables.own[0xac100002] = {tunnel, false};
  ends.branch.carry(ends.hq.send_on(tunnel, build(hello(40, 0xac100002))), wan);
  EXPECT_EQ(ends.branch.take_punted(), (Seen{{PuntReason::eigrp, tunnel}}));
}

// A full update at the tunnel's MTU is cut before it is sealed, and whole again at the peer.
TEST(MulticastThroughATunnel, FullSizeIsCutAndComesTogether) {
  Ends ends;
  ends.secure();
  const auto sealed = ends.hq.send_on(tunnel, build(hello(1480)));
  EXPECT_EQ(sealed.size(), 2u);
  ends.branch.carry(sealed, wan);
  EXPECT_EQ(ends.branch.take_punted(), (Seen{{PuntReason::eigrp, tunnel}}));
}

TEST(MulticastThroughATunnel, NothingLeavesWithoutAnSa) {
  Ends ends;
  EXPECT_TRUE(ends.hq.send_on(tunnel, build(hello(40))).empty());
  EXPECT_EQ(ends.hq.dropped(Drop::tunnel_down), 1u);
}

}  // namespace
}  // namespace culvert::dataplane::test
