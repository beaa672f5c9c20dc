// The classes of attack that an IKE daemon has to stand, one test each; others are named so in the tests beside.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ike/v2/create_child.h"
#include "ike/v2/ending.h"
#include "ike/v2/proposals.h"
#include "tests/world/insider.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using wire::ExchangeType;
using wire::NotifyType;

const net::Endpoint stranger{net::Address::v4(0xc6336442), 500};

// ---- A3: exchange x state x role x direction

struct Cell {
  int steps;
  ExchangeType exchange;
  bool response;
  bool at_hq;
  bool sealed;
};

std::string name_of(const Cell& cell) {
  return fmt::format("after {} steps: {} {}, {}, to {}", cell.steps, exchange_name(cell.exchange),
                     cell.response ? "response" : "request", cell.sealed ? "sealed" : "in the clear",
                     cell.at_hq ? "the initiator" : "the responder");
}

// One message of a kind, in one state of a negotiation. An SA may end by what its own keys have sealed, and by nothing
// else; nothing may be installed by it, and in the end there is a tunnel. `keys` counts the cells that had them.
void try_cell(const Cell& cell, int& keys) {
  Sites s;
  s.world.ask_delay_max = 3ms;
  s.start();
  for (int i = 0; i < cell.steps; ++i) s.world.step(s.world.now + 1s);
  auto& target = cell.at_hq ? s.hq : s.branch;
  auto& sender = cell.at_hq ? s.branch : s.hq;
  const auto rows = target.engine().show(s.world.now);
  if (rows.empty()) return;
  const auto& row = rows.back();
  for (const std::uint32_t id : {0u, 1u, 2u}) {
    const wire::Header header{.initiator_spi = row.initiator ? row.local_spi : row.remote_spi,
                              .responder_spi = row.initiator ? row.remote_spi : row.local_spi,
                              .exchange = cell.exchange,
                              .from_initiator = !row.initiator,
                              .is_response = cell.response,
                              .message_id = id};
    const auto installs = target.installs;
    const wire::Payloads nothing{wire::VendorId{}};
    if (cell.sealed && !s.insider.knows(header.initiator_spi)) return;
    s.deliver(sender, cell.sealed ? s.insider.seal(header, nothing) : wire::Message{header, nothing}.emit());
    EXPECT_EQ(target.installs, installs) << name_of(cell);
  }
  keys += cell.sealed;
  if (!cell.sealed) {
    const auto after = target.engine().show(s.world.now);
    EXPECT_EQ(after.size(), rows.size()) << name_of(cell);
    EXPECT_EQ(after.back().status, row.status) << name_of(cell);
    EXPECT_EQ(after.back().remote_next_id, row.remote_next_id) << name_of(cell);
  }
  s.world.network.lose = {};
  EXPECT_TRUE(s.world.run_until([&] { return World::joined(s.hq, s.branch); }, 10min)) << name_of(cell);
  EXPECT_EQ(s.world.broken, "") << name_of(cell);
}

TEST(Attacks, A03_EveryExchangeInEveryState) {
  int keys = 0;
  for (int steps = 0; steps < 14; ++steps)
    for (const auto exchange : std::initializer_list<std::uint8_t>{33, 34, 35, 36, 37, 38, 240})
      for (const bool response : {true, false})
        for (const bool at_hq : {true, false})
          for (const bool sealed : {true, false})
            try_cell({steps, ExchangeType{exchange}, response, at_hq, sealed}, keys);
  EXPECT_GT(keys, 100);
}

// ---- A4: proposals, legal and nearly so

wire::Transform legal_transform(net::Random& random) {
  const auto of = [](auto value) { return wire::Transform::of(value); };
  const wire::Transform legal[]{
      of(Encryption::aes_gcm_128), of(Encryption::aes_cbc_256), of(Prf::sha256),
      of(Integrity::sha256),       of(Group::modp_2048),        of(SequenceNumbers::short_32)};
  return legal[random.below(std::size(legal))];
}

wire::Transform any_transform(net::Random& random) {
  if (random.below(2)) return legal_transform(random);
  static constexpr std::uint16_t ids[]{0, 1, 2, 3, 5, 12, 14, 18, 19, 20, 1024, 1025, 1031, 65535};
  wire::Transform out{.type = static_cast<wire::TransformType>(1 + random.below(6)),
                      .id = ids[random.below(std::size(ids))],
                      .key_length_bits = {},
                      .unknown_attributes = {}};
  static constexpr std::uint16_t keys[]{0, 64, 128, 192, 256, 65535};
  if (random.below(2)) out.key_length_bits = keys[random.below(std::size(keys))];
  if (random.below(20) == 0) out.unknown_attributes.push_back({.type = 99, .fixed = true, .value = net::Bytes(2)});
  return out;
}

