// Rekeys of Child SAs as the RFC draws them (RFC 7296 §1.3.3, §2.8), and how two of them meet.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/rekey_fixture.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using ::testing::ElementsAre;
using wire::ExchangeType;

class ChildRekeyed : public RekeyTest {};

// HDR, SK {N(REKEY_SA), SA, Ni, TSi, TSr}  -->
//                                        <--  HDR, SK {SA, Nr, TSi, TSr}
// HDR, SK {D(old)}                         -->
//                                        <--  HDR, SK {D(old)}
TEST_F(ChildRekeyed, ChildByItsInitiator) {
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

TEST_F(ChildRekeyed, ChildByTheResponderOfTheIkeSa) {
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  rekey_child(branch);
  settle();
  EXPECT_THAT(said(branch), ElementsAre("CREATE_CHILD_SA request 0", "INFORMATIONAL request 1"));
  EXPECT_TRUE(branch.sending("Tunnel1")->initiator);
  expect_replaced(old);
}

// The responder holds the new SA before it answers, and sends on the old one until that is deleted (§2.8).
TEST_F(Checklist31, Line58_TheResponderReceivesFirstAndSendsLast) {
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

// KEYMAT = prf+(SK_d, Ni | Nr), and the first keys of it are those that the initiator of the exchange sends with
// (§2.17).
TEST_F(ChildRekeyed, TheInitiatorOfTheExchangeSendsWithTheFirstKeys) {
  establish();
  rekey_child(branch);  // the responder of the IKE SA
  ASSERT_TRUE(world.run_until([&] { return branch.installed.size() == 2; }, 1s));
  const auto asked = heard_from(branch, ExchangeType::create_child_sa, false).front();
  const auto answered = heard_from(hq, ExchangeType::create_child_sa, true).front();
  const auto ike = row(hq);
  const auto* keys = world.ledger().keys_of(ike.local_spi, ike.remote_spi);
  ASSERT_TRUE(keys);
  const auto expected =
      crypto::child_keys({.encryption = Encryption::aes_gcm_256, .integrity = Integrity::none}, *ike.prf, keys->d,
                         wire::find<wire::Nonce>(asked)->value, wire::find<wire::Nonce>(answered)->value);
  EXPECT_EQ(branch.sending("Tunnel1")->outbound.encryption, expected.from_initiator.encryption);
  EXPECT_EQ(branch.sending("Tunnel1")->inbound.encryption, expected.from_responder.encryption);
  settle();
}

// A packet on the new SA proves that the initiator holds it (§2.8), though its Delete is lost.
TEST_F(ChildRekeyed, TrafficOnTheNewSaMovesTheResponder) {
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

// Rekeyed in time, again and again; and where every rekey is lost, ended by the hard limit: the child, then the IKE SA.
TEST_F(Checklist31, Line57_RekeyedBeforeTheEndAndNeverUsedAfterIt) {
  for (auto* node : {&hq, &branch}) {
    node->configuration.ipsec_profiles["I"].lifetime_s = 600;
    node->configuration.profiles["P"].lifetime_s = 2000;
  }
  establish();
  world.advance(1h);
  EXPECT_GE(child_rekeys(), 12u);  // six lifetimes and more, counted at both ends
  EXPECT_GE(hq.engine().statistics().ike_rekeys, 1u);
  ASSERT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 10s));
  EXPECT_EQ(hq.engine().statistics().initiated, 1u);
  for (auto* node : {&hq, &branch}) {
    EXPECT_FALSE(node->heard_of(EventKind::child_down, "lifetime reached"));
    EXPECT_FALSE(node->heard_of(EventKind::sa_down));
  }
  world.make_before_break = false;
  world.network.lose = [](const Datagram& d) { return d.header()->exchange == ExchangeType::create_child_sa; };
  const auto left = std::min(row(hq).children.front().left_s, row(branch).children.front().left_s);
  world.advance(std::chrono::seconds(left + 1));  // World checks that none holds a child beyond its lifetime
  EXPECT_TRUE(hq.heard_of(EventKind::child_down) && branch.heard_of(EventKind::child_down));
  world.network.lose = {};
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 3min));
}

TEST_F(ChildRekeyed, VolumesAreToldWithTheirSoftLimit) {
  establish();
  const auto& sa = *hq.sending("Tunnel1");
  EXPECT_EQ(sa.lifetime_kb, 4608000u);
  EXPECT_GE(sa.rekey_kb, 4608000u / 10 * 8);
  EXPECT_LE(sa.rekey_kb, 4608000u / 10 * 9);
}

class WithPfs : public RekeyTest, public ::testing::WithParamInterface<Group> {};

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
  EXPECT_EQ(child_rekeys(), 4u);
}
INSTANTIATE_TEST_SUITE_P(Groups, WithPfs, ::testing::ValuesIn([] {
                           std::vector<Group> all;
                           for (const auto& row : groups()) all.push_back(row.group);
                           return all;
                         }()),
                         [](const auto& given) { return "group" + std::string(traits(given.param).keyword); });

// Without PFS of our own we accept the group of a peer that wants it, if our IKE proposals permit it.
TEST_F(ChildRekeyed, PfsOfThePeerIsAcceptedWhereItsGroupIsPermitted) {
  hq.configuration.ipsec_profiles["I"].pfs = Group::ecp_256;
  establish();
  rekey_child(hq);
  settle();
  EXPECT_EQ(branch.engine().show(world.now).front().children.front().pfs, Group::ecp_256);
}

