// Rekeys as the RFC draws them (RFC 7296 §1.3.2, §1.3.3, §2.8, §2.25), and each way in which two of them meet.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using ::testing::ElementsAre;
using wire::ExchangeType;

class Rekey : public ::testing::Test {
 protected:
  Rekey() {
    for (auto* node : {&hq, &branch}) node->configuration.profiles["P"].dpd.reset();
  }
  void TearDown() override { EXPECT_EQ(world.broken, ""); }

  // hq initiates; what branch begins is lost until the tunnel stands.
  void establish() {
    world.network.lose = [this](const Datagram& d) {
      return d.from.address == branch.address && !d.header()->is_response;
    };
    branch.configure(branch.configuration);
    hq.configure(hq.configuration);
    ASSERT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 5s));
    world.advance(2min);
    world.network.lose = {};
    world.network.log.clear();
    world.network.keep_log = true;
    world.make_before_break = true;
  }
  // What the dataplane would say at the soft limit of the child in use.
  void rekey_child(Node& node) { node.report_end(node.sending("Tunnel1")->child, Expiry::kilobytes); }
  void settle() { world.advance(10s); }
  std::vector<std::string> said(const Node& node) const { return said_by(world, node.address); }

  // Lets the first datagram of this kind from `node` be lost, and only that one.
  void lose_once(const Node& node, ExchangeType exchange, bool response) {
    world.network.lose = [this, from = node.address, exchange, response, left = 1](const Datagram& d) mutable {
      const auto header = d.header();
      const bool hit =
          left > 0 && d.from.address == from && header->exchange == exchange && header->is_response == response;
      left -= hit;
      return hit;
    };
  }
  // Child rekeys that both ends begin in this moment.
  void cross() {
    rekey_child(hq);
    rekey_child(branch);
  }
  std::uint64_t rekeys() const {
    return hq.engine().statistics().child_rekeys + branch.engine().statistics().child_rekeys;
  }
  std::uint64_t collisions() const {
    return hq.engine().statistics().rekey_collisions + branch.engine().statistics().rekey_collisions;
  }
  // One child, another than before, and no new IKE_SA_INIT.
  void expect_replaced(std::uint32_t old_spi) {
    EXPECT_TRUE(World::joined(hq, branch));
    EXPECT_NE(hq.sending("Tunnel1")->inbound_spi, old_spi);
    EXPECT_EQ(hq.engine().statistics().initiated, 1u);
  }

  World world{{.seed = 31}};
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
};

// ---- Child SAs

// HDR, SK {N(REKEY_SA), SA, Ni, TSi, TSr}  -->
//                                        <--  HDR, SK {SA, Nr, TSi, TSr}
// HDR, SK {D(old)}                         -->
//                                        <--  HDR, SK {D(old)}
TEST_F(Rekey, ChildByItsInitiator) {
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  rekey_child(hq);
  settle();
  EXPECT_THAT(said(hq), ElementsAre("CREATE_CHILD_SA request 2", "INFORMATIONAL request 3"));
  EXPECT_THAT(said(branch), ElementsAre("CREATE_CHILD_SA response 2", "INFORMATIONAL response 3"));
  expect_replaced(old);
  EXPECT_EQ(hq.engine().statistics().child_rekeys, 1u);
  EXPECT_EQ(branch.engine().statistics().child_rekeys, 1u);
}

TEST_F(Rekey, ChildByTheResponderOfTheIkeSa) {
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  rekey_child(branch);
  settle();
  EXPECT_THAT(said(branch), ElementsAre("CREATE_CHILD_SA request 0", "INFORMATIONAL request 1"));
  EXPECT_TRUE(branch.sending("Tunnel1")->initiator);
  expect_replaced(old);
}

