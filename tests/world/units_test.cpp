// The engine's small parts, without a world: plans, proposals, selectors, identities, windows, timers.
#include <gtest/gtest.h>

#include "ike/plan.h"
#include "ike/v2/limiter.h"
#include "ike/v2/lookup.h"
#include "ike/v2/proposals.h"
#include "ike/v2/schedule.h"
#include "ike/v2/timers.h"
#include "ike/v2/window.h"
#include "tests/world/configurations.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using namespace ike::v2;

// ---- Plan

Configuration two_tunnels() {
  auto c = site();
  add_tunnel(c, "Tunnel1", "192.0.2.1", "192.0.2.2", "one");
  add_tunnel(c, "Tunnel2", "192.0.2.1", "192.0.2.3", "two");
  return c;
}

TEST(Plan, NothingToDo) { EXPECT_TRUE(plan(two_tunnels(), two_tunnels()).empty()); }

TEST(Plan, StartsAndStopsStopsFirst) {
  auto before = two_tunnels(), after = two_tunnels();
  before.tunnels["Tunnel1"].up = false;
  after.tunnels.erase("Tunnel2");
  EXPECT_EQ(plan(before, after),
            (std::vector<TunnelChange>{{TunnelAction::stop, "Tunnel2"}, {TunnelAction::start, "Tunnel1"}}));
}

TEST(Plan, RestartsWhatDependsOnAChange) {
  const auto before = two_tunnels();
  struct Case {
    const char* what;
    std::function<void(Configuration&)> change;
    std::size_t restarted;
  };
  const Case cases[]{{"address", [](auto& c) { c.tunnels["Tunnel1"].remote = address("192.0.2.9"); }, 1},
                     {"key", [](auto& c) { c.keyrings["K"].peers[0].local_key = net::Secret(net::as_view("x")); }, 2},
                     {"dpd", [](auto& c) { c.profiles["P"].dpd.reset(); }, 2},
                     {"transform set", [](auto& c) { c.transform_sets["T"].encryption = Encryption::aes_gcm_128; }, 2},
                     {"policy", [](auto& c) { use_proposal(c, default_proposal()); }, 2},
                     {"default proposal",
                      [](auto& c) {
                        c.proposals["default"] = {
                            .name = "default", .encryption = {}, .integrity = {}, .prf = {}, .groups = {}};
                      },
                      2},
                     {"unused", [](auto& c) { c.transform_sets["U"] = {"U", Encryption::null, Integrity::sha1}; }, 0}};
  for (const auto& one : cases) {
    auto after = before;
    one.change(after);
    const auto changes = plan(before, after);
    EXPECT_EQ(changes.size(), one.restarted) << one.what;
    for (const auto& change : changes) EXPECT_EQ(change.action, TunnelAction::restart) << one.what;
  }
}

// ---- Proposals

const Proposal mixed{.name = "M",
                     .encryption = {Encryption::aes_gcm_256, Encryption::aes_cbc_256},
                     .integrity = {Integrity::sha256},
                     .prf = {},
                     .groups = {Group::ecp_256, Group::modp_2048}};

wire::Transform no_integrity() {
  return {.type = wire::TransformType::integrity, .id = 0, .key_length_bits = {}, .unknown_attributes = {}};
}

// RFC 5282 §8: AEAD without an integrity transform or with NONE, and in a proposal of its own.
TEST(Checklist31, Line28_AeadGoesApartAndWithoutIntegrity) {
  const auto offer = offer_ike(std::vector{mixed});
  ASSERT_EQ(offer.proposals.size(), 2u);
  EXPECT_TRUE(offer.numbered_from_one());
  for (const auto& transform : offer.proposals[0].transforms) EXPECT_NE(transform.type, wire::TransformType::integrity);
  Proposal aead = mixed;
  aead.encryption = {Encryption::chacha20_poly1305, Encryption::aes_gcm_256};
  aead.prf = {Prf::sha256};
  auto with_none = offer_ike(std::vector{aead}), with_hmac = with_none;
  ASSERT_EQ(with_none.proposals.size(), 1u);
  with_none.proposals[0].transforms.push_back(no_integrity());
  with_hmac.proposals[0].transforms.push_back(wire::Transform::of(Integrity::sha256));
  const auto choice = choose_ike(with_none, std::vector{aead}, {});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite.integrity, Integrity::none);
  EXPECT_EQ(choice->suite.encryption, Encryption::chacha20_poly1305);
  EXPECT_FALSE(choose_ike(with_hmac, std::vector{aead}, {}));
  EXPECT_EQ(groups_of(offer), (std::vector{Group::ecp_256, Group::modp_2048}));
}