// A good offer, bent in a few places.
void bend(wire::Proposal& proposal, net::Random& random) {
  auto& transforms = proposal.transforms;
  switch (random.below(8)) {
    case 0: proposal.number = static_cast<std::uint8_t>(random.below(4)); break;
    case 1: proposal.protocol = static_cast<wire::ProtocolId>(random.below(5)); break;
    case 2: proposal.spi = random.bytes(std::array<std::size_t, 4>{0, 4, 8, 1}[random.below(4)]); break;
    case 3: transforms.clear(); break;
    case 4: transforms.insert(transforms.begin(), any_transform(random)); break;
    default:
      if (!transforms.empty()) transforms[random.below(transforms.size())] = any_transform(random);
  }
}

wire::SecurityAssociation bent_offer(wire::SecurityAssociation offer, net::Random& random) {
  for (auto times = random.below(4); times > 0; --times)
    bend(offer.proposals[random.below(offer.proposals.size())], random);
  return offer;
}

bool has(const auto& list, auto value) { return std::ranges::find(list, value) != list.end(); }

// Whatever is offered, what comes out of it stands in our configuration; and an answer that we believe, in our offer.
TEST(Attacks, A04_ProposalsNeverReachBeyondOurs) {
  const Proposal ours{.name = "M",
                      .encryption = {Encryption::aes_gcm_128, Encryption::aes_cbc_256},
                      .integrity = {Integrity::sha256},
                      .prf = {Prf::sha256},
                      .groups = {Group::modp_2048, Group::ecp_256}};
  const std::vector sets{TransformSet{"G", Encryption::aes_gcm_128, Integrity::none},
                         TransformSet{"C", Encryption::aes_cbc_256, Integrity::sha256}};
  net::SeededRandom random(4);
  int chosen = 0;
  for (int turn = 0; turn < 100000; ++turn) {
    const auto offer =
        bent_offer(random.below(2) ? v2::offer_ike(std::vector{ours}) : v2::offer_esp(sets, 999), random);
    const auto ike = v2::choose_ike(offer, std::vector{ours}, group_of(random.below(2) ? 1025 : 14));
    if (ike) {
      ++chosen;
      ASSERT_TRUE(has(ours.encryption, ike->suite.encryption) && has(ours.groups, ike->suite.group)) << turn;
      ASSERT_EQ(ike->suite.prf, Prf::sha256) << turn;
      ASSERT_EQ(ike->suite.integrity, is_aead(ike->suite.encryption) ? Integrity::none : Integrity::sha256) << turn;
    }
    const auto esp = v2::choose_esp(offer, sets);
    if (esp) {
      ++chosen;
      ASSERT_TRUE(has(sets, TransformSet{esp->suite.encryption == Encryption::aes_gcm_128 ? "G" : "C",
                                         esp->suite.encryption, esp->suite.integrity}))
          << turn;
    }
    ASSERT_FALSE(v2::accepted_ike(v2::offer_ike(std::vector{ours}), offer) && offer.proposals.size() != 1) << turn;
  }
  EXPECT_GT(chosen, 20000);
  EXPECT_LT(chosen, 99000);
}

// ---- A6: identities of every type, in both roles

TEST(Attacks, A06_IdentitiesOfEveryType) {
  net::SeededRandom random(6);
  for (int type = 0; type < 256; ++type) {
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 3, 4, 5, 15, 16, 17, 200}) {
      auto body = random.bytes(4 + size);
      body[0] = static_cast<std::byte>(type);
      const auto id = wire::Identification::parse(wire::Side::initiator, body);
      const bool address = type == 1 || type == 5;
      EXPECT_EQ(id.has_value(), address ? size == (type == 1 ? 4u : 16u) : size != 0) << type << ", " << size;
      if (!id) continue;
      const Identity claimed{static_cast<IdentityType>(id->type), id->data};
      for (const unsigned char c : claimed.to_string()) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << type;
      EXPECT_FALSE(IdentityMatch{Identity::fqdn("hq.example.com")}.accepts(claimed)) << type;
    }
  }
  for (const auto type : std::initializer_list<std::uint8_t>{2, 3, 9, 10, 11, 77}) {
    for (const bool left : {true, false}) {
      Sites s;
      auto& liar = left ? s.hq : s.branch;
      auto& honest = left ? s.branch : s.hq;
      liar.configuration.profiles["P"].identity_local = Identity{IdentityType{type}, random.bytes(40)};
      honest.configuration.profiles["P"].match_remote = {{*net::Prefix::parse("192.0.2.0/24")}};
      s.start();
      s.world.advance(10s);
      EXPECT_EQ(honest.installs, 0u) << static_cast<int>(type);
      EXPECT_EQ(s.world.broken, "");
    }
  }
}

