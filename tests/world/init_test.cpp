// IKE_SA_INIT and IKE_AUTH as the RFC draws them (RFC 7296 §1.2), and what goes wrong on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ike/wire/message.h"
#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using ::testing::ElementsAre;

class Init : public ::testing::Test {
 protected:
  Init() { world.network.keep_log = true; }
  void TearDown() override { EXPECT_EQ(world.broken, ""); }

  // hq initiates; branch has its tunnel up, too, but its own attempts are lost.
  bool establish() {
    start();
    return world.run_until([&] { return World::joined(hq, branch); });
  }
  void start() {
    branch.configure(branch.configuration);
    world.network.lose = [this](const Datagram& d) { return by_branch_initiated(d); };
    hq.configure(hq.configuration);
  }
  bool by_branch_initiated(const Datagram& d) const {
    const auto header = d.header();
    return header && d.from.address == branch.address && header->from_initiator;
  }
  std::vector<std::string> said(const Node& node) const { return said_by(world, node.address); }
  // A notify in the clear, as an answer to the last IKE_SA_INIT request of hq.
  net::Bytes unprotected_answer(wire::NotifyType type, net::Bytes data) {
    auto header = *last_sent(world, hq.address).header();
    header.is_response = true;
    header.from_initiator = false;
    return wire::Message{header, {wire::Notify{.type = type, .spi = {}, .data = std::move(data)}}}.emit();
  }

  World world{{.seed = 7}};
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
};

// HDR, SAi1, KEi, Ni  -->
//                     <--  HDR, SAr1, KEr, Nr
// HDR, SK {IDi, AUTH, SAi2, TSi, TSr}  -->
//                     <--  HDR, SK {IDr, AUTH, SAr2, TSi, TSr}
TEST_F(Init, Checklist31_Line07_FourMessagesAndATunnel) {
  ASSERT_TRUE(establish());
  EXPECT_THAT(said(hq), ElementsAre("IKE_SA_INIT request 0", "IKE_AUTH request 1"));
  EXPECT_EQ(hq.installed.front().encryption, Encryption::aes_gcm_256);
  EXPECT_EQ(hq.installed.front().udp, std::nullopt);
  const auto row = hq.engine().show(world.now).front();
  EXPECT_EQ(row.status, SaStatus::ready);
  EXPECT_EQ(row.group, Group::ecp_256);
  EXPECT_EQ(row.remote_id, Identity::of(branch.address));
  EXPECT_EQ(row.children.front().inbound_spi, branch.installed.front().outbound_spi);
  EXPECT_TRUE(row.initiator);
}

struct Suite {
  const char* name;
  Encryption ike_encryption;
  Integrity ike_integrity;
  Prf prf;
  Group group;
  Encryption esp_encryption;
  Integrity esp_integrity;
};
class Suites : public ::testing::TestWithParam<Suite> {};

TEST_P(Suites, BothEndsAgree) {
  const auto& suite = GetParam();
  World world{{.seed = 11}};
  auto [hq, branch] = world.pair();
  for (auto* node : {&hq, &branch}) {
    use_proposal(node->configuration, {.name = "X",
                                       .encryption = {suite.ike_encryption},
                                       .integrity = {suite.ike_integrity},
                                       .prf = {suite.prf},
                                       .groups = {suite.group}});
    node->configuration.transform_sets["T"] = {"T", suite.esp_encryption, suite.esp_integrity};
    node->configure(node->configuration);
  }
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }));
  EXPECT_EQ(hq.engine().show(world.now).front().encryption, suite.ike_encryption);
  EXPECT_EQ(hq.installed.front().integrity, suite.esp_integrity);
  EXPECT_EQ(world.broken, "");
}