// The responder holds the new SA before it answers, and sends on the old one until that is deleted (§2.8).
TEST_F(Rekey, ResponderReceivesFirstAndSendsLast) {
  establish();
  const auto old = branch.sending("Tunnel1")->outbound_spi;
  rekey_child(hq);
  ASSERT_TRUE(world.run_until([&] { return branch.installed.size() == 2; }, 1s));
  EXPECT_EQ(hq.installed.size(), 1u);
  EXPECT_EQ(branch.sending("Tunnel1")->outbound_spi, old);
  ASSERT_TRUE(world.run_until([&] { return hq.installed.size() == 2; }, 1s));
  EXPECT_EQ(branch.sending("Tunnel1")->outbound_spi, old);
  ASSERT_TRUE(world.run_until([&] { return branch.sending("Tunnel1")->outbound_spi != old; }, 1s));
  EXPECT_EQ(hq.installed.size(), 2u);      // the old one receives until its Delete is answered
  EXPECT_EQ(branch.installed.size(), 2u);  // and here what is still on its way
}

// A packet on the new SA proves that the initiator holds it (§2.8), though its Delete is lost.
TEST_F(Rekey, TrafficOnTheNewSaMovesTheResponder) {
  establish();
  const auto old = branch.sending("Tunnel1")->outbound_spi;
  lose_once(hq, ExchangeType::informational, false);
  rekey_child(hq);
  ASSERT_TRUE(world.run_until([&] { return hq.installed.size() == 2; }, 1s));
  world.advance(100ms);
  EXPECT_EQ(branch.sending("Tunnel1")->outbound_spi, old);
  branch.report_received(branch.installed.front().receive_only ? branch.installed.front().child
                                                               : branch.installed.back().child);
  EXPECT_NE(branch.sending("Tunnel1")->outbound_spi, old);
  settle();
  EXPECT_TRUE(World::joined(hq, branch));
}

TEST_F(Rekey, ChildByTime) {
  for (auto* node : {&hq, &branch}) node->configuration.ipsec_profiles["I"].lifetime_s = 600;
  establish();
  world.advance(1h);
  EXPECT_GE(rekeys(), 12u);  // six lifetimes and more, counted at both ends
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 10s));
  EXPECT_EQ(hq.engine().statistics().initiated, 1u);
  EXPECT_FALSE(hq.heard_of(EventKind::child_down, "lifetime reached"));
}

TEST_F(Rekey, VolumesAreToldWithTheirSoftLimit) {
  establish();
  const auto& sa = *hq.sending("Tunnel1");
  EXPECT_EQ(sa.lifetime_kb, 4608000u);
  EXPECT_GE(sa.rekey_kb, 4608000u / 10 * 8);
  EXPECT_LE(sa.rekey_kb, 4608000u / 10 * 9);
}

class WithPfs : public Rekey, public ::testing::WithParamInterface<Group> {};

// HDR, SK {N(REKEY_SA), SA, Ni, KEi, TSi, TSr}  -->
//                                             <--  HDR, SK {SA, Nr, KEr, TSi, TSr}
TEST_P(WithPfs, BothEndsAgree) {
  for (auto* node : {&hq, &branch}) node->configuration.ipsec_profiles["I"].pfs = GetParam();
  establish();
  EXPECT_EQ(hq.engine().show(world.now).front().children.front().pfs, std::nullopt);
  rekey_child(hq);
  settle();
  EXPECT_EQ(hq.engine().show(world.now).front().children.front().pfs, GetParam());
  rekey_child(branch);
  settle();
  EXPECT_EQ(branch.engine().show(world.now).front().children.front().pfs, GetParam());
  EXPECT_EQ(rekeys(), 4u);
}
INSTANTIATE_TEST_SUITE_P(Groups, WithPfs, ::testing::ValuesIn([] {
                           std::vector<Group> all;
                           for (const auto& row : groups()) all.push_back(row.group);
                           return all;
                         }()),
                         [](const auto& given) { return "group" + std::string(traits(given.param).keyword); });

// Without PFS of our own we accept the group of a peer that wants it, if our IKE proposals permit it.
TEST_F(Rekey, PfsOfThePeerIsAcceptedWhereItsGroupIsPermitted) {
  hq.configuration.ipsec_profiles["I"].pfs = Group::ecp_256;
  establish();
  rekey_child(hq);
  settle();
  EXPECT_EQ(branch.engine().show(world.now).front().children.front().pfs, Group::ecp_256);
}