TEST(Proposals, ChoiceIsWhatBothHaveAndIsAccepted) {
  const auto offer = offer_ike(std::vector{mixed});
  const auto choice = choose_ike(offer, std::vector{mixed}, Group::modp_2048);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite, (IkeSuite{Encryption::aes_gcm_256, Integrity::none, Prf::sha256, Group::modp_2048}));
  EXPECT_EQ(accepted_ike(offer, answer_ike(*choice)), choice->suite);
}

TEST(Checklist31, Line25_AnswersThatWereNotOfferedAreRefused) {
  const auto offer = offer_ike(std::vector{mixed});
  const auto good = answer_ike({{Encryption::aes_cbc_256, Integrity::sha256, Prf::sha256, Group::ecp_256}, 2});
  ASSERT_TRUE(accepted_ike(offer, good));
  auto other_number = good, twice = good, missing = good, two = good, foreign = good, cut = good;
  other_number.proposals[0].number = 1;
  twice.proposals[0].transforms.push_back(twice.proposals[0].transforms[0]);
  missing.proposals[0].transforms.pop_back();
  two.proposals.push_back(two.proposals[0]);
  foreign.proposals[0].transforms[0] = wire::Transform::of(Encryption::triple_des);
  std::erase_if(cut.proposals[0].transforms, [](const auto& t) { return t.type == wire::TransformType::integrity; });
  for (const auto& bad : {other_number, twice, missing, two, foreign, cut}) EXPECT_FALSE(accepted_ike(offer, bad));
}

TEST(Checklist31, Line26_UnknownTypesAndAttributesSpoilWhatTheyTouch) {
  auto offer = offer_ike(std::vector{mixed});
  offer.proposals[0].transforms.push_back(
      {.type = static_cast<wire::TransformType>(9), .id = 1, .key_length_bits = {}, .unknown_attributes = {}});
  const auto choice = choose_ike(offer, std::vector{mixed}, {});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->number, 2);
}

// RFC 7296 §5: neither offered, nor chosen, nor taken for an answer.
TEST(Checklist31, Line29_IkeIsNeverWithoutIntegrityOrEncryption) {
  Proposal null{.name = "N",
                .encryption = {Encryption::null},
                .integrity = {Integrity::sha256},
                .prf = {},
                .groups = {Group::ecp_256}};
  EXPECT_TRUE(offer_ike(std::vector{null}).proposals.empty());
  Proposal plain = mixed;
  plain.encryption = {Encryption::aes_cbc_256, Encryption::aes_ctr_128};
  const auto good = offer_ike(std::vector{plain});
  auto no_mac = good, no_cipher = good;
  std::erase_if(no_mac.proposals[0].transforms, [](const auto& t) { return t.type == wire::TransformType::integrity; });
  EXPECT_FALSE(choose_ike(no_mac, std::vector{plain}, {}));
  no_mac.proposals[0].transforms.push_back(no_integrity());
  EXPECT_FALSE(choose_ike(no_mac, std::vector{plain}, {}));
  std::erase_if(no_cipher.proposals[0].transforms,
                [](const auto& t) { return t.type == wire::TransformType::encryption; });
  no_cipher.proposals[0].transforms.push_back(wire::Transform::of(Encryption::null));
  EXPECT_FALSE(choose_ike(no_cipher, std::vector{null}, {}));
  auto answer = answer_ike(*choose_ike(good, std::vector{plain}, {}));
  ASSERT_TRUE(accepted_ike(good, answer));
  for (auto& transform : answer.proposals[0].transforms)
    if (transform.type == wire::TransformType::integrity) transform = no_integrity();
  EXPECT_FALSE(accepted_ike(good, answer));
}