INSTANTIATE_TEST_SUITE_P(All, Suites,
                         ::testing::Values(Suite{"tripledes", Encryption::triple_des, Integrity::md5, Prf::md5,
                                                 Group::modp_1024, Encryption::triple_des, Integrity::md5},
                                           Suite{"cbc128", Encryption::aes_cbc_128, Integrity::sha1, Prf::sha1,
                                                 Group::modp_1536, Encryption::aes_cbc_128, Integrity::sha1},
                                           Suite{"cbc192", Encryption::aes_cbc_192, Integrity::sha256, Prf::sha256,
                                                 Group::modp_2048, Encryption::aes_cbc_192, Integrity::sha256},
                                           Suite{"cbc256", Encryption::aes_cbc_256, Integrity::sha384, Prf::sha384,
                                                 Group::ecp_256, Encryption::aes_cbc_256, Integrity::sha384},
                                           Suite{"cbc256_512", Encryption::aes_cbc_256, Integrity::sha512, Prf::sha512,
                                                 Group::ecp_384, Encryption::null, Integrity::sha512},
                                           Suite{"gcm128", Encryption::aes_gcm_128, Integrity::none, Prf::sha256,
                                                 Group::ecp_256, Encryption::aes_gcm_128, Integrity::none},
                                           Suite{"gcm256", Encryption::aes_gcm_256, Integrity::none, Prf::sha512,
                                                 Group::ecp_384, Encryption::aes_gcm_256, Integrity::none},
                                           Suite{"des", Encryption::des, Integrity::sha1, Prf::sha1, Group::modp_768,
                                                 Encryption::des, Integrity::md5},
                                           Suite{"ctr128", Encryption::aes_ctr_128, Integrity::sha1, Prf::sha1,
                                                 Group::modp_3072, Encryption::aes_ctr_128, Integrity::sha1},
                                           Suite{"ctr192", Encryption::aes_ctr_192, Integrity::sha256, Prf::sha256,
                                                 Group::modp_4096, Encryption::aes_ctr_192, Integrity::sha384},
                                           Suite{"ctr256", Encryption::aes_ctr_256, Integrity::sha512, Prf::sha512,
                                                 Group::ecp_521, Encryption::aes_ctr_256, Integrity::sha512},
                                           Suite{"gcm192", Encryption::aes_gcm_192, Integrity::none, Prf::sha384,
                                                 Group::modp_2048_256, Encryption::aes_gcm_192, Integrity::none},
                                           Suite{"chacha20", Encryption::chacha20_poly1305, Integrity::none,
                                                 Prf::sha256, Group::x25519, Encryption::chacha20_poly1305,
                                                 Integrity::none}),
                         [](const auto& param_info) { return param_info.param.name; });

TEST_F(Init, Checklist31_Line30_InvalidKeIsFollowedByTheWholeOfferAgain) {
  use_proposal(hq.configuration, {.name = "X",
                                  .encryption = {Encryption::aes_cbc_256},
                                  .integrity = {Integrity::sha256},
                                  .prf = {},
                                  .groups = {Group::modp_2048, Group::ecp_384}});
  use_proposal(branch.configuration, {.name = "X",
                                      .encryption = {Encryption::aes_cbc_256},
                                      .integrity = {Integrity::sha256},
                                      .prf = {},
                                      .groups = {Group::ecp_384}});
  ASSERT_TRUE(establish());
  EXPECT_THAT(said(hq), ElementsAre("IKE_SA_INIT request 0", "IKE_SA_INIT request 0", "IKE_AUTH request 1"));
  const auto first = wire::Message::parse(sent_by(world, hq.address).at(0).bytes);
  const auto second = wire::Message::parse(sent_by(world, hq.address).at(1).bytes);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*wire::find<wire::SecurityAssociation>(first->payloads),
            *wire::find<wire::SecurityAssociation>(second->payloads));
  EXPECT_EQ(wire::find<wire::KeyExchange>(second->payloads)->group, 20);
}

TEST_F(Init, InvalidKeForAGroupNotOfferedIsAHint) {
  branch.loses_power = true;
  start();
  world.advance(100ms);
  net::Bytes group{std::byte{0}, std::byte{2}};
  world.inject({branch.address, 500}, {hq.address, 500},
               unprotected_answer(wire::NotifyType::invalid_ke_payload, group));
  world.advance(100ms);
  EXPECT_THAT(said(hq), ElementsAre("IKE_SA_INIT request 0"));
  EXPECT_EQ(hq.engine().statistics().hints, 1u);
}

TEST_F(Init, Checklist31_Line08_CookieComesFirstAndNothingElseChanges) {
  branch.loses_power = true;
  start();
  world.advance(100ms);
  const net::Bytes cookie(64, std::byte{0xc0});
  world.inject({branch.address, 500}, {hq.address, 500}, unprotected_answer(wire::NotifyType::cookie, cookie));
  ASSERT_THAT(said(hq), ElementsAre("IKE_SA_INIT request 0", "IKE_SA_INIT request 0"));
  auto first = wire::Message::parse(sent_by(world, hq.address).at(0).bytes);
  auto second = wire::Message::parse(sent_by(world, hq.address).at(1).bytes);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(std::holds_alternative<wire::Notify>(second->payloads.front()));
  EXPECT_EQ(std::get<wire::Notify>(second->payloads.front()).data, cookie);
  second->payloads.erase(second->payloads.begin());
  EXPECT_EQ(*first, *second);
}