TEST_F(Rekey, PfsOfThePeerIsRefusedWhereItsGroupIsNot) {
  hq.configuration.ipsec_profiles["I"].pfs = Group::ecp_384;
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  rekey_child(hq);
  settle();
  EXPECT_EQ(hq.sending("Tunnel1")->inbound_spi, old);
  EXPECT_TRUE(hq.heard_of(EventKind::child_failed, "NO_PROPOSAL_CHOSEN"));
}

TEST_F(Rekey, PfsThatWeDemandIsDemanded) {
  branch.configuration.ipsec_profiles["I"].pfs = Group::ecp_256;
  establish();
  rekey_child(hq);
  settle();
  EXPECT_TRUE(hq.heard_of(EventKind::child_failed, "NO_PROPOSAL_CHOSEN"));
  rekey_child(branch);
  settle();
  EXPECT_EQ(hq.engine().show(world.now).front().children.front().pfs, Group::ecp_256);
}

// §2.8.1, first picture: both requests cross. Three pairs stand for a moment, one is left, and nobody sends on what
// the other does not hold. Whichever nonce is lowest, both ends come to the same.
TEST_F(Rekey, ChildrenThatCross) {
  establish();
  std::set<bool> survivors;
  for (int round = 1; round <= 20; ++round) {
    const auto old = hq.sending("Tunnel1")->inbound_spi;
    cross();
    ASSERT_TRUE(world.run_until([&] { return hq.installed.size() == 3 || branch.installed.size() == 3; }, 1s));
    settle();
    expect_replaced(old);
    EXPECT_EQ(collisions(), 2u * static_cast<unsigned>(round));
    survivors.insert(hq.sending("Tunnel1")->initiator);
  }
  EXPECT_EQ(survivors.size(), 2u);
}

// §2.8.1, second picture: req1 is lost, the peer has finished when it comes again: CHILD_SA_NOT_FOUND, and no harm.
TEST_F(Rekey, ChildrenThatCrossWithTheFirstRequestLost) {
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  lose_once(hq, ExchangeType::create_child_sa, false);
  cross();
  settle();
  expect_replaced(old);
  EXPECT_FALSE(hq.sending("Tunnel1")->initiator);
  EXPECT_THAT(said(hq), ::testing::Contains("CREATE_CHILD_SA request 2").Times(2));
}

TEST_F(Rekey, ChildrenThatCrossWithAnAnswerLost) {
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  lose_once(branch, ExchangeType::create_child_sa, true);
  cross();
  settle();
  expect_replaced(old);
}

// A rekey of what the peer does not have: the child goes silently, and a new one is made (§2.25).
TEST_F(Rekey, ChildTheOtherHasForgotten) {
  establish();
  world.make_before_break = false;
  world.network.lose = [this](const Datagram& d) { return d.from.address == branch.address; };
  branch.report_end(branch.sending("Tunnel1")->child, Expiry::kilobytes_end);
  world.network.lose = {};
  rekey_child(hq);
  world.advance(5s);
  EXPECT_TRUE(hq.heard_of(EventKind::child_down));
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 30s));
}

// §2.25.1: closing what the other is rekeying is answered as usual.
TEST_F(Rekey, DeleteMeetsRekeyOfTheSameChild) {
  establish();
  world.make_before_break = false;
  rekey_child(hq);
  branch.report_end(branch.sending("Tunnel1")->child, Expiry::sequence_number);
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 30s));
  settle();
  EXPECT_TRUE(World::joined(hq, branch));
}

// ---- IKE SAs

class IkeRekeyed : public Rekey {
 protected:
  // Whoever has the shorter lifetime rekeys.
  void live_shortly(Node& node) { node.configuration.profiles["P"].lifetime_s = 200; }
  SaView row(const Node& node) const {
    for (const auto& sa : node.engine().show(world.now))
      if (sa.status == SaStatus::ready) return sa;
    return {};
  }
  std::uint64_t ike_rekeys() const { return hq.engine().statistics().ike_rekeys; }
  bool run_to_rekey(std::uint64_t count) {
    return world.run_until([&] { return ike_rekeys() >= count && branch.engine().statistics().ike_rekeys >= count; },
                           10min);
  }
};

