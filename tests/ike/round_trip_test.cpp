// What is emitted is what was meant, octet by octet, and what is parsed is what was emitted.
#include <gtest/gtest.h>

#include <algorithm>

#include "ike/wire/message.h"
#include "tests/ike/octets.h"
#include "tests/ike/samples.h"

namespace culvert::ike::wire {
namespace {

using testing::octets;

// An IKE_SA_INIT request written out by hand from RFC 7296 §3.
constexpr std::string_view by_hand =
    "0102030405060708 0000000000000000 21 20 22 08 00000000 000000a0"  // header: SA first, version 2.0, I flag
    "22 00 0054"                                                       // SA, then KE
    "02 00 002c 01 01 00 04"                                           // proposal 1 of IKE, no SPI, four transforms
    "03 00 000c 01 00 000c 800e 0100"                                  // ENCR_AES_CBC, 256 bits
    "03 00 0008 02 00 0005"                                            // PRF_HMAC_SHA2_256
    "03 00 0008 03 00 000c"                                            // AUTH_HMAC_SHA2_256_128
    "00 00 0008 04 00 0013"                                            // 256-bit random ECP group
    "00 00 0024 02 01 00 03"                                           // proposal 2, three transforms
    "03 00 000c 01 00 0014 800e 0080"                                  // ENCR_AES_GCM_16, 128 bits
    "03 00 0008 02 00 0002"                                            // PRF_HMAC_SHA1
    "00 00 0008 04 00 000e"                                            // 2048-bit MODP group
    "28 00 000c 0013 0000 deadbeef"                                    // KE of group 19, then Nonce
    "29 00 0014 000102030405060708090a0b0c0d0e0f"                      // Nonce, then Notify
    "2b 00 0008 00 00 402e"                                            // FRAGMENTATION_SUPPORTED, then Vendor ID
    "00 00 0008 cafef00d";                                             // Vendor ID, the last

Message meant_by_hand() {
  const Header header{.initiator_spi = 0x0102030405060708, .from_initiator = true};
  const Proposal cbc{.number = 1,
                     .transforms = {Transform::of(Encryption::aes_cbc_256), Transform::of(Prf::sha256),
                                    Transform::of(Integrity::sha256), Transform::of(Group::ecp_256)}};
  const Proposal gcm{.number = 2,
                     .transforms = {Transform::of(Encryption::aes_gcm_128), Transform::of(Prf::sha1),
                                    Transform::of(Group::modp_2048)}};
  return {header,
          {SecurityAssociation{{cbc, gcm}}, KeyExchange{19, octets("deadbeef")},
           Nonce{octets("000102030405060708090a0b0c0d0e0f")}, Notify{.type = NotifyType::fragmentation_supported},
           VendorId{octets("cafef00d")}}};
}

TEST(Wire, MessageWrittenByHand) {
  const auto datagram = octets(by_hand);
  EXPECT_EQ(net::to_hex(meant_by_hand().emit()), net::to_hex(datagram));
  const auto parsed = Message::parse(datagram);
  ASSERT_TRUE(parsed) << text(parsed.error().fault);
  EXPECT_EQ(*parsed, meant_by_hand());
}

// The payloads of IKE_AUTH that have a layout of their own, as inner chains written by hand.
struct InnerCase {
  int line;
  Payload payload;
  std::string_view octets;
};
const InnerCase inner_cases[]{
    {1, Identification{.type = IdType::ipv4_address, .data = octets("c0000201")}, "0000000c 01000000 c0000201"},
    {2, Identification{.side = Side::responder, .type = IdType::fqdn, .data = net::to_bytes("ab")},
     "0000000a 02000000 6162"},
    {3, Authentication{AuthMethod::shared_key, octets("0a0b")}, "0000000a 02000000 0a0b"},
    {4, Certificate{CertificateEncoding::x509_signature, octets("30")}, "00000006 04 30"},
    {5, CertificateRequest{CertificateEncoding::x509_signature, {}}, "00000005 04"},
    {6, Notify{ProtocolId::esp, NotifyType::rekey_sa, octets("01020304"), {}}, "0000000c 03 04 4009 01020304"},
    {7, Delete{ProtocolId::ike, {}}, "00000008 01 00 0000"},
    {8, Delete{ProtocolId::esp, {0x01020304, 5}}, "00000010 03 04 0002 01020304 00000005"},
    {9, TrafficSelectors{Side::initiator, {TrafficSelector::of(*net::Prefix::parse("10.1.2.0/23"))}},
     "00000018 01000000 07 00 0010 0000 ffff 0a010200 0a0103ff"},
    {10,
     TrafficSelectors{Side::responder,
                      {{.protocol = 58,
                        .start_port = 0x8000,
                        .end_port = 0x80ff,
                        .start = *net::Address::parse("2001:db8::"),
                        .end = *net::Address::parse("2001:db8::ff")}}},
     "00000030 01000000 08 3a 0028 8000 80ff"
     "20010db8000000000000000000000000 20010db80000000000000000000000ff"},
    {11, Configuration{ConfigurationType::request, {{1, {}}, {3, octets("08080808")}}},
     "00000014 01000000 0001 0000 0003 0004 08080808"},
    {12, Eap{octets("0101000501")}, "00000009 0101000501"},
    {13,
     SecurityAssociation{{{.number = 1,
                           .protocol = ProtocolId::esp,
                           .spi = octets("c0ffee01"),
                           .transforms = {Transform::of(Encryption::triple_des), Transform::of(Integrity::sha1),
                                          Transform::of(SequenceNumbers::extended_64)}}}},
     "00000028 00000024 01 03 04 03 c0ffee01 0300000801000003 0300000803000002 0000000805000001"},
};

TEST(Wire, PayloadsWrittenByHand) {
  for (const auto& c : inner_cases) {
    net::Bytes emitted;
    emit_chain(std::span(&c.payload, 1), emitted);
    EXPECT_EQ(emitted, octets(c.octets)) << "case " << c.line << ": " << net::to_hex(emitted);
    const auto parsed = parse_inner_chain(type_of(c.payload), octets(c.octets));
    ASSERT_TRUE(parsed) << "case " << c.line << ": " << text(parsed.error().fault);
    EXPECT_EQ(*parsed, Payloads{c.payload}) << "case " << c.line;
  }
}

TEST(Wire, ParseOfEmitIsTheSame) {
  constexpr std::uint64_t seed = 20260101;
  net::SeededRandom random(seed);
  for (int turn = 0; turn < 20000; ++turn) {
    const auto message = testing::any_message(random);
    const auto datagram = message.emit();
    const auto parsed = Message::parse(datagram);
    ASSERT_TRUE(parsed) << "seed " << seed << ", turn " << turn << ": " << text(parsed.error().fault);
    ASSERT_EQ(*parsed, message) << "seed " << seed << ", turn " << turn << "; repeat: out/debug/ike_wire_test "
                                << "--gtest_filter=Wire.ParseOfEmitIsTheSame";
    ASSERT_EQ(parsed->emit(), datagram);
  }
}

TEST(Wire, ReservedBitsAreIgnored) {
  auto datagram = octets(by_hand);
  datagram[19] |= std::byte{0xc7};                        // the reserved flags X
  datagram[Header::size_octets + 1] |= std::byte{0xff};   // critical, and reserved bits, of a payload that is known
  datagram[Header::size_octets + 5] |= std::byte{0xff};   // reserved octet of the first proposal
  datagram[Header::size_octets + 13] |= std::byte{0xff};  // and of its first transform
  const auto parsed = Message::parse(datagram);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, meant_by_hand());
}

TEST(Wire, MinorVersionIsIgnored) {
  auto datagram = octets(by_hand);
  datagram[17] = std::byte{0x2f};
  const auto parsed = Message::parse(datagram);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->payloads, meant_by_hand().payloads);
}