// Both orders of §2.6.1: the cookie is kept through the change of group.
TEST_F(Init, Checklist31_Line34_CookieThenInvalidKe) {
  branch.loses_power = true;
  start();
  world.advance(100ms);
  const net::Bytes cookie(20, std::byte{0xc1});
  world.inject({branch.address, 500}, {hq.address, 500}, unprotected_answer(wire::NotifyType::cookie, cookie));
  world.inject({branch.address, 500}, {hq.address, 500},
               unprotected_answer(wire::NotifyType::invalid_ke_payload, {std::byte{0}, std::byte{14}}));
  world.advance(10ms);
  const auto third = wire::Message::parse(last_sent(world, hq.address).bytes);
  ASSERT_TRUE(third);
  EXPECT_EQ(wire::find_notify(third->payloads, wire::NotifyType::cookie)->data, cookie);
  EXPECT_EQ(wire::find<wire::KeyExchange>(third->payloads)->group, 14);
}

TEST_F(Init, Checklist31_Line34_InvalidKeThenCookie) {
  branch.loses_power = true;
  start();
  world.advance(100ms);
  world.inject({branch.address, 500}, {hq.address, 500},
               unprotected_answer(wire::NotifyType::invalid_ke_payload, {std::byte{0}, std::byte{14}}));
  world.advance(10ms);
  world.inject({branch.address, 500}, {hq.address, 500},
               unprotected_answer(wire::NotifyType::cookie, net::Bytes(8, std::byte{1})));
  const auto third = wire::Message::parse(last_sent(world, hq.address).bytes);
  ASSERT_TRUE(third);
  EXPECT_EQ(wire::find<wire::KeyExchange>(third->payloads)->group, 14);
  EXPECT_TRUE(wire::find_notify(third->payloads, wire::NotifyType::cookie));
}

// A liar who answers for ever is not followed for ever.
TEST_F(Init, RetriesAreBounded) {
  branch.loses_power = true;
  start();
  world.advance(100ms);
  for (std::uint8_t i = 0; i < 50; ++i) {
    world.inject({branch.address, 500}, {hq.address, 500},
                 unprotected_answer(wire::NotifyType::cookie, {std::byte{i}}));
    world.advance(1ms);
  }
  EXPECT_LE(said(hq).size(), 6u);
}

// §2.21.1: anybody can send NO_PROPOSAL_CHOSEN, so a good answer that comes later still counts.
TEST_F(Init, Checklist31_Line22_ForgedErrorsDoNotStopANegotiation) {
  branch.loses_power = true;
  start();
  world.advance(100ms);
  for (const auto type : {wire::NotifyType::no_proposal_chosen, wire::NotifyType::authentication_failed,
                          wire::NotifyType::invalid_syntax})
    world.inject({branch.address, 500}, {hq.address, 500}, unprotected_answer(type, {}));
  branch.loses_power = false;
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 3s));
  EXPECT_EQ(hq.engine().statistics().hints, 3u);
}

TEST_F(Init, NothingInCommonIsToldAndGivenUp) {
  use_proposal(branch.configuration, {.name = "X",
                                      .encryption = {Encryption::triple_des},
                                      .integrity = {Integrity::md5},
                                      .prf = {},
                                      .groups = {Group::modp_1024}});
  start();
  world.advance(2min);
  EXPECT_TRUE(hq.heard_of(EventKind::neg_abort, "NO_PROPOSAL_CHOSEN"));
  EXPECT_EQ(hq.installs + branch.installs, 0u);
}

class WrongKey : public Init, public ::testing::WithParamInterface<int> {};

// Each direction has its own key (RFC 7296 §2.15); either one wrong, and no SA is installed by who cannot believe.
TEST_P(WrongKey, NobodyTrustsIt) {
  auto& peer = key_for(hq.configuration, "Tunnel1");
  (GetParam() == 0 ? peer.local_key : peer.remote_key) = net::Secret(net::as_view("wrong"));
  start();
  world.advance(30s);
  EXPECT_EQ(hq.installs, 0u);
  EXPECT_TRUE(branch.installed.empty());
  EXPECT_TRUE(hq.heard_of(EventKind::neg_abort, GetParam() == 0 ? "AUTHENTICATION_FAILED" : "does not verify"));
}
INSTANTIATE_TEST_SUITE_P(EachDirection, WrongKey, ::testing::Values(0, 1));

TEST_F(Init, DirectionalKeys) {
  key_for(hq.configuration, "Tunnel1").local_key = net::Secret(net::as_view("from hq"));
  key_for(branch.configuration, "Tunnel1").remote_key = net::Secret(net::as_view("from hq"));
  EXPECT_TRUE(establish());
}

TEST_F(Init, IdentityTheProfileDoesNotAccept) {
  branch.configuration.profiles["P"].match_remote = {{Identity::fqdn("hq.example.com")}};
  hq.configuration.profiles["P"].identity_local = Identity::fqdn("other.example.com");
  start();
  world.advance(10s);
  EXPECT_TRUE(branch.heard_of(EventKind::neg_abort, "no crypto ikev2 profile matches identity other.example.com"));
  EXPECT_EQ(hq.installs + branch.installs, 0u);
}

