// Lines of section 3.1 of the checklist about selectors in a rekey, and the mode of a Child SA, which is always tunnel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/world/insider.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using wire::ExchangeType;
using wire::NotifyType;

wire::Payloads child_payloads(std::uint32_t spi, const TrafficSelector& initiator, const TrafficSelector& responder) {
  wire::Proposal proposal{
      .number = 1, .protocol = wire::ProtocolId::esp, .spi = wire::spi_octets(spi), .transforms = {}};
  proposal.transforms = {wire::Transform::of(Encryption::aes_gcm_256), wire::Transform::of(SequenceNumbers::short_32)};
  return {wire::SecurityAssociation{{std::move(proposal)}}, wire::Nonce{net::Bytes(32, std::byte{7})},
          wire::TrafficSelectors{wire::Side::initiator, {initiator}},
          wire::TrafficSelectors{wire::Side::responder, {responder}}};
}

const TrafficSelector everything = TrafficSelector::any(net::Family::ipv4);

std::vector<TrafficSelector> selectors_in(const wire::Payloads& payloads, wire::Side side) {
  for (const auto& payload : payloads)
    if (const auto* selectors = std::get_if<wire::TrafficSelectors>(&payload); selectors && selectors->side == side)
      return selectors->selectors;
  return {};
}

struct RekeyBegun {
  Sites s;
  InstallSa old;
  Datagram request;

  RekeyBegun() {
    EXPECT_TRUE(s.establish());
    old = *s.hq.sending("Tunnel1");
    s.world.network.lose = [this](const Datagram& d) { return d.from.address == s.branch.address; };
    s.hq.report_end(old.child, Expiry::kilobytes);
    s.world.advance(1ms);
    request = last_sent(s.world, s.hq.address);
  }
  void answer(const TrafficSelector& initiator, const TrafficSelector& responder) {
    s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, true, request.header()->message_id),
            child_payloads(5000, initiator, responder));
    s.world.advance(1ms);
  }
};

// RFC 7296 section 2.9.2: a rekey asks for no less than is in use.
TEST(RekeyedSelectors, Checklist31_Line52_ARekeyOffersWhatIsInUse) {
  RekeyBegun rekey;
  const auto asked = rekey.s.insider.open(rekey.request);
  EXPECT_EQ(selectors_in(asked, wire::Side::initiator), rekey.old.local_selectors);
  EXPECT_EQ(selectors_in(asked, wire::Side::responder), rekey.old.remote_selectors);
}

// The peer's answer is narrower: what it made is deleted, and the old SA lives on.
TEST(RekeyedSelectors, Checklist31_Line52_AnAnswerThatIsNarrowerIsNotUsed) {
  RekeyBegun rekey;
  rekey.answer(everything, TrafficSelector::of(*net::Prefix::parse("10.2.0.0/24")));
  EXPECT_EQ(rekey.s.hq.installs, 1u);
  EXPECT_EQ(rekey.s.hq.sending("Tunnel1")->child, rekey.old.child);
  EXPECT_TRUE(rekey.s.hq.heard_of(EventKind::child_failed, "narrowed"));
  EXPECT_EQ(last_sent(rekey.s.world, rekey.s.hq.address).header()->exchange, ExchangeType::informational);
}

TEST(RekeyedSelectors, Checklist31_Line52_AnAnswerAsWideIsUsed) {
  RekeyBegun rekey;
  rekey.answer(everything, everything);
  EXPECT_EQ(rekey.s.hq.installs, 2u);
}

// USE_TRANSPORT_MODE is not echoed, so that the SA is one of tunnel mode; RFC 7296 section 1.3.1.
TEST(RekeyedSelectors, Checklist31_Line54_TransportModeIsNotEchoed) {
  Sites s;
  ASSERT_TRUE(s.establish());
  auto request = child_payloads(5000, everything, everything);
  request.insert(request.begin(), plain_notify(NotifyType::use_transport_mode));
  request.insert(request.begin(), wire::Notify{.protocol = wire::ProtocolId::esp,
                                               .type = NotifyType::rekey_sa,
                                               .spi = wire::spi_octets(s.hq.sending("Tunnel1")->outbound_spi),
                                               .data = {}});
  s.forge(s.branch, s.header(s.branch, ExchangeType::create_child_sa, false, s.due_at_hq()), request);
  s.world.advance(1ms);
  const auto answer = s.insider.open(last_sent(s.world, s.hq.address));
  EXPECT_TRUE(wire::find<wire::SecurityAssociation>(answer));
  EXPECT_FALSE(wire::find_notify(answer, NotifyType::use_transport_mode));
  EXPECT_EQ(s.hq.installed.size(), 2u);
}

}  // namespace
}  // namespace culvert::testing