// ---- A7: public values that are none; the groups' own checks stand in tests/ike

TEST(Attacks, A07_BadPublicValueEndsTheNegotiationOnly) {
  Sites s;
  s.branch.loses_power = true;
  s.hq.restart();
  s.world.advance(1ms);
  auto request = *wire::Message::parse(sent_by(s.world, s.hq.address).front().bytes);
  s.world.advance(10ms);
  s.branch.restart();
  for (auto& payload : request.payloads)
    if (auto* ke = std::get_if<wire::KeyExchange>(&payload)) std::ranges::fill(ke->value, std::byte{0});
  s.deliver(s.hq, request.emit());
  s.world.advance(1ms);
  EXPECT_GE(s.branch.engine().statistics().half_open, 1u);
  wire::Header answer;
  for (const auto& datagram : sent_by(s.world, s.branch.address))
    if (datagram.header()->is_response) answer = *datagram.header();
  const wire::Header auth{.initiator_spi = answer.initiator_spi,
                          .responder_spi = answer.responder_spi,
                          .exchange = ExchangeType::ike_auth,
                          .from_initiator = true,
                          .message_id = 1};
  s.deliver(s.hq, wire::Message{auth, {wire::Encrypted{wire::PayloadType::none, net::Bytes(64)}}}.emit());
  s.world.advance(1ms);
  EXPECT_TRUE(s.branch.heard_of(EventKind::neg_abort, "Diffie-Hellman failed"));
  EXPECT_EQ(s.branch.engine().statistics().half_open, 0u);
  EXPECT_TRUE(s.world.run_until([&] { return World::joined(s.hq, s.branch); }, 5min));
}

// ---- A14: both ends sign what they said and heard; whoever changes a word on the way ends the negotiation

TEST(Attacks, A14_ChangedOffersDoNotPass) {
  for (const bool drop_strong : {true, false}) {
    Sites s;
    for (auto* node : {&s.hq, &s.branch})
      use_proposal(node->configuration, {.name = "X",
                                         .encryption = {Encryption::aes_cbc_256, Encryption::triple_des},
                                         .integrity = {Integrity::sha256},
                                         .prf = {},
                                         .groups = {Group::ecp_384, Group::modp_1024}});
    s.start();
    const auto after_that = std::exchange(s.world.network.lose, [](const Datagram&) { return true; });
    s.world.advance(1ms);
    auto request = *wire::Message::parse(sent_by(s.world, s.hq.address).front().bytes);
    if (drop_strong) {
      std::erase_if(std::get<wire::SecurityAssociation>(request.payloads.front()).proposals.front().transforms,
                    [](const wire::Transform& t) { return t.encryption() == Encryption::aes_cbc_256; });
    } else {
      request.payloads.push_back(wire::VendorId{net::Bytes(4)});
    }
    s.world.network.lose = after_that;
    s.deliver(s.hq, request.emit());
    s.world.advance(500ms);
    EXPECT_TRUE(s.branch.heard_of(EventKind::neg_abort, "does not verify")) << drop_strong;
    EXPECT_EQ(s.hq.installs + s.branch.installs, 0u);
  }
}

// A forged INVALID_KE_PAYLOAD names the weakest group that both would take: the offer stays whole, and the group that
// the responder prefers among those offered is what its own policy permits. A group that was not offered is not
// followed.
TEST(Attacks, A14_ForgedGroupDoesNotWeakenTheOffer) {
  Sites s;
  s.branch.loses_power = true;
  s.hq.restart();
  s.world.advance(1ms);
  const auto first = *wire::Message::parse(last_sent(s.world, s.hq.address).bytes);
  auto header = first.header;
  header.is_response = true;
  header.from_initiator = false;
  for (const auto group : std::initializer_list<std::uint8_t>{1, 2, 5}) {
    s.deliver(
        s.branch,
        wire::Message{header, {plain_notify(NotifyType::invalid_ke_payload, {std::byte{0}, std::byte{group}})}}.emit());
    s.world.advance(1ms);
    const auto again = *wire::Message::parse(last_sent(s.world, s.hq.address).bytes);
    EXPECT_EQ(*wire::find<wire::SecurityAssociation>(again.payloads),
              *wire::find<wire::SecurityAssociation>(first.payloads));
    EXPECT_EQ(wire::find<wire::KeyExchange>(again.payloads)->group, group == 5 ? 5 : 19);
  }
}

