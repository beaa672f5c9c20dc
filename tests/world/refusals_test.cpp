// What a peer who holds the keys may not do: reserved SPIs, extra children, and refusals of ours that he gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/insider.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using ::testing::ElementsAre;
using wire::ExchangeType;
using wire::NotifyType;

wire::SecurityAssociation esp_offer(std::uint32_t spi) {
  wire::Proposal proposal{
      .number = 1, .protocol = wire::ProtocolId::esp, .spi = wire::spi_octets(spi), .transforms = {}};
  proposal.transforms = {wire::Transform::of(Encryption::aes_gcm_256), wire::Transform::of(SequenceNumbers::short_32)};
  return {{std::move(proposal)}};
}

// A CREATE_CHILD_SA request as branch could send it; with `rekeyed`, a rekey of that SPI of its own.
wire::Payloads child_request(std::uint32_t spi, std::optional<std::uint32_t> rekeyed) {
  const std::vector any{TrafficSelector::any(net::Family::ipv4)};
  wire::Payloads payloads{esp_offer(spi), wire::Nonce{net::Bytes(32, std::byte{7})},
                          wire::TrafficSelectors{wire::Side::initiator, any},
                          wire::TrafficSelectors{wire::Side::responder, any}};
  if (rekeyed)
    payloads.insert(payloads.begin(), wire::Notify{.protocol = wire::ProtocolId::esp,
                                                   .type = NotifyType::rekey_sa,
                                                   .spi = wire::spi_octets(*rekeyed),
                                                   .data = {}});
  return payloads;
}

class ReservedSpi : public ::testing::TestWithParam<std::uint32_t> {};

// RFC 4303 §2.1: 1 to 255 are reserved, 0 is never sent. Whoever asks for one in a rekey keeps the old SA.
TEST_P(ReservedSpi, OfAPeerIsRefused) {
  Sites s;
  ASSERT_TRUE(s.establish());
  const auto old = *s.hq.sending("Tunnel1");
  s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, false, s.due_at_hq()),
          child_request(GetParam(), old.outbound_spi));
  const bool usable = GetParam() >= 256;
  EXPECT_EQ(s.hq.installed.size(), usable ? 2u : 1u);
  EXPECT_EQ(s.hq.heard_of(EventKind::child_failed), !usable);
  EXPECT_EQ(s.world.broken, "");
}

// The same in the peer's answer to our own rekey.
TEST_P(ReservedSpi, InAnAnswerIsRefused) {
  Sites s;
  ASSERT_TRUE(s.establish());
  s.world.network.lose = [&](const Datagram& d) { return d.from.address == s.branch.address; };
  s.hq.report_end(s.hq.sending("Tunnel1")->child, Expiry::kilobytes);
  s.world.advance(1ms);
  const auto id = last_sent(s.world, s.hq.address).header()->message_id;
  s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, true, id), child_request(GetParam(), {}));
  EXPECT_EQ(s.hq.installs, GetParam() >= 256 ? 2u : 1u);
  EXPECT_EQ(s.hq.heard_of(EventKind::child_failed), GetParam() < 256);
}
INSTANTIATE_TEST_SUITE_P(Edges, ReservedSpi, ::testing::Values(0, 1, 255, 256));

// One pair serves a tunnel: another is refused, and the IKE SA stands (§1.3.1, NO_ADDITIONAL_SAS).
TEST(Refusals, ExtraChildIsNotMade) {
  Sites s;
  ASSERT_TRUE(s.establish());
  s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, false, s.due_at_hq()), child_request(4000, {}));
  EXPECT_THAT(s.said(s.hq), ElementsAre("CREATE_CHILD_SA response 0"));
  EXPECT_EQ(s.hq.installed.size(), 1u);
  EXPECT_EQ(s.hq.ready_sas(), 1u);
}

wire::Payloads with_group(wire::Payloads request, Group wanted, Group sent) {
  for (auto& payload : request)
    if (auto* offer = std::get_if<wire::SecurityAssociation>(&payload))
      offer->proposals.front().transforms.push_back(wire::Transform::of(wanted));
  const ToyKeyExchange exchange(5);
  request.push_back(wire::KeyExchange{static_cast<std::uint16_t>(sent), exchange.generate(sent)->public_value});
  return request;
}

// The KE is not of the group that is chosen: INVALID_KE_PAYLOAD names that, and the next try is served (§1.3).
TEST(Refusals, WrongGroupInAChildRekeyIsTold) {
  Sites s;
  ASSERT_TRUE(s.establish());
  const auto old = s.hq.sending("Tunnel1")->outbound_spi;
  const auto ask = [&](Group sent) {
    s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, false, s.due_at_hq()),
            with_group(child_request(5000, old), Group::modp_2048, sent));
    s.world.advance(1ms);
    return s.insider.open(last_sent(s.world, s.hq.address));
  };
  const auto refused = ask(Group::ecp_256);
  const auto* why = wire::find_notify(refused, NotifyType::invalid_ke_payload);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->u16(), 14);
  EXPECT_EQ(s.hq.installed.size(), 1u);
  EXPECT_TRUE(wire::find<wire::KeyExchange>(ask(Group::modp_2048)));
  EXPECT_EQ(s.hq.installed.size(), 2u);
}

// The initiator's side of it: another key of the group that was asked for, and no third group (§1.3.2).
TEST(Refusals, InvalidKeInAnIkeRekeyIsFollowed) {
  Sites s;
  s.hq.configuration.profiles["P"].lifetime_s = 600;
  ASSERT_TRUE(s.establish());
  s.world.network.lose = [](const Datagram&) { return true; };
  const auto asked = [&] {
    const auto last = last_sent(s.world, s.hq.address);
    return last.header() && last.header()->exchange == ExchangeType::create_child_sa ? s.insider.open(last)
                                                                                     : wire::Payloads{};
  };
  ASSERT_TRUE(s.world.run_until([&] { return !asked().empty(); }, 10min));
  EXPECT_EQ(wire::find<wire::KeyExchange>(asked())->group, 19);
  for (const auto group : std::initializer_list<std::uint8_t>{14, 2}) {
    const auto id = last_sent(s.world, s.hq.address).header()->message_id;
    s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, true, id),
            {plain_notify(NotifyType::invalid_ke_payload, {std::byte{0}, std::byte{group}})});
    s.world.advance(1ms);
    EXPECT_EQ(wire::find<wire::KeyExchange>(asked())->group, 14);
  }
  EXPECT_TRUE(s.hq.heard_of(EventKind::child_failed, "INVALID_KE_PAYLOAD"));
}

// The peer puts off every rekey: after some minutes the two are out of step, and begin anew (§2.25).
TEST(Refusals, TemporaryFailureForEverEndsTheSa) {
  Sites s;
  ASSERT_TRUE(s.establish());
  s.world.network.lose = [&](const Datagram& d) { return d.from.address == s.branch.address; };
  s.hq.report_end(s.hq.sending("Tunnel1")->child, Expiry::kilobytes);
  const auto end = s.world.now + 5min;
  while (s.world.now < end && !s.hq.heard_of(EventKind::sa_down)) {
    s.world.advance(500ms);
    const auto header = last_sent(s.world, s.hq.address).header();
    if (!header || header->exchange != ExchangeType::create_child_sa || header->is_response) continue;
    s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, true, header->message_id),
            {plain_notify(NotifyType::temporary_failure)});
  }
  EXPECT_TRUE(s.hq.heard_of(EventKind::sa_down, "the peer put off every rekey"));
  EXPECT_GE(s.world.now + 2min + 1s, end);
}

}  // namespace
}  // namespace culvert::testing