TEST(Proposals, EspChoiceInOurOrder) {
  const TransformSet gcm{"G", Encryption::aes_gcm_256, Integrity::none},
      cbc{"C", Encryption::aes_cbc_128, Integrity::sha1};
  const auto offer = offer_esp(std::vector{gcm, cbc}, 0x1234);
  const auto choice = choose_esp(offer, std::vector{cbc, gcm});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->suite.encryption, Encryption::aes_cbc_128);
  EXPECT_EQ(choice->number, 2);
  EXPECT_EQ(choice->peer_spi, 0x1234u);
  EXPECT_TRUE(accepted_esp(offer, answer_esp(*choice, 0x99)));
  EXPECT_FALSE(choose_esp(offer, std::vector{TransformSet{"X", Encryption::aes_cbc_128, Integrity::md5}}));
}

// ---- Selectors

TrafficSelector range(std::string_view first, std::string_view last, std::uint8_t protocol = 0, std::uint16_t from = 0,
                      std::uint16_t to = 65535) {
  return {protocol, from, to, address(first), address(last)};
}

TEST(Selectors, NarrowKeepsWhatPolicyAllows) {
  const std::vector policy{range("10.0.0.0", "10.0.255.255", 6, 80, 90)};
  const std::vector proposed{range("10.0.9.0", "10.1.0.0", 0, 85, 100), range("192.0.2.0", "192.0.2.1"),
                             range("10.0.9.0", "10.0.255.255", 6, 85, 90)};
  EXPECT_EQ(narrow(proposed, policy), (std::vector{range("10.0.9.0", "10.0.255.255", 6, 85, 90)}));
  EXPECT_TRUE(narrow(std::vector{range("10.0.0.1", "10.0.0.1", 17)}, policy).empty());
  EXPECT_TRUE(narrow(std::vector{range("10.0.0.1", "10.0.0.1", 6, 65535, 0)}, policy).empty());
}

TEST(Attacks, A05_NarrowedIsAlwaysCoveredByBoth) {
  net::SeededRandom random(9);
  for (int i = 0; i < 20000; ++i) {
    const auto draw = [&] {
      const auto a = static_cast<std::uint32_t>(random.below(40)), b = static_cast<std::uint32_t>(random.below(40));
      const auto p = static_cast<std::uint16_t>(random.below(9)), q = static_cast<std::uint16_t>(random.below(9));
      return TrafficSelector{static_cast<std::uint8_t>(random.below(3)), std::min(p, q), std::max(p, q),
                             net::Address::v4(std::min(a, b)), net::Address::v4(std::max(a, b))};
    };
    const auto a = draw(), b = draw();
    const auto common = intersection(a, b);
    const bool overlap = a.start <= b.end && b.start <= a.end && a.start_port <= b.end_port &&
                         b.start_port <= a.end_port && (a.protocol == b.protocol || a.protocol == 0 || b.protocol == 0);
    ASSERT_EQ(common.has_value(), overlap) << to_string(a) << " and " << to_string(b);
    if (common) {
      ASSERT_TRUE(covers(a, *common) && covers(b, *common));
    }
  }
}

// ---- Identities and look-up

TEST(Identities, NamesMatchWithoutCase) {
  EXPECT_TRUE(IdentityMatch{Identity::fqdn("HQ.example.com")}.accepts(Identity::fqdn("hq.Example.com")));
  EXPECT_FALSE(IdentityMatch{Identity::fqdn("hq.example.com")}.accepts(Identity::key_id("hq.example.com")));
  EXPECT_FALSE(IdentityMatch{Identity::key_id("A")}.accepts(Identity::key_id("a")));
  EXPECT_TRUE(IdentityMatch{*net::Prefix::parse("10.0.0.0/8")}.accepts(Identity::of(address("10.9.9.9"))));
  EXPECT_EQ(Identity::fqdn("a\nb").to_string(), "a\\x0ab");
}