// HDR, SK {SA, Ni, KEi}  -->
//                        <--  HDR, SK {SA, Nr, KEr}
// HDR, SK {D}            -->
//                        <--  HDR, SK {}
TEST_F(IkeRekeyed, InheritsItsChildren) {
  live_shortly(hq);
  establish();
  const auto before = row(hq);
  const auto child = *hq.sending("Tunnel1");
  const auto changes = hq.installs + hq.removes + branch.installs + branch.removes;
  ASSERT_TRUE(run_to_rekey(1));
  world.advance(1s);
  const auto after = row(hq), peers = row(branch);
  EXPECT_NE(after.local_spi, before.local_spi);
  EXPECT_NE(after.remote_spi, before.remote_spi);
  EXPECT_EQ(after.local_spi, peers.remote_spi);
  EXPECT_EQ(after.local_next_id, 0u);  // message IDs begin anew
  EXPECT_EQ(after.remote_next_id, 0u);
  EXPECT_EQ(after.remote_id, before.remote_id);
  EXPECT_EQ(after.children.front().id, child.child);
  EXPECT_EQ(hq.installs + hq.removes + branch.installs + branch.removes, changes);
  EXPECT_THAT(said(hq), ElementsAre("CREATE_CHILD_SA request 2", "INFORMATIONAL request 3"));
  EXPECT_THAT(said(branch), ElementsAre("CREATE_CHILD_SA response 2", "INFORMATIONAL response 3"));
  EXPECT_FALSE(hq.heard_of(EventKind::sa_down));
  EXPECT_FALSE(branch.heard_of(EventKind::sa_down));
}

TEST_F(IkeRekeyed, ByTheResponderAndTheChildAfterIt) {
  live_shortly(branch);
  establish();
  ASSERT_TRUE(run_to_rekey(1));
  EXPECT_FALSE(row(hq).initiator);
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  world.advance(1s);
  rekey_child(hq);
  settle();
  expect_replaced(old);
  ASSERT_TRUE(run_to_rekey(4));
  EXPECT_EQ(hq.engine().statistics().initiated, 1u);
}

// §2.8.2: both requests cross. The new SA without the lowest nonce inherits; one is left.
TEST_F(IkeRekeyed, ThatCross) {
  std::size_t crossed = 0;
  std::set<bool> survivors;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World w{{.seed = seed, .link = {.delay_min = 1500ms, .delay_max = 1500ms}, .ask_delay_max = 50ms}};
    auto [a, b] = w.pair();
    for (auto* node : {&a, &b}) {
      node->configuration.profiles["P"].lifetime_s = 60;
      node->configure(node->configuration);
    }
    ASSERT_TRUE(w.run_until([&] { return World::joined(a, b); }, 1min));
    w.advance(20s);
    w.make_before_break = true;
    const auto begun = a.engine().statistics().initiated + b.engine().statistics().initiated;
    w.advance(75s);
    crossed += a.engine().statistics().rekey_collisions != 0 && b.engine().statistics().rekey_collisions != 0;
    EXPECT_GE(a.engine().statistics().ike_rekeys, 1u) << "seed " << seed;
    EXPECT_EQ(a.engine().statistics().initiated + b.engine().statistics().initiated, begun) << "seed " << seed;
    ASSERT_TRUE(w.run_until([&] { return a.ready_sas() == 1 && b.ready_sas() == 1; }, 30s)) << "seed " << seed;
    EXPECT_TRUE(World::joined(a, b)) << "seed " << seed;
    EXPECT_EQ(w.broken, "") << "seed " << seed;
    for (const auto& sa : a.engine().show(w.now))
      if (sa.status == SaStatus::ready) survivors.insert(sa.initiator);
  }
  EXPECT_GE(crossed, 5u);
  EXPECT_EQ(survivors.size(), 2u);
}

