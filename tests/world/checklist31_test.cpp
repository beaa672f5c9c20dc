// RFC 7296 line by line, where no other test has the line in its name: messages, windows, versions, payloads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ike/v2/natd.h"
#include "tests/world/insider.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using wire::ExchangeType;
using wire::NotifyType;

const net::Endpoint stranger{net::Address::v4(0xc6336442), 500};

// hq's first IKE_SA_INIT request, which branch has not seen.
struct FirstWord : Sites {
  FirstWord() {
    branch.loses_power = true;
    hq.restart();
    world.advance(1ms);
    request = *wire::Message::parse(sent_by(world, hq.address).front().bytes);
    hq.loses_power = true;
    branch.restart();
    world.advance(1ms);
  }
  // What branch answers to this octets from this source; an empty message for nothing.
  wire::Message answer(net::Bytes octets, const net::Endpoint& from = stranger) {
    world.network.log.clear();
    world.inject(from, {branch.address, 500}, std::move(octets));
    world.advance(1ms);
    for (const auto& datagram : world.network.log)
      if (datagram.to == from) return *wire::Message::parse(datagram.bytes);
    return {};
  }
  bool served(const wire::Message& asked, const net::Endpoint& from = stranger) {
    return wire::find<wire::KeyExchange>(answer(asked.emit(), from).payloads) != nullptr;
  }
  wire::Message request;
};

TEST(Checklist31, Line01_MessagesOf3000Octets) {
  FirstWord f;
  f.request.payloads.push_back(wire::VendorId{net::Bytes(1280)});
  EXPECT_TRUE(f.served(f.request));
  f.request.payloads.push_back(wire::VendorId{net::Bytes(3000 - 4 - f.request.emit().size())});
  f.request.header.initiator_spi ^= 1;
  ASSERT_EQ(f.request.emit().size(), 3000u);
  EXPECT_TRUE(f.served(f.request));
  Sites s;
  ASSERT_TRUE(s.establish());
  s.forge(s.branch, s.header(s.branch, ExchangeType::informational, false, s.due_at_hq()),
          {wire::VendorId{net::Bytes(2900)}});
  EXPECT_THAT(s.said(s.hq), ElementsAre("INFORMATIONAL response 0"));
}

TEST(Checklist31, Line04_ResponderRepeatsOnlyWhenAsked) {
  FirstWord f;
  const auto first = f.answer(f.request.emit());
  ASSERT_TRUE(wire::find<wire::KeyExchange>(first.payloads));
  const auto answers = [&] {
    return std::ranges::count_if(f.world.network.log, [](const Datagram& d) { return d.to == stranger; });
  };
  f.world.advance(25s);
  EXPECT_EQ(answers(), 1);
  const auto again = f.answer(f.request.emit());
  EXPECT_EQ(again, first);
  EXPECT_EQ(f.branch.engine().statistics().repeated, 1u);
}

// One SPI from three sources, and one with another nonce: four requests. The first one again: none.
TEST(Checklist31, Line06_InitRequestsAreToldApart) {
  FirstWord f;
  const auto& counted = f.branch.engine().statistics();
  EXPECT_TRUE(f.served(f.request));
  EXPECT_TRUE(f.served(f.request, {stranger.address, 501}));
  EXPECT_TRUE(f.served(f.request, {net::Address::v4(0xc6336443), 500}));
  for (auto& payload : f.request.payloads)
    if (auto* nonce = std::get_if<wire::Nonce>(&payload)) nonce->value.front() ^= std::byte{1};
  EXPECT_TRUE(f.served(f.request));
  EXPECT_EQ(counted.half_open, 4u);
  EXPECT_TRUE(f.served(f.request));
  EXPECT_EQ(counted.half_open, 4u);
  EXPECT_EQ(counted.repeated, 1u);
}

// Much is due at once, and the peer is silent: one request waits for its answer, the rest waits for it.
TEST(Checklist31, Line09_OneRequestIsInFlight) {
  Sites s;
  ASSERT_TRUE(s.establish());
  s.forge(s.branch, s.header(s.branch, ExchangeType::informational, false, s.due_at_hq()),
          {plain_notify(NotifyType::set_window_size, {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{9}})});
  s.world.network.log.clear();
  s.world.network.lose = [](const Datagram&) { return true; };
  const auto spi = s.header(s.hq, ExchangeType::informational, false, 0).initiator_spi;
  const auto child = s.hq.sending("Tunnel1")->child;
  s.hq.report_end(child, Expiry::kilobytes);
  s.hq.report_end(child, Expiry::kilobytes_end);
  s.world.advance(20s);
  std::set<std::uint32_t> ids;
  for (const auto& datagram : sent_by(s.world, s.hq.address))
    if (!datagram.header()->is_response && datagram.header()->initiator_spi == spi)
      ids.insert(datagram.header()->message_id);
  EXPECT_EQ(ids.size(), 1u);
}