TEST(Lookup, NarrowestProfileWinsAndTwinsAreToldApartOrNotAtAll) {
  auto c = two_tunnels();
  c.profiles["Q"] = c.profiles["P"];
  c.profiles["Q"].name = "Q";
  c.profiles["Q"].match_remote = {{Identity::fqdn("x")}};
  const Path elsewhere{{address("192.0.2.50"), 500}, {address("192.0.2.2"), 500}};
  EXPECT_EQ((*profile_for(c, Identity::fqdn("x"), elsewhere))->name, "Q");
  EXPECT_EQ((*profile_for(c, Identity::fqdn("y"), elsewhere))->name, "P");
  const Path ours{{address("192.0.2.1"), 500}, {address("192.0.2.2"), 500}};
  EXPECT_EQ((*profile_for(c, Identity::fqdn("x"), ours))->name, "P");  // Q has no tunnel there
  c.profiles["Q"].match_remote = {{AnyIdentity{}}};
  EXPECT_FALSE(profile_for(c, Identity::fqdn("y"), elsewhere));
}

TEST(Configuration, DefaultsAreThereUnlessOverridden) {
  ike::Configuration c;
  EXPECT_EQ(c.proposal("default"), &default_proposal());
  EXPECT_EQ(&c.policy_for(address("192.0.2.1")), &default_policy());
  EXPECT_EQ(c.transform_set("default"), &default_transform_set());
  EXPECT_EQ(c.proposal("other"), nullptr);
  c.policies["L"] = {.name = "L", .proposals = {}, .match_local = {address("192.0.2.1")}};
  EXPECT_EQ(c.policy_for(address("192.0.2.1")).name, "L");
  EXPECT_EQ(c.policy_for(address("192.0.2.2")).name, "default");
  c.proposals["default"] = mixed;
  EXPECT_EQ(c.proposal("default")->name, "M");
}

// ---- Windows, timers, limits

TEST(Windows, OneRequestAtATimeAndOneAnswerKept) {
  ResponseWindow window;
  EXPECT_EQ(window.judge(0), ResponseWindow::Verdict::due);
  EXPECT_EQ(window.judge(UINT32_MAX), ResponseWindow::Verdict::outside);
  window.answered({std::byte{1}});
  EXPECT_EQ(window.judge(0), ResponseWindow::Verdict::repeated);
  EXPECT_EQ(window.judge(1), ResponseWindow::Verdict::due);
  EXPECT_EQ(window.judge(2), ResponseWindow::Verdict::outside);
  window.answered({std::byte{2}});
  EXPECT_EQ(window.judge(0), ResponseWindow::Verdict::outside);
}

TEST(Windows, PatienceDoubles) {
  net::SeededRandom random(1);
  const Patience patience{.first = 1s, .sends = 6};
  for (unsigned sent = 1; sent <= 6; ++sent) {
    const auto wait = patience.wait(sent, random);
    EXPECT_GE(wait, 1s * (1 << (sent - 1)));
    EXPECT_LE(wait, 1250ms * (1 << (sent - 1)));
  }
}

TEST(Schedule, GivesTheEarliestOnce) {
  Schedule<int> schedule;
  const net::Time start{};
  schedule.set(1, start + 5s);
  schedule.set(2, start + 3s);
  schedule.set(2, start + 7s);
  EXPECT_EQ(schedule.next(), start + 5s);
  EXPECT_EQ(schedule.pop(start + 6s), 1);
  EXPECT_EQ(schedule.pop(start + 6s), std::nullopt);
  schedule.set(2, std::nullopt);
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(Limiter, RefillsWithTimeEvenAfterYears) {
  Limiter limiter(2, 1s);
  net::Time now{1h};
  EXPECT_TRUE(limiter.allow(now));
  EXPECT_TRUE(limiter.allow(now));
  EXPECT_FALSE(limiter.allow(now));
  EXPECT_TRUE(limiter.allow(now + 1s));
  EXPECT_FALSE(limiter.allow(now + 1500ms));
  now += std::chrono::hours(24 * 365 * 68);
  EXPECT_TRUE(limiter.allow(now));
  EXPECT_TRUE(limiter.allow(now));
  EXPECT_FALSE(limiter.allow(now));
}

}  // namespace
}  // namespace culvert::testing