// ---- A16: no more octets go out than came in, until the peer has shown that it receives there

struct Scales {
  std::size_t in = 0, out = 0;
};

Scales weigh(Sites& s, const net::Bytes& octets) {
  s.world.network.log.clear();
  s.world.inject(stranger, {s.branch.address, 500}, octets);
  s.world.advance(1ms);
  Scales scales{octets.size(), 0};
  for (const auto& datagram : s.world.network.log) scales.out += datagram.to == stranger ? datagram.bytes.size() : 0;
  return scales;
}

std::vector<net::Bytes> provocations(const wire::Message& good) {
  std::vector<net::Bytes> out;
  for (std::uint8_t exchange = 33; exchange < 39; ++exchange)
    for (const std::uint64_t responder : {0u, 7u})
      for (const auto version : std::initializer_list<std::uint8_t>{0x10, 0x20, 0x30}) {
        wire::Header header{
            .initiator_spi = 9, .responder_spi = responder, .exchange = ExchangeType{exchange}, .from_initiator = true};
        for (const auto& payloads : {wire::Payloads{}, wire::Payloads{wire::Nonce{net::Bytes(16)}}}) {
          out.push_back(wire::Message{header, payloads}.emit());
          out.back()[17] = std::byte{version};
        }
      }
  for (std::size_t left = 0; left <= good.payloads.size(); ++left) {
    auto cut = good;
    cut.payloads.resize(left);
    cut.header.initiator_spi += left;
    out.push_back(cut.emit());
  }
  auto least = good;  // the shortest request that can be served
  std::erase_if(least.payloads, [](const auto& p) { return std::holds_alternative<wire::Notify>(p); });
  std::set<wire::TransformType> seen;
  std::erase_if(std::get<wire::SecurityAssociation>(least.payloads.front()).proposals.front().transforms,
                [&](const wire::Transform& one) { return !seen.insert(one.type).second; });
  for (auto& payload : least.payloads)
    if (auto* nonce = std::get_if<wire::Nonce>(&payload)) nonce->value.resize(16);
  out.push_back(least.emit());
  return out;
}

TEST(Attacks, A16_AnswersAreNoLongerThanQuestions) {
  Sites s;
  s.branch.loses_power = true;
  s.hq.restart();
  s.world.advance(1ms);
  const auto good = *wire::Message::parse(sent_by(s.world, s.hq.address).front().bytes);
  s.branch.restart();
  std::size_t answered = 0;
  for (const auto& octets : provocations(good)) {
    const auto scales = weigh(s, octets);
    EXPECT_LE(scales.out, scales.in) << exchange_name(ExchangeType{std::to_integer<std::uint8_t>(octets[18])});
    answered += scales.out != 0;
    s.world.advance(1s);
  }
  EXPECT_GE(answered, 5u);
  // Errors are few a second, however often they are asked for.
  std::size_t out = 0;
  auto broken = good;
  std::erase_if(broken.payloads, [](const auto& p) { return std::holds_alternative<wire::Nonce>(p); });
  for (int i = 0; i < 10000; ++i) out += weigh(s, broken.emit()).out != 0;
  EXPECT_LE(out, 130u);  // 20 at once and 10 a second, in 10 s
}

// Two routers that are fed each other's errors fall silent.
TEST(Attacks, A16_ErrorsDoNotEchoForEver) {
  Sites s;
  for (auto* node : {&s.hq, &s.branch}) node->configuration.tunnels["Tunnel1"].up = false;
  s.start();
  s.world.network.lose = {};
  s.world.network.log.clear();
  for (std::uint8_t flags = 0; flags < 64; flags += 8) {
    auto octets = wire::Message{{.initiator_spi = 3, .responder_spi = 4, .exchange = ExchangeType::informational},
                                {wire::VendorId{net::Bytes(60)}}}
                      .emit();
    octets[19] = std::byte{flags};
    s.deliver(s.hq, octets);
  }
  s.world.advance(1min);
  EXPECT_LE(s.world.network.log.size(), 8u);
  EXPECT_EQ(s.hq.engine().deadline(), std::nullopt);
}

// ---- A17: teardown by those who hold no key, at each step of a negotiation