// RFC 7296 §2.5: every order is good.
TEST(Wire, PayloadOrderIsFree) {
  auto message = testing::sa_init();
  std::ranges::reverse(message.payloads);
  const auto parsed = Message::parse(message.emit());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, message);
}

TEST(Wire, PayloadsAreFoundByKind) {
  const auto message = testing::sa_init();
  ASSERT_TRUE(find<KeyExchange>(message.payloads));
  EXPECT_EQ(find<KeyExchange>(message.payloads)->group, 14);
  EXPECT_EQ(count<Notify>(message.payloads), 3u);
  EXPECT_TRUE(find_notify(message.payloads, NotifyType::cookie));
  EXPECT_FALSE(find_notify(message.payloads, NotifyType::rekey_sa));
  const auto inner = testing::auth_payloads();
  EXPECT_TRUE(find_identification(inner, Side::initiator));
  EXPECT_FALSE(find_identification(inner, Side::responder));
  EXPECT_EQ(find_selectors(inner, Side::responder)->selectors.size(), 2u);
}

// RFC 7296 §3.3.6: an unknown attribute spoils its transform, an unknown type its proposal, and nothing else.
TEST(Proposals, UnknownPartsAreKeptAndJudged) {
  Proposal proposal{.transforms = {Transform::of(Encryption::aes_cbc_128), Transform::of(Encryption::aes_cbc_256)}};
  proposal.transforms[0].unknown_attributes.push_back({.type = 77, .fixed = true, .value = octets("0001")});
  Proposal other{.number = 2, .transforms = {{.type = TransformType{6}, .id = 36}, Transform::of(Prf::sha1)}};
  net::Bytes body;
  SecurityAssociation{{proposal, other}}.emit(body);
  const auto parsed = SecurityAssociation::parse(body);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->proposals[0].transforms[0].encryption());
  EXPECT_EQ(parsed->proposals[0].transforms[1].encryption(), Encryption::aes_cbc_256);
  EXPECT_FALSE(parsed->proposals[0].has_unknown_type());
  EXPECT_TRUE(parsed->proposals[1].has_unknown_type());
  EXPECT_EQ(parsed->proposals[1].transforms[1].prf(), Prf::sha1);
  EXPECT_TRUE(parsed->numbered_from_one());
}