TEST_F(ChildRekeyed, PfsOfThePeerIsRefusedWhereItsGroupIsNot) {
  hq.configuration.ipsec_profiles["I"].pfs = Group::ecp_384;
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  rekey_child(hq);
  settle();
  EXPECT_EQ(hq.sending("Tunnel1")->inbound_spi, old);
  EXPECT_TRUE(hq.heard_of(EventKind::child_failed, "NO_PROPOSAL_CHOSEN"));
}

TEST_F(ChildRekeyed, PfsThatWeDemandIsDemanded) {
  branch.configuration.ipsec_profiles["I"].pfs = Group::ecp_256;
  establish();
  rekey_child(hq);
  settle();
  EXPECT_TRUE(hq.heard_of(EventKind::child_failed, "NO_PROPOSAL_CHOSEN"));
  rekey_child(branch);
  settle();
  EXPECT_EQ(hq.engine().show(world.now).front().children.front().pfs, Group::ecp_256);
}

std::uint32_t spi_offered_in(const wire::Payloads& request) {
  const auto spi = wire::find<wire::SecurityAssociation>(request)->proposals.front().child_spi();
  return spi.value_or(0);
}

bool deletes(const std::vector<wire::Payloads>& requests, std::uint32_t spi) {
  return std::ranges::any_of(requests, [&](const wire::Payloads& request) {
    const auto* deleted = wire::find<wire::Delete>(request);
    return deleted && std::ranges::find(deleted->spis, spi) != deleted->spis.end();
  });
}

// §2.8.1, first picture: both requests cross. Three pairs stand for a moment, one is left, and nobody sends on what
// the other does not hold. Its creator deletes the pair made with the lowest of four nonces, whosever that is.
TEST_F(Checklist31, Line59_OfChildrenThatCrossTheLowestNonceLoses) {
  establish();
  std::set<bool> survivors;
  for (int round = 1; round <= 20; ++round) {
    const auto old = hq.sending("Tunnel1")->inbound_spi;
    world.network.log.clear();
    for (auto* node : {&hq, &branch}) rekey_child(*node);
    ASSERT_TRUE(world.run_until([&] { return hq.installed.size() == 3 || branch.installed.size() == 3; }, 1s));
    settle();
    expect_replaced(old);
    EXPECT_EQ(collisions(), 2u * static_cast<unsigned>(round));
    const bool hq_lost = hq_has_the_lowest_nonce();
    const bool hq_won = hq.sending("Tunnel1")->initiator;
    EXPECT_NE(hq_lost, hq_won) << "round " << round;
    const auto& loser = hq_lost ? hq : branch;
    const auto redundant = spi_offered_in(heard_from(loser, ExchangeType::create_child_sa, false).front());
    EXPECT_TRUE(deletes(heard_from(loser, ExchangeType::informational, false), redundant)) << "round " << round;
    survivors.insert(hq_won);
  }
  EXPECT_EQ(survivors.size(), 2u);
}

// §2.8.1, second picture: something of two rekeys that cross is lost. A first request that comes again when the peer
// has finished finds no such child, and no harm is done.
struct LostMessage {
  bool from_hq;
  bool response;
};
class CrossingWithLoss : public RekeyTest, public ::testing::WithParamInterface<LostMessage> {};

TEST_P(CrossingWithLoss, LeavesOnePair) {
  establish();
  const auto old = hq.sending("Tunnel1")->inbound_spi;
  const auto& speaker = GetParam().from_hq ? hq : branch;
  lose_once(speaker, ExchangeType::create_child_sa, GetParam().response);
  for (auto* node : {&hq, &branch}) rekey_child(*node);
  settle();
  expect_replaced(old);
  if (GetParam().response) return;
  EXPECT_EQ(hq.sending("Tunnel1")->initiator, !GetParam().from_hq);
  const auto& listener = GetParam().from_hq ? branch : hq;
  const auto answers = heard_from(listener, ExchangeType::create_child_sa, true);
  ASSERT_FALSE(answers.empty());
  const bool not_found = wire::find_notify(answers.back(), wire::NotifyType::child_sa_not_found);
  const bool put_off = wire::find_notify(answers.back(), wire::NotifyType::temporary_failure);
  EXPECT_TRUE(not_found || put_off);
}
INSTANTIATE_TEST_SUITE_P(Of, CrossingWithLoss,
                         ::testing::Values(LostMessage{true, false}, LostMessage{false, false}, LostMessage{true, true},
                                           LostMessage{false, true}));

// HDR, SK {N(REKEY_SA, our inbound SPI), ...}  -->
//                                            <--  HDR, SK {N(CHILD_SA_NOT_FOUND, that SPI)}
// The child goes silently, and a new one is made (§2.25).
TEST_F(Checklist31, Line55_RekeySaNamesOurInboundSpiAndAnUnknownOneIsNotFound) {
  establish();
  const auto spi = hq.sending("Tunnel1")->inbound_spi;
  world.make_before_break = false;
  world.network.lose = [this](const Datagram& d) { return d.from.address == branch.address; };
  branch.report_end(branch.sending("Tunnel1")->child, Expiry::kilobytes_end);
  world.advance(8s);  // the answer to its Delete is lost, and no patience is endless
  world.network.lose = {};
  world.network.log.clear();
  rekey_child(hq);
  world.advance(1s);
  const auto asked = heard_from(hq, ExchangeType::create_child_sa, false);
  ASSERT_FALSE(asked.empty());
  const auto* rekey = wire::find_notify(asked.front(), wire::NotifyType::rekey_sa);
  ASSERT_TRUE(rekey);
  EXPECT_EQ(rekey->protocol, wire::ProtocolId::esp);
  EXPECT_EQ(rekey->child_spi(), spi);
  world.make_before_break = false;
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 3min));
}

}  // namespace
}  // namespace culvert::testing