// §2.8.2, the special case: one end has finished, and the other's late request meets an SA that is being closed.
TEST_F(IkeRekeyed, ThatOnlyOneEndNoticed) {
  std::size_t put_off = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World w{{.seed = seed, .link = {.delay_min = 700ms, .delay_max = 700ms}}};
    auto [a, b] = w.pair();
    for (auto* node : {&a, &b}) {
      node->configuration.profiles["P"].lifetime_s = 60;
      node->configure(node->configuration);
    }
    ASSERT_TRUE(w.run_until([&] { return World::joined(a, b); }, 1min));
    w.advance(20s);
    // The first requests of a are lost, and so come after b has finished.
    std::size_t lost = 0;
    w.network.lose = [&](const Datagram& d) {
      const bool hit = d.from.address == a.address && d.header()->exchange == ExchangeType::create_child_sa &&
                       !d.header()->is_response && lost < 2;
      lost += hit;
      return hit;
    };
    w.make_before_break = true;
    w.advance(80s);
    put_off += a.engine().statistics().rekey_collisions != b.engine().statistics().rekey_collisions;
    ASSERT_TRUE(w.run_until([&] { return a.ready_sas() == 1 && b.ready_sas() == 1; }, 30s)) << "seed " << seed;
    EXPECT_TRUE(World::joined(a, b)) << "seed " << seed;
    EXPECT_EQ(w.broken, "") << "seed " << seed;
  }
  EXPECT_GE(put_off, 3u);
}

// §2.25.1: while a child is being rekeyed the IKE SA is not, and the other way round; in the end both are.
TEST_F(IkeRekeyed, MeetsTheRekeyOfAChild) {
  std::size_t met = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World w{{.seed = seed, .link = {.delay_min = 400ms, .delay_max = 400ms}}};
    w.network.keep_log = true;
    auto [a, b] = w.pair();
    a.configuration.profiles["P"].lifetime_s = 100;
    a.configure(a.configuration);
    b.configure(b.configuration);
    ASSERT_TRUE(w.run_until([&] { return World::joined(a, b); }, 1min));
    w.advance(20s);
    w.make_before_break = true;
    const auto asks = [&](const Node& node) {
      const auto said = said_by(w, node.address);
      return std::ranges::count_if(said, [](const auto& line) { return line.starts_with("CREATE_CHILD_SA request"); });
    };
    ASSERT_TRUE(w.run_until([&] { return asks(a) == 1; }, 2min));
    b.report_end(b.sending("Tunnel1")->child, Expiry::kilobytes);
    w.advance(60s);
    met += asks(a) + asks(b) > 2;  // somebody had to ask again
    EXPECT_GE(a.engine().statistics().ike_rekeys, 1u) << "seed " << seed;
    EXPECT_GE(b.engine().statistics().child_rekeys, 1u) << "seed " << seed;
    EXPECT_TRUE(w.run_until([&] { return World::joined(a, b); }, 10s)) << "seed " << seed;
    EXPECT_EQ(w.broken, "") << "seed " << seed;
  }
  EXPECT_GE(met, 10u);
}

// Closed while its rekey is under way: what that makes is closed, too.
TEST_F(IkeRekeyed, ClosedMeanwhile) {
  live_shortly(hq);
  establish();
  world.make_before_break = false;
  ASSERT_TRUE(world.run_until([&] { return !said(hq).empty(); }, 10min));
  for (auto* node : {&hq, &branch}) node->configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
  world.advance(4min);
  for (auto* node : {&hq, &branch}) {
    EXPECT_TRUE(node->installed.empty());
    EXPECT_TRUE(node->engine().show(world.now).empty());
    EXPECT_EQ(node->engine().deadline(), std::nullopt);
  }
}

TEST_F(IkeRekeyed, WithItsAnswerLost) {
  live_shortly(hq);
  establish();
  lose_once(branch, ExchangeType::create_child_sa, true);
  ASSERT_TRUE(run_to_rekey(1));
  world.advance(5s);
  EXPECT_EQ(hq.ready_sas(), 1u);
  EXPECT_EQ(branch.ready_sas(), 1u);
  EXPECT_TRUE(World::joined(hq, branch));
}

}  // namespace
}  // namespace culvert::testing