TEST(Checklist31, Line10_RequestsThatCrossAreBothAnswered) {
  Sites s;
  ASSERT_TRUE(s.establish());
  for (auto* node : {&s.hq, &s.branch}) node->report_end(node->sending("Tunnel1")->child, Expiry::kilobytes_end);
  s.world.advance(500ms);
  EXPECT_THAT(s.said(s.hq), ::testing::IsSupersetOf({"INFORMATIONAL request 2", "INFORMATIONAL response 0"}));
  EXPECT_THAT(s.said(s.branch), ::testing::IsSupersetOf({"INFORMATIONAL request 0", "INFORMATIONAL response 2"}));
}

TEST(Checklist31, Line11_OutsideTheWindowIsNotAcknowledged) {
  Sites s;
  ASSERT_TRUE(s.establish());
  const auto due = s.due_at_hq();
  for (const auto id : {due + 1, due + 2, due + 1000, UINT32_MAX})
    s.forge(s.branch, s.header(s.branch, ExchangeType::informational, false, id), {wire::Delete{}});
  EXPECT_THAT(s.said(s.hq), IsEmpty());
  EXPECT_EQ(s.hq.engine().statistics().outside_window, 4u);
  EXPECT_EQ(s.hq.ready_sas(), 1u);
}

// INITIAL_CONTACT from somebody who does not hold the key clears nothing (§2.4).
TEST(Checklist31, Line13_InitialContactCountsOnlyAfterAuth) {
  World world{{.seed = 4}};
  auto [hq, branch] = world.pair();
  for (auto* node : {&hq, &branch}) node->configure(node->configuration);
  ASSERT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 5s));
  const auto spi = hq.sending("Tunnel1")->inbound_spi;
  key_for(branch.configuration, "Tunnel1").local_key = net::Secret(net::as_view("forged"));
  branch.restart();
  world.advance(3s);
  EXPECT_TRUE(hq.heard_of(EventKind::neg_abort, "does not verify"));
  ASSERT_TRUE(hq.sending("Tunnel1"));
  EXPECT_EQ(hq.sending("Tunnel1")->inbound_spi, spi);
}

TEST(Checklist31, Line15_MinorVersionAndReservedBitsAreIgnored) {
  FirstWord f;
  auto octets = f.request.emit();
  octets[17] = std::byte{0x2f};
  octets[19] |= std::byte{0xc7};
  EXPECT_TRUE(wire::find<wire::KeyExchange>(f.answer(octets).payloads));
  f.request.header.initiator_spi ^= 1;
  octets = f.request.emit();
  EXPECT_EQ(octets[19] & std::byte{0xc7}, std::byte{0});
  octets[17] = std::byte{0x30};
  EXPECT_TRUE(wire::find_notify(f.answer(octets).payloads, NotifyType::invalid_major_version));
  octets[17] = std::byte{0x10};
  EXPECT_THAT(f.answer(octets).payloads, IsEmpty());
}

TEST(Checklist31, Line16_CriticalPayloads) {
  FirstWord f;
  f.request.payloads.push_back(wire::UnknownPayload{wire::PayloadType{200}, net::Bytes(3)});
  EXPECT_TRUE(f.served(f.request));
  auto octets = f.request.emit();
  octets[octets.size() - 6] = std::byte{0x80};
  const auto refused = f.answer(octets);
  const auto* why = wire::find_notify(refused.payloads, NotifyType::unsupported_critical_payload);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->data, net::Bytes{std::byte{200}});
}

TEST(Checklist31, Line17_PayloadsInAnyOrder) {
  FirstWord f;
  std::ranges::reverse(f.request.payloads);
  EXPECT_TRUE(f.served(f.request));
  Sites s;
  ASSERT_TRUE(s.establish());
  const auto child = *s.hq.sending("Tunnel1");
  s.forge(s.branch, s.header(s.branch, ExchangeType::informational, false, s.due_at_hq()),
          {plain_notify(NotifyType::initial_contact), wire::VendorId{},
           wire::Delete{wire::ProtocolId::esp, {child.outbound_spi}}, wire::VendorId{}});
  EXPECT_EQ(s.hq.sending("Tunnel1"), nullptr);
}

TEST(Checklist31, Line18_SpisAndFlags) {
  FirstWord f;
  const auto good = f.request;
  f.request.header.initiator_spi = 0;
  EXPECT_THAT(f.answer(f.request.emit()).payloads, IsEmpty());
  f.request = good;
  f.request.header.responder_spi = 5;  // a first message has none
  EXPECT_THAT(f.answer(f.request.emit()).payloads, IsEmpty());
  f.request = good;
  f.request.header.is_response = true;
  EXPECT_THAT(f.answer(f.request.emit()).payloads, IsEmpty());
  f.request = good;
  f.request.header.from_initiator = false;
  EXPECT_THAT(f.answer(f.request.emit()).payloads, IsEmpty());
  const auto answer = f.answer(good.emit());
  EXPECT_NE(answer.header.responder_spi, 0u);
  EXPECT_TRUE(answer.header.is_response);
  EXPECT_FALSE(answer.header.from_initiator);
}

