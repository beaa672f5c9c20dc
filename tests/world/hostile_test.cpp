// What strangers send: counted, bounded, and without effect on those who are known (ATTACKS A3, A15 to A17, A21, A43).
#include <gtest/gtest.h>

#include "ike/wire/message.h"
#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

class Hostile : public ::testing::Test {
 protected:
  void SetUp() override {
    world.network.keep_log = true;
    hq.configure(hq.configuration);
    branch.configure(branch.configuration);
    ASSERT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 5s));
    world.advance(2s);  // if both began, the other IKE SA is closed
  }
  void TearDown() override { EXPECT_EQ(world.broken, ""); }

  wire::Header header_to_hq(wire::ExchangeType exchange, bool response, std::uint32_t id) {
    const auto row = hq.engine().show(world.now).front();
    return {.initiator_spi = row.initiator ? row.local_spi : row.remote_spi,
            .responder_spi = row.initiator ? row.remote_spi : row.local_spi,
            .exchange = exchange,
            .from_initiator = !row.initiator,
            .is_response = response,
            .message_id = id};
  }
  void send(const wire::Header& header, wire::Payloads payloads) {
    world.inject({branch.address, 500}, {hq.address, 500}, wire::Message{header, std::move(payloads)}.emit());
  }
  std::size_t sent_to(const net::Address& where) const {
    std::size_t count = 0;
    for (const auto& datagram : world.network.log) count += datagram.to.address == where;
    return count;
  }

  World world{{.seed = 21}};
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
  const net::Endpoint stranger{address("198.51.100.66"), 500};
};

// Exchange by role by direction: nothing that is not under the keys of the SA changes it.
TEST_F(Hostile, Checklist31_Line12_UnprotectedMessagesChangeNothing) {
  const auto before = hq.engine().show(world.now).front();
  const wire::Payloads payloads[]{
      {wire::Delete{}},
      {wire::Delete{wire::ProtocolId::esp, {hq.installed.front().outbound_spi}}},
      {wire::Notify{.type = wire::NotifyType::authentication_failed, .spi = {}, .data = {}}},
      {wire::Notify{.type = wire::NotifyType::invalid_ike_spi, .spi = {}, .data = {}}},
      {wire::Notify{.type = wire::NotifyType::initial_contact, .spi = {}, .data = {}}},
      {}};
  for (std::uint8_t exchange = 30; exchange < 45; ++exchange)
    for (const bool response : {true, false})
      for (std::uint32_t id = 0; id < 4; ++id)
        for (const auto& one : payloads)
          send(header_to_hq(static_cast<wire::ExchangeType>(exchange), response, id), one);
  const auto after = hq.engine().show(world.now).front();
  EXPECT_EQ(after.status, SaStatus::ready);
  EXPECT_EQ(after.remote_next_id, before.remote_next_id);
  EXPECT_EQ(hq.installed.size(), 1u);
  EXPECT_LT(hq.events.size(), 30u);
}

TEST_F(Hostile, Checklist31_Line05_ReplaysAreAnsweredFromMemoryOrNotAtAll) {
  const auto log = world.network.log;
  const auto installs = hq.installs + branch.installs;
  for (int round = 0; round < 3; ++round)
    for (const auto& datagram : log) world.inject(datagram.from, datagram.to, datagram.bytes);
  world.advance(40s);
  EXPECT_EQ(hq.installs + branch.installs, installs);
  EXPECT_TRUE(World::joined(hq, branch));
}