TEST(Attacks, A17_NobodyElseEndsANegotiation) {
  for (int steps = 0; steps < 12; ++steps) {
    Sites s;
    s.world.ask_delay_max = 3ms;
    s.start();
    for (int i = 0; i < steps; ++i) s.world.step(s.world.now + 1s);
    for (auto* from : {&s.hq, &s.branch}) {
      for (const auto& row : s.hq.engine().show(s.world.now)) {
        for (const auto exchange : {ExchangeType::ike_sa_init, ExchangeType::ike_auth, ExchangeType::informational})
          for (const auto type : {NotifyType::authentication_failed, NotifyType::no_proposal_chosen,
                                  NotifyType::invalid_ike_spi, NotifyType::initial_contact, NotifyType::invalid_syntax})
            for (const bool response : {true, false}) {
              const wire::Header header{.initiator_spi = row.local_spi,
                                        .responder_spi = row.remote_spi,
                                        .exchange = exchange,
                                        .from_initiator = from == &s.hq,
                                        .is_response = response,
                                        .message_id = exchange == ExchangeType::ike_sa_init ? 0u : 1u};
              s.deliver(*from, wire::Message{header, {plain_notify(type), wire::Delete{}}}.emit());
            }
      }
    }
    EXPECT_TRUE(s.world.run_until([&] { return World::joined(s.hq, s.branch); }, 3s)) << "after " << steps;
    EXPECT_FALSE(s.hq.heard_of(EventKind::neg_abort)) << "after " << steps;
    EXPECT_EQ(s.hq.engine().statistics().initiated, 1u) << "after " << steps;
  }
}

// ---- A19: replies to strangers hold what they gave us, and constants

TEST(Attacks, A19_RepliesHoldNothingOfOurs) {
  net::SeededRandom random(19);
  Sites s;
  s.start();
  s.world.advance(5s);
  for (int turn = 0; turn < 20000; ++turn) {
    wire::Header header{.initiator_spi = random.u64() | 1,
                        .responder_spi = random.u64(),
                        .exchange = ExchangeType{static_cast<std::uint8_t>(34 + random.below(5))},
                        .from_initiator = random.below(2) == 0,
                        .message_id = static_cast<std::uint32_t>(random.u64())};
    auto octets =
        wire::Message{header, {wire::UnknownPayload{wire::PayloadType::vendor_id, random.bytes(random.below(90))}}}
            .emit();
    if (random.below(3) == 0) octets[17] = std::byte{0x40};
    s.world.network.log.clear();
    s.world.inject(stranger, {s.branch.address, 500}, octets);
    for (const auto& datagram : sent_by(s.world, s.branch.address)) {
      if (datagram.to != stranger) continue;
      const auto reply = wire::Message::parse(datagram.bytes);
      ASSERT_TRUE(reply) << turn;
      header.is_response = true;
      header.from_initiator = !header.from_initiator;
      EXPECT_EQ(reply->header, header) << turn;
      ASSERT_EQ(reply->payloads.size(), 1u) << turn;
      EXPECT_TRUE(std::get<wire::Notify>(reply->payloads.front()).data.empty()) << turn;
      EXPECT_EQ(datagram.bytes.size(), 36u) << turn;
    }
    s.world.advance(50ms);
  }
  EXPECT_GT(s.branch.engine().statistics().unknown_spi, 1000u);
}

// ---- A21: message IDs at their end

// The last ID is never used: an SA that has none left goes, and its children with it.
TEST(Attacks, A21_MessageIdsDoNotWrap) {
  net::SeededRandom random(21);
  v2::Core core(random, {});
  auto& sa = core.create(true, {});
  sa.requests = v2::RequestWindow(UINT32_MAX - 1);
  EXPECT_TRUE(sa.requests.has_ids_left());
  sa.requests.sent({.id = UINT32_MAX - 1, .message = {}});
  EXPECT_FALSE(sa.requests.has_ids_left());
  sa.requests.give_up();
  crypto::IkeKeys keys;
  sa.state = v2::Established{.channel = v2::Channel::open({}, std::move(keys), true),
                             .origin = {},
                             .local_id = {},
                             .remote_id = {},
                             .profile = {},
                             .dpd = {},
                             .since = {},
                             .heard = {},
                             .children = {},
                             .farewells = {},
                             .own = {},
                             .answering = {},
                             .heir_of = {},
                             .refused_since = {},
                             .doomed = {}};
  v2::close(core, sa, "test");
  EXPECT_TRUE(sa.gone());
  v2::ResponseWindow window;
  EXPECT_EQ(window.judge(UINT32_MAX), v2::ResponseWindow::Verdict::outside);
}

}  // namespace
}  // namespace culvert::testing