// Authentic, but the inner Notify is cut short: told under protection, and the SA is over on both sides (§2.21.3).
TEST(Checklist31, Line20_MalformedUnderProtectionEndsTheSa) {
  Sites s;
  ASSERT_TRUE(s.establish());
  const auto spi = s.header(s.branch, ExchangeType::informational, false, 0).initiator_spi;
  s.forge(s.branch, s.header(s.branch, ExchangeType::informational, false, s.due_at_hq()),
          {wire::UnknownPayload{wire::PayloadType::notify, net::Bytes(1)}});
  EXPECT_THAT(s.said(s.hq), ::testing::Contains("INFORMATIONAL response 0"));
  EXPECT_EQ(s.hq.ready_sas(), 0u);
  const auto rows = s.hq.engine().show(s.world.now);
  EXPECT_TRUE(std::ranges::all_of(
      rows, [&](const SaView& row) { return row.local_spi != spi || row.status == SaStatus::deleting; }));
  // And a good request with INVALID_SYNTAX closes it at whoever gets it.
  Sites t;
  ASSERT_TRUE(t.establish());
  t.forge(t.branch, t.header(t.branch, ExchangeType::informational, false, t.due_at_hq()),
          {plain_notify(NotifyType::invalid_syntax)});
  EXPECT_EQ(t.hq.ready_sas(), 0u);
}

TEST(Checklist31, Line23_UnknownNotifies) {
  Sites s;
  ASSERT_TRUE(s.establish());
  const auto before = s.hq.sending("Tunnel1")->inbound_spi;
  for (const auto type : std::initializer_list<std::uint16_t>{8191, 16000, 16999, 40960, 65535})
    s.forge(s.branch, s.header(s.branch, ExchangeType::informational, false, s.due_at_hq()),
            {plain_notify(NotifyType{type}, net::Bytes(5))});
  EXPECT_EQ(s.hq.sending("Tunnel1")->inbound_spi, before);
  EXPECT_EQ(s.due_at_hq(), 5u);
  // An error that nobody knows, in a response: the rekey has failed, the old Child SA stands.
  s.world.network.lose = [&](const Datagram& d) { return d.from.address == s.branch.address; };
  s.hq.report_end(s.hq.sending("Tunnel1")->child, Expiry::kilobytes);
  s.world.advance(10ms);
  const auto id = last_sent(s.world, s.hq.address).header()->message_id;
  s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, true, id), {plain_notify(NotifyType{8999})});
  EXPECT_TRUE(s.hq.heard_of(EventKind::child_failed, "notify 8999"));
  EXPECT_EQ(s.hq.sending("Tunnel1")->inbound_spi, before);
}

TEST(Checklist31, Line24_OffersAreNumberedFromOne) {
  FirstWord f;
  const auto answer = f.answer(f.request.emit());
  const auto* chosen = wire::find<wire::SecurityAssociation>(answer.payloads);
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen->proposals.size(), 1u);
  EXPECT_EQ(chosen->proposals.front().number, 1);
  std::set<wire::TransformType> types;
  for (const auto& transform : chosen->proposals.front().transforms) EXPECT_TRUE(types.insert(transform.type).second);
  std::get<wire::SecurityAssociation>(f.request.payloads.front()).proposals.front().number = 2;
  EXPECT_TRUE(wire::find_notify(f.answer(f.request.emit()).payloads, NotifyType::invalid_syntax));
}

// 32 octets: half the key of every PRF and more. No two nonces are alike.
TEST(Checklist31, Line35_NoncesAreLongEnoughAndNew) {
  std::set<net::Bytes> nonces;
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Sites s(seed);
    s.start();
    ASSERT_TRUE(s.world.run_until([&] { return World::joined(s.hq, s.branch); }, 5s));
    for (const auto& datagram : s.world.network.log) {
      const auto message = wire::Message::parse(datagram.bytes);
      const auto* nonce = message ? wire::find<wire::Nonce>(message->payloads) : nullptr;
      if (!nonce) continue;
      ++count;
      nonces.insert(nonce->value);
      EXPECT_EQ(nonce->value.size(), 32u);
    }
  }
  EXPECT_GE(count, 20u);
  EXPECT_EQ(nonces.size(), count);
}

// Of several source hashes one has to match, and where none does, there is a NAT (§2.23).
TEST(Checklist31, Line37_SeveralSourceHashes) {
  const Path path{{net::Address::v4(1), 500}, {net::Address::v4(2), 500}};
  const Path reverse{path.remote, path.local}, other{{net::Address::v4(9), 500}, path.local};
  wire::Payloads payloads;
  v2::add_nat_detection(payloads, 1, 2, other);
  EXPECT_TRUE(v2::judge_nat(payloads, 1, 2, path).remote);
  v2::add_nat_detection(payloads, 1, 2, reverse);
  EXPECT_FALSE(v2::judge_nat(payloads, 1, 2, path).any());
  v2::add_nat_detection(payloads, 1, 2, other);
  EXPECT_FALSE(v2::judge_nat(payloads, 1, 2, path).any());
}

}  // namespace
}  // namespace culvert::testing