TEST_F(Hostile, EveryBitFlipped) {
  const auto log = world.network.log;
  for (const auto& datagram : log) {
    for (std::size_t bit = 0; bit < datagram.bytes.size() * 8; bit += 7) {
      auto bytes = datagram.bytes;
      bytes[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
      world.inject(datagram.from, datagram.to, bytes);
    }
  }
  world.advance(60s);
  EXPECT_TRUE(World::joined(hq, branch));
}

TEST_F(Hostile, EveryLength) {
  const auto log = world.network.log;
  for (const auto& datagram : log)
    for (std::size_t size = 0; size < datagram.bytes.size(); ++size)
      world.inject(datagram.from, datagram.to,
                   {datagram.bytes.begin(), datagram.bytes.begin() + static_cast<std::ptrdiff_t>(size)});
  EXPECT_TRUE(World::joined(hq, branch));
  EXPECT_GT(hq.engine().statistics().malformed, 100u);
}

// An answer to a stranger is never longer than what asked for it, few a second, and never answers an answer (A16).
TEST_F(Hostile, Checklist31_Line21_UnknownSpisAreAnsweredSparingly) {
  wire::Header header{.initiator_spi = 1,
                      .responder_spi = 2,
                      .exchange = wire::ExchangeType::informational,
                      .from_initiator = true,
                      .message_id = 5};
  for (int i = 0; i < 1000; ++i)
    world.inject(stranger, {hq.address, 500}, wire::Message{header, {wire::Delete{}}}.emit());
  EXPECT_LE(sent_to(stranger.address), 25u);
  EXPECT_EQ(hq.engine().statistics().unknown_spi, 1000u);
  const auto asked = sent_to(stranger.address);
  world.advance(10s);
  header.is_response = true;
  for (int i = 0; i < 10; ++i) world.inject(stranger, {hq.address, 500}, wire::Message{header, {}}.emit());
  EXPECT_EQ(sent_to(stranger.address), asked);
}

TEST_F(Hostile, NewerVersionsAreTold) {
  wire::Message request{{.initiator_spi = 9, .exchange = wire::ExchangeType::ike_sa_init, .from_initiator = true},
                        {wire::Nonce{net::Bytes(32)}}};
  auto bytes = request.emit();
  bytes[17] = std::byte{0x30};
  world.inject(stranger, {hq.address, 500}, bytes);
  const auto reply = wire::Message::parse(last_sent(world, hq.address).bytes);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(wire::find_notify(reply->payloads, wire::NotifyType::invalid_major_version));
  EXPECT_TRUE(reply->header.is_response);
  EXPECT_EQ(hq.engine().statistics().wrong_version, 1u);
}

TEST_F(Hostile, Checklist31_Line02_KeepalivesAndStrayEspOnPort4500) {
  const auto sent = world.network.log.size();
  world.inject(stranger, {hq.address, 4500}, {std::byte{0xff}});
  world.inject(stranger, {hq.address, 4500}, net::Bytes(60, std::byte{7}));
  world.inject(stranger, {hq.address, 4500}, {});
  EXPECT_EQ(hq.engine().statistics().keepalives_in, 1u);
  EXPECT_EQ(hq.engine().statistics().malformed, 2u);
  EXPECT_EQ(world.network.log.size(), sent);
}

// Five kinds in turn, a million in all: each is counted, few are logged.
TEST_F(Hostile, Attacks_A43_AMillionIsFewLinesOfLog) {
  constexpr std::uint64_t each = 200'000;
  const auto lines = hq.events.size();
  const auto before = hq.engine().statistics();
  world.network.keep_log = false;
  wire::Message unknown{{.initiator_spi = 7, .responder_spi = 8, .exchange = wire::ExchangeType::informational}, {}};
  auto old = unknown.emit(), forged = wire::Message{header_to_hq(wire::ExchangeType::informational, false, 9),
                                                    {wire::Encrypted{wire::PayloadType::none, net::Bytes(64)}}}
                                          .emit();
  old[17] = std::byte{0x10};
  const auto floating = unknown.emit();
  const net::Bytes noise(20, std::byte{1}), no_marker(40, std::byte{5});
  for (std::uint64_t i = 0; i < each; ++i) {
    world.inject(stranger, {hq.address, 500}, noise);
    world.inject(stranger, {hq.address, 4500}, no_marker);
    world.inject(stranger, {hq.address, 500}, old);
    world.inject(stranger, {hq.address, 500}, floating);
    world.inject({branch.address, 500}, {hq.address, 500}, forged);
    if (i % 1000 == 0) world.advance(1ms);
  }
  const auto& after = hq.engine().statistics();
  EXPECT_LT(hq.events.size() - lines, 100u);
  EXPECT_EQ(after.datagrams_in - before.datagrams_in, 5 * each);
  EXPECT_EQ(after.malformed - before.malformed, 2 * each);
  EXPECT_EQ(after.wrong_version - before.wrong_version, each);
  EXPECT_EQ(after.unknown_spi - before.unknown_spi, each);
  EXPECT_EQ(after.not_authentic - before.not_authentic, each);
  EXPECT_TRUE(World::joined(hq, branch));
}

}  // namespace
}  // namespace culvert::testing