TEST_F(Init, ResponderWithTheWrongIdentityIsTold) {
  hq.configuration.profiles["P"].match_remote = {{Identity::email("noc@example.com")}};
  start();
  world.advance(10s);
  EXPECT_TRUE(hq.heard_of(EventKind::neg_abort, "does not accept identity"));
  EXPECT_TRUE(branch.heard_of(EventKind::sa_down, "the peer closed it"));
  EXPECT_TRUE(branch.installed.empty());
}

class Identities : public Init, public ::testing::WithParamInterface<Identity> {};
TEST_P(Identities, FindProfileAndKey) {
  hq.configuration.profiles["P"].identity_local = GetParam();
  branch.configuration.profiles["P"].match_remote = {{GetParam()}};
  auto& peer = key_for(branch.configuration, "Tunnel1");
  peer.address = net::Prefix::host(address("198.51.100.9"));
  peer.identity = GetParam();
  ASSERT_TRUE(establish());
  EXPECT_EQ(branch.engine().show(world.now).front().remote_id, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Types, Identities,
                         ::testing::Values(Identity::fqdn("hq.example.com"), Identity::email("noc@example.com"),
                                           Identity::key_id("k-1"), Identity::of(net::Address::v4(0x0a000001))));

// §2.21.2: the IKE SA stands though its Child SA was refused; the initiator then closes it and tries again.
TEST_F(Init, RefusedChildLeavesTheIkeSa) {
  branch.configuration.transform_sets["T"] = {"T", Encryption::triple_des, Integrity::md5};
  start();
  ASSERT_TRUE(world.run_until([&] { return hq.count(EventKind::child_failed) == 1; }, 5s));
  EXPECT_EQ(hq.ready_sas(), 1u);
  EXPECT_TRUE(hq.heard_of(EventKind::child_failed, "NO_PROPOSAL_CHOSEN"));
  ASSERT_TRUE(world.run_until([&] { return hq.count(EventKind::child_failed) == 2; }, 30s));
  EXPECT_EQ(hq.ready_sas(), 1u);
}

TEST_F(Init, NoTunnelIsTsUnacceptable) {
  branch.configuration.tunnels["Tunnel1"].remote = address("192.0.2.77");
  start();
  EXPECT_TRUE(world.run_until([&] { return hq.heard_of(EventKind::child_failed, "TS_UNACCEPTABLE"); }, 5s));
}

TEST_F(Init, TwoTunnelsThatFitAreAConfigurationProblem) {
  add_tunnel(branch.configuration, "Tunnel2", "192.0.2.2", "192.0.2.1", "secret");
  start();
  EXPECT_TRUE(world.run_until([&] { return hq.heard_of(EventKind::child_failed, "TS_UNACCEPTABLE"); }, 5s));
  EXPECT_TRUE(branch.heard_of(EventKind::configuration, "Tunnel1 and Tunnel2"));
}

class Lost : public Init, public ::testing::WithParamInterface<int> {};
// Any one of the four messages is lost: it, or what asked for it, is sent again, octet for octet.
TEST_P(Lost, OnceIsHealed) {
  start();
  int sent = 0;
  world.network.lose = [&](const Datagram& d) { return by_branch_initiated(d) || sent++ == GetParam(); };
  ASSERT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 5s));
  EXPECT_EQ(hq.engine().statistics().retransmitted, 1u);
  const auto& log = world.network.log;
  const auto repeated = std::ranges::count_if(
      log, [&](const Datagram& d) { return std::ranges::count(log, d.bytes, &Datagram::bytes) == 2; });
  EXPECT_GE(repeated, 2);
}
INSTANTIATE_TEST_SUITE_P(EachMessage, Lost, ::testing::Range(0, 4));

TEST_F(Init, EverythingTwice) {
  world.network.link.duplicate_percent = 100;
  ASSERT_TRUE(establish());
  world.advance(5s);
  EXPECT_EQ(hq.installs, 1u);
  EXPECT_EQ(branch.installs, 1u);
}

TEST_F(Init, Checklist31_Line03_SilenceMakesItWaitLongerEachTime) {
  branch.loses_power = true;
  start();
  world.advance(70s);
  EXPECT_TRUE(hq.heard_of(EventKind::neg_abort, "does not answer"));
  EXPECT_GE(said(hq).size(), 6u);
  EXPECT_LE(said(hq).size(), 8u);
  branch.loses_power = false;
  EXPECT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 2min));
}

}  // namespace
}  // namespace culvert::testing
