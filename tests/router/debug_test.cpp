// Debug output of the IKE engine: what it says of a message, what it never says, and that it cannot flood the router.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>

#include "ike/commands/debug_text.h"
#include "router/ike_debug.h"

namespace culvert::router {
namespace {

namespace wire = ike::wire;
using testing::HasSubstr;
using testing::Not;

const ike::Path path{{*net::Address::parse("10.0.0.1"), 500}, {*net::Address::parse("10.0.0.2"), 500}};
const wire::Header header{
    .initiator_spi = 0x1d418169b24bf95a, .exchange = wire::ExchangeType::ike_sa_init, .from_initiator = true};

net::Bytes octets_of(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

wire::Payloads init_payloads() {
  wire::Proposal proposal{
      .transforms = {wire::Transform::of(ike::Encryption::aes_cbc_256), wire::Transform::of(ike::Prf::sha256)}};
  return {wire::SecurityAssociation{{proposal}}, wire::KeyExchange{19, octets_of(std::string(64, 'K'))},
          wire::Nonce{octets_of(std::string(32, 'N'))},
          wire::Notify{
              .type = wire::NotifyType::nat_detection_source_ip, .spi = {}, .data = octets_of("01234567890123456789")}};
}

TEST(DebugText, OneLineForEachPayloadWithWhatItSays) {
  const auto payloads = init_payloads();
  EXPECT_EQ(ike::message_details({true, {31, 1}, path, header, payloads, 210}),
            "IKEv2-PAK:(SESSION ID = 31,SA ID = 1):Sending Packet [To 10.0.0.2:500/From 10.0.0.1:500/VRF i0:f0] \n"
            "Initiator SPI : 1D418169B24BF95A - Responder SPI : 0000000000000000 Message id: 0\n"
            "Next payload: SA, version: 2.0 Exchange type: IKE_SA_INIT, flags: INITIATOR Message id: 0, length: 210 \n"
            "Payload contents: \n"
            " SA  Next payload: KE, reserved: 0x0, length: 32\n"
            "  Proposal: 1, Protocol id: IKE, SPI size: 0, #trans: 2\n"
            "    type: 1, id: AES-CBC-256\n"
            "    type: 2, id: SHA256\n"
            " KE  Next payload: N, reserved: 0x0, length: 72\n"
            "    DH group: 19, Reserved: 0x0\n"
            " N  Next payload: NOTIFY, reserved: 0x0, length: 36\n"
            " NOTIFY(NAT_DETECTION_SOURCE_IP)  Next payload: NONE, reserved: 0x0, length: 28\n"
            "    Security protocol id: Unknown - 0, spi size: 0, type: NAT_DETECTION_SOURCE_IP");
}

TEST(DebugText, TheSummaryIsThePayloadsByName) {
  const auto payloads = init_payloads();
  auto answer = header;
  answer.is_response = true;
  EXPECT_EQ(ike::message_summary({false, {}, path, answer, payloads, 210}),
            "IKEv2:Received Packet [From 10.0.0.2:500/To 10.0.0.1:500/VRF i0:f0] \n"
            "Initiator SPI : 1D418169B24BF95A - Responder SPI : 0000000000000000 Message id: 0\n"
            "IKEv2 IKE_SA_INIT Exchange RESPONSE \nPayload contents: \n SA KE N NOTIFY(NAT_DETECTION_SOURCE_IP) ");
}

TEST(DebugText, NothingThatKeysAreMadeOfNorIdentities) {
  const wire::Payloads payloads{
      wire::Identification{.type = wire::IdType::fqdn, .data = octets_of("SECRETNAME")},
      wire::Authentication{.data = octets_of("SECRETAUTH")}, wire::Nonce{octets_of("SECRETNONCE12345")},
      wire::KeyExchange{14, octets_of("SECRETVALUE")}, wire::VendorId{octets_of("\x1b[2J SECRETVENDOR")}};
  const auto text = ike::message_details({false, {1, 1}, path, header, payloads, 1});
  EXPECT_THAT(text, HasSubstr(" AUTH  Next payload: N, reserved: 0x0, length: 18\n    Auth method PSK"));
  EXPECT_THAT(text, Not(HasSubstr("SECRET")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

// What a parser leaves of a payload whose every selector is of an unknown type.
TEST(DebugText, SelectorsOfWhichNoneIsKnown) {
  const wire::Payloads payloads{wire::TrafficSelectors{}};
  EXPECT_THAT(ike::message_details({false, {}, path, header, payloads, 1}), HasSubstr("Num of TSs: 0"));
}

TEST(DebugText, UnknownNumbersAreShownAsNumbers) {
  const wire::Payloads payloads{wire::Notify{.type = static_cast<wire::NotifyType>(40969), .spi = {}, .data = {}}};
  auto odd = header;
  odd.exchange = static_cast<wire::ExchangeType>(240);
  const auto text = ike::message_details({false, {}, path, odd, payloads, 36});
  EXPECT_THAT(text, HasSubstr("NOTIFY(Unknown - 40969)"));
  EXPECT_THAT(text, HasSubstr("Exchange type: Unknown - 240"));
}

// Whatever a peer sends and a parser lets through can be told.
TEST(DebugText, AnyMessageThatParses) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}; mt19937 random({}) repeats it", seed, seed));
  std::mt19937 random(seed);
  auto payloads = init_payloads();
  payloads.emplace_back(wire::Identification{.type = wire::IdType::fqdn, .data = octets_of("a.name")});
  payloads.emplace_back(wire::TrafficSelectors{.selectors = {wire::TrafficSelector::any(net::Family::ipv4)}});
  payloads.emplace_back(wire::Delete{ike::wire::ProtocolId::esp, {1, 2}});
  const auto octets = wire::Message{header, payloads}.emit();
  unsigned told = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto mutant = octets;
    for (int n = 0; n < 3; ++n) mutant[28 + random() % (mutant.size() - 28)] = static_cast<std::byte>(random());
    const auto parsed = wire::Message::parse(mutant);
    if (!parsed) continue;
    ++told;
    const auto text = ike::message_details({false, {}, path, parsed->header, parsed->payloads, mutant.size()});
    ASSERT_EQ(printable(text), [&] {
      std::string escaped;
      for (const char c : text) escaped += c == '\n' ? "\\x0a" : std::string(1, c);
      return escaped;
    }());
  }
  EXPECT_GT(told, 1000u);
}

struct Debugged {
  Syslog log{1 << 20};
  net::Time now{};
  IkeDebug debug{log, {.now = [this] { return now; }, .wall = [] { return net::WallTime{}; }}};
  std::string text() const {
    std::string all;
    for (const auto& line : log.lines()) all += line + "\n";
    return all;
  }
};

TEST(IkeDebug, EachKindShowsItsOwn) {
  const auto payloads = init_payloads();
  const auto everything = [&](DebugFlags flags) {
    Debugged d;
    d.debug.flags = flags;
    d.debug.step({1, 2}, "Retransmitting packet");
    d.debug.message({true, {1, 2}, path, header, payloads, 210});
    d.debug.happened({1, 2}, ike::EventKind::sa_up, "peer identity x");
    d.debug.happened({}, ike::EventKind::neg_abort, "no IKEv2 proposal in common");
    return d.text();
  };
  EXPECT_EQ(everything({}), "");
  const auto errors = everything({.error = true});
  EXPECT_THAT(errors, HasSubstr(": IKEv2-ERROR:Negotiation aborted due to ERROR: no IKEv2 proposal in common"));
  EXPECT_THAT(errors, Not(HasSubstr("SA UP")));
  const auto packets = everything({.packet = true});
  EXPECT_THAT(packets, HasSubstr("IKEv2-PAK:"));
  EXPECT_THAT(packets, Not(HasSubstr("Retransmitting")));
  const auto general = everything({.general = true});
  EXPECT_THAT(general, HasSubstr("IKEv2:(SESSION ID = 1,SA ID = 2):Retransmitting packet"));
  EXPECT_THAT(general, HasSubstr("SA UP: peer identity x"));
  EXPECT_THAT(general, HasSubstr(" SA KE N NOTIFY("));
  EXPECT_THAT(general, HasSubstr("IKEv2-ERROR:"));
}

TEST(IkeDebug, AFloodIsCountedAndReportedWhenItIsOver) {
  Debugged d;
  d.debug.flags.general = true;
  for (int i = 0; i < 100'000; ++i) d.debug.step({}, "x");
  d.log.report_dropped(d.now, {});
  EXPECT_EQ(d.log.lines().size() + d.log.dropped(), 100'000u);
  EXPECT_LT(d.log.lines().size(), 1000u);
  d.now += std::chrono::seconds(2);
  d.log.report_dropped(d.now, {});
  EXPECT_THAT(d.log.lines().back(), HasSubstr("%SYS-3-LOGGER_DROPPED: System dropped"));
  d.debug.step({}, "once more");
  EXPECT_THAT(d.log.lines().back(), HasSubstr("once more"));
  d.now += std::chrono::seconds(2);
  d.log.report_dropped(d.now, {});
  EXPECT_THAT(d.log.lines().back(), HasSubstr("once more"));
}

TEST(IkeDebug, TextOfAPeerCannotForgeLines) {
  Debugged d;
  d.debug.flags.general = true;
  d.debug.happened({}, ike::EventKind::sa_up, "evil\r\n*Nov 21: %SYS-5-X\x1b[2J");
  EXPECT_THAT(d.log.lines().back(), HasSubstr("evil\\x0d\\x0a*Nov"));
}

TEST(Syslog, LinesGoWhereTheyAreWanted) {
  Syslog log;
  log.set_destinations({.console = false, .monitor = true, .buffer = false});
  log.write({}, {}, {"SYS", 5, "X", "y"});
  EXPECT_EQ(log.to_console(), 0u);
  EXPECT_EQ(log.to_monitor(), 1u);
  EXPECT_TRUE(log.lines().empty());
}

}  // namespace
}  // namespace culvert::router