// RFC 7296 §3.3.5. A transform of one proposal in an SA payload, its attributes as given.
std::optional<Transform> transform_with(std::uint16_t id, std::string_view attributes) {
  const auto attribute_octets = octets(attributes);
  const auto transform_octets = static_cast<std::uint16_t>(8 + attribute_octets.size());
  net::Bytes body;
  net::Writer writer(body);
  writer.u16(0);
  writer.u16(static_cast<std::uint16_t>(8 + transform_octets));
  writer.bytes(octets("01 01 00 01"));
  writer.u16(0);
  writer.u16(transform_octets);
  writer.bytes(octets("01 00"));
  writer.u16(id);
  writer.bytes(attribute_octets);
  const auto parsed = SecurityAssociation::parse(body);
  if (!parsed) return std::nullopt;
  return parsed->proposals.front().transforms.front();
}

TEST(Checklist31, Line27_KeyLengthIsThereWhereItBelongsAndNowhereElse) {
  constexpr auto key_128 = "800e 0080", key_64 = "800e 0040", key_256 = "800e 0100";
  for (const auto& row : encryptions()) {
    net::Bytes attribute;
    if (row.key_length_bits) net::Writer(attribute).u32(0x800e0000u | *row.key_length_bits);
    EXPECT_EQ(transform_with(row.transform_id, net::to_hex(attribute))->encryption(), row.algorithm) << row.keyword;
    EXPECT_EQ(Transform::of(row.algorithm).key_length_bits, row.key_length_bits) << row.keyword;
    const auto other = transform_with(row.transform_id, row.key_length_bits ? "" : key_256);
    EXPECT_FALSE(other->encryption()) << row.keyword;
    EXPECT_FALSE(transform_with(row.transform_id, key_64)->encryption()) << row.keyword;
  }
  EXPECT_FALSE(transform_with(12, "000e 0002 0080")) << "Key Length as TLV";
  EXPECT_FALSE(transform_with(12, "800e 0080 800e 0080")) << "twice";
  EXPECT_FALSE(transform_with(12, "8012 0001 800e 0080 8012 0001")) << "an unknown one twice";
  EXPECT_FALSE(transform_with(12, "800e 00")) << "cut";
  EXPECT_FALSE((Transform{.type = TransformType::integrity, .id = 12, .key_length_bits = 256}.integrity()));
  EXPECT_EQ(transform_with(12, key_128)->encryption(), Encryption::aes_cbc_128);
}

TEST(Proposals, TransformsNameAlgorithmsOfTheirTypeOnly) {
  EXPECT_EQ(Transform::of(Prf::sha1).prf(), Prf::sha1);
  EXPECT_FALSE(Transform::of(Prf::sha1).integrity());
  EXPECT_EQ(Transform::of(Group::modp_1024).group(), Group::modp_1024);
  EXPECT_EQ(Transform::of(SequenceNumbers::extended_64).sequence_numbers(), SequenceNumbers::extended_64);
  EXPECT_EQ((Transform{.type = TransformType::sequence_numbers, .id = 2}.sequence_numbers()), std::nullopt);
  EXPECT_FALSE((Transform{.type = TransformType::group, .id = 14, .key_length_bits = 128}.group()));
  EXPECT_FALSE((Transform{.type = TransformType::encryption, .id = 12}.encryption()));
}

TEST(Selectors, UnknownTypesAreLeftOut) {
  const auto parsed = TrafficSelectors::parse(
      Side::initiator, octets("02000000 0a 00 0008 01020304 07 00 0010 0000 ffff 0a000000 0a0000ff"));
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->selectors.size(), 1u);
  EXPECT_EQ(parsed->selectors[0], TrafficSelector::of(*net::Prefix::parse("10.0.0.0/24")));
}

TEST(Selectors, OpaquePortsAreTheOneRangeThatRunsBackwards) {
  const auto opaque =
      TrafficSelectors::parse(Side::initiator, octets("01000000 07 00 0010 ffff 0000 0a000000 0a0000ff"));
  ASSERT_TRUE(opaque);
  EXPECT_TRUE(opaque->selectors[0].opaque_ports());
}

TEST(Selectors, PrefixesBecomeRanges) {
  const auto all = TrafficSelector::any(net::Family::ipv6);
  EXPECT_EQ(all.end.to_string(), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  EXPECT_TRUE(all.any_port());
  const auto host = TrafficSelector::of(net::Prefix::host(net::Address::v4(0x0a000001)));
  EXPECT_EQ(host.start, host.end);
}

}  // namespace
}  // namespace culvert::ike::wire
