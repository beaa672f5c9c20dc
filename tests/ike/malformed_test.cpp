// Malformed messages, one row each: what is wrong, and the fault that is found.
#include <gtest/gtest.h>

#include "ike/wire/message.h"
#include "tests/ike/octets.h"
#include "tests/ike/samples.h"

namespace culvert::ike::wire {
namespace {

using testing::octets;

struct HeaderCase {
  int line;
  std::string_view octets;
  Fault fault;
};
constexpr HeaderCase header_cases[]{
    {1, "", Fault::truncated},
    {2, "0102030405060708 0000000000000000 00 20 22 08 00000000 000000", Fault::truncated},
    {3, "0102030405060708 0000000000000000 00 20 22 08 00000000 0000001b", Fault::bad_length},
    {4, "0102030405060708 0000000000000000 00 20 22 08 00000000 0000001d", Fault::truncated},
    {5, "0102030405060708 0000000000000000 00 20 22 08 00000000 ffffffff", Fault::truncated},
    {6, "0102030405060708 0000000000000000 00 20 22 08 00000000 00000000", Fault::bad_length},
    {7, "0102030405060708 0000000000000000 00 10 22 08 00000000 0000001c", Fault::old_major_version},
    {8, "0102030405060708 0000000000000000 00 30 22 08 00000000 ffffffff", Fault::newer_major_version},
    {9, "0000000000000000 0000000000000000 00 20 22 08 00000000 0000001c", Fault::bad_value},
    {10, "0102030405060708 0000000000000000 00 20 22 08 00000000 0000001d 00", Fault::bad_length},
    {11, "0102030405060708 0000000000000000 29 20 22 08 00000000 0000001c", Fault::truncated},
};

TEST(Malformed, Headers) {
  for (const auto& c : header_cases) {
    const auto parsed = Message::parse(octets(c.octets));
    ASSERT_FALSE(parsed) << "case " << c.line;
    EXPECT_EQ(parsed.error().fault, c.fault) << "case " << c.line << ": " << text(parsed.error().fault);
  }
}

// A header alone, with no payload, is whole: an empty INFORMATIONAL before protection looks so.
TEST(Malformed, NotTheBareHeader) {
  EXPECT_TRUE(Message::parse(octets("0102030405060708 0000000000000000 00 20 25 08 00000000 0000001c")));
}

using enum PayloadType;

struct ChainCase {
  int line;
  PayloadType first;
  std::string_view octets;
  Fault fault;
  PayloadType where;
};
constexpr ChainCase chain_cases[]{
    // the chain itself
    {1, nonce, "", Fault::truncated, nonce},
    {2, nonce, "000000", Fault::truncated, nonce},
    {3, nonce, "00000003", Fault::bad_length, nonce},
    {4, nonce, "00000000", Fault::bad_length, nonce},
    {5, vendor_id, "00000005", Fault::truncated, vendor_id},
    {6, vendor_id, "0000ffff 00", Fault::truncated, vendor_id},
    {7, vendor_id, "2b000004", Fault::truncated, vendor_id},
    {8, vendor_id, "00000004 00", Fault::bad_length, none},
    {9, none, "00000004", Fault::bad_length, none},
    {10, PayloadType{200}, "00800004", Fault::critical_payload, PayloadType{200}},
    {11, PayloadType{1}, "00800004", Fault::critical_payload, PayloadType{1}},
    {12, encrypted_fragment, "00800004", Fault::critical_payload, encrypted_fragment},
    // Encrypted is the last, and not within itself
    {13, encrypted, "21000008 00000000 00000004", Fault::misplaced, encrypted},
    {14, encrypted, "21000003", Fault::bad_length, encrypted},
    // Nonce
    {20, nonce, "00000013 000102030405060708090a0b0c0d0e", Fault::bad_length, nonce},
    // Key Exchange
    {25, key_exchange, "00000004", Fault::truncated, key_exchange},
    {26, key_exchange, "00000007 000e00", Fault::truncated, key_exchange},
    {27, key_exchange, "00000008 000e0000", Fault::bad_length, key_exchange},
    // Identification
    {30, identification_initiator, "00000004", Fault::truncated, identification_initiator},
    {31, identification_initiator, "00000007 010000", Fault::truncated, identification_initiator},
    {32, identification_responder, "0000000b 01000000 0a0000", Fault::bad_length, identification_responder},
    {33, identification_responder, "0000000d 01000000 0a00000001", Fault::bad_length, identification_responder},
    {34, identification_initiator, "0000000c 05000000 0a000001", Fault::bad_length, identification_initiator},
    {35, identification_initiator, "00000008 02000000", Fault::bad_length, identification_initiator},
    {36, identification_initiator, "00000008 0b000000", Fault::bad_length, identification_initiator},
    // Certificate, Certificate Request, Authentication
    {40, certificate, "00000004", Fault::truncated, certificate},
    {41, certificate, "00000005 04", Fault::bad_length, certificate},
    {42, certificate_request, "00000004", Fault::truncated, certificate_request},
    {43, authentication, "00000007 020000", Fault::truncated, authentication},
    {44, authentication, "00000008 02000000", Fault::bad_length, authentication},
    // Notify
    {50, notify, "00000004", Fault::truncated, notify},
    {51, notify, "00000007 000040", Fault::truncated, notify},
    {52, notify, "0000000b 03044009 010203", Fault::truncated, notify},
    {53, notify, "00000009 03014009 01", Fault::bad_length, notify},
    {54, notify, "00000008 00ff4000", Fault::bad_length, notify},
    // Delete
    {60, delete_, "00000004", Fault::truncated, delete_},
    {61, delete_, "00000008 00000000", Fault::bad_value, delete_},
    {62, delete_, "00000008 04000000", Fault::bad_value, delete_},
    {63, delete_, "00000008 01080000", Fault::bad_length, delete_},
    {64, delete_, "00000008 01000001", Fault::bad_length, delete_},
    {65, delete_, "0000000c 03040002 01020304", Fault::bad_length, delete_},
    {66, delete_, "0000000c 03040000 01020304", Fault::bad_length, delete_},
    {67, delete_, "00000008 0304ffff", Fault::bad_length, delete_},
    {68, delete_, "00000010 03080001 0102030405060708", Fault::bad_length, delete_},
    {69, delete_, "00000008 0300ffff", Fault::bad_length, delete_},
    // Traffic Selectors
    {70, traffic_selector_initiator, "00000004", Fault::truncated, traffic_selector_initiator},
    {71, traffic_selector_initiator, "00000006 0100", Fault::truncated, traffic_selector_initiator},
    {72, traffic_selector_initiator, "00000008 00000000", Fault::bad_value, traffic_selector_initiator},
    {73, traffic_selector_responder, "00000008 01000000", Fault::truncated, traffic_selector_responder},
    {74, traffic_selector_initiator, "00000018 02000000 07000010 0000ffff 0a000000 0a0000ff", Fault::truncated,
     traffic_selector_initiator},
    {75, traffic_selector_initiator, "00000018 01000000 07000010 0000ffff 0a0000ff 0a000000", Fault::bad_value,
     traffic_selector_initiator},
    {76, traffic_selector_initiator, "00000018 01000000 07060010 01bb01ba 0a000000 0a0000ff", Fault::bad_value,
     traffic_selector_initiator},
    {77, traffic_selector_initiator, "00000018 01000000 07000003 0000ffff 0a000000 0a0000ff", Fault::bad_length,
     traffic_selector_initiator},
    {78, traffic_selector_initiator, "00000018 01000000 0700000f 0000ffff 0a000000 0a0000ff", Fault::bad_length,
     traffic_selector_initiator},
    {79, traffic_selector_initiator, "00000018 01000000 08000010 0000ffff 0a000000 0a0000ff", Fault::bad_length,
     traffic_selector_initiator},
    {80, traffic_selector_initiator, "00000018 01000000 07000011 0000ffff 0a000000 0a0000ff", Fault::truncated,
     traffic_selector_initiator},
    {81, traffic_selector_initiator, "00000019 01000000 07000010 0000ffff 0a000000 0a0000ff 00", Fault::bad_length,
     traffic_selector_initiator},
    {82, traffic_selector_initiator, "00000008 ff000000", Fault::too_many, traffic_selector_initiator},
    // Configuration
    {85, configuration, "00000006 0100", Fault::truncated, configuration},
    {86, configuration, "0000000a 01000000 0001", Fault::truncated, configuration},
    {87, configuration, "0000000c 01000000 00010001", Fault::truncated, configuration},
    // EAP
    {90, eap, "00000004", Fault::bad_length, eap},
    {91, eap, "00000007 010100", Fault::bad_length, eap},
    {92, eap, "00000008 01010005", Fault::bad_length, eap},
    // Security Association: the chain of proposals
    {100, security_association, "00000004", Fault::truncated, security_association},
    {101, security_association, "00000008 00000000", Fault::bad_length, security_association},
    {102, security_association, "00000008 00000003", Fault::bad_length, security_association},
    {103, security_association, "00000008 00000008", Fault::truncated, security_association},
    {104, security_association, "0000000c 01000008 01010000", Fault::bad_value, security_association},
    {105, security_association, "0000000c 02000008 01010000", Fault::truncated, security_association},
    {106, security_association, "0000000d 00000008 01010000 00", Fault::bad_length, security_association},
    {107, security_association, "0000000b 00000007 010100", Fault::truncated, security_association},
    {108, security_association, "0000000c 00000008 01010400", Fault::truncated, security_association},
    {109, security_association, "00000010 0000000c 01010400 01020304", Fault::bad_length, security_association},
    {110, security_association, "0000000c 00000008 01030000", Fault::bad_length, security_association},
    {111, security_association, "0000000c 00000008 010100ff", Fault::truncated, security_association},
    // transforms
    {120, security_association, "00000014 00000010 01010001 03000008 01000003", Fault::bad_value, security_association},
    {121, security_association, "0000001c 00000018 01010002 00000008 01000003 00000008 02000002", Fault::bad_value,
     security_association},
    {122, security_association, "00000014 00000010 01010001 01000008 01000003", Fault::bad_value, security_association},
    {123, security_association, "00000014 00000010 01010001 00000007 01000003", Fault::truncated, security_association},
    {124, security_association, "00000014 00000010 01010001 00000009 01000003", Fault::truncated, security_association},
    {125, security_association, "00000014 00000010 01010001 00000003 01000003", Fault::bad_length,
     security_association},
    {126, security_association, "0000001c 00000018 01010001 00000008 01000003 00000008 02000002", Fault::bad_length,
     security_association},
    // attributes
    {130, security_association, "00000016 00000012 01010001 0000000a 0100000c 800e", Fault::truncated,
     security_association},
    {131, security_association, "0000001c 00000018 01010001 00000010 0100000c 800e0100 800e0100", Fault::bad_value,
     security_association},
    {132, security_association, "0000001a 00000016 01010001 0000000e 0100000c 000e0002 0100", Fault::bad_value,
     security_association},
    {133, security_association, "0000001c 00000018 01010001 00000010 0100000c 80630100 80630100", Fault::bad_value,
     security_association},
    {134, security_association, "00000018 00000014 01010001 0000000c 0100000c 00630001", Fault::truncated,
     security_association},
};

TEST(Checklist31, Line19_ChainsAndLengthsThatLie) {
  for (const auto& c : chain_cases) {
    const auto parsed = parse_chain(c.first, octets(c.octets));
    ASSERT_FALSE(parsed) << "case " << c.line;
    EXPECT_EQ(parsed.error().fault, c.fault) << "case " << c.line << ": " << text(parsed.error().fault);
    EXPECT_EQ(parsed.error().payload, c.where) << "case " << c.line;
  }
}

TEST(Malformed, EncryptedInsideEncrypted) {
  const auto parsed = parse_inner_chain(encrypted, octets("00000004"));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error(), (WireError{Fault::misplaced, encrypted}));
}

TEST(Malformed, UnknownPayloadsThatAreNotCriticalPass) {
  const auto parsed = parse_chain(PayloadType{200}, octets("2b000005aa 00000004"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (Payloads{UnknownPayload{PayloadType{200}, octets("aa")}, VendorId{}}));
}

TEST(Malformed, EachFaultHasItsAnswer) {
  EXPECT_EQ((WireError{Fault::truncated, nonce}.answer()), NotifyType::invalid_syntax);
  EXPECT_EQ((WireError{Fault::critical_payload, PayloadType{200}}.answer()), NotifyType::unsupported_critical_payload);
  EXPECT_EQ((WireError{Fault::newer_major_version, none}.answer()), NotifyType::invalid_major_version);
  EXPECT_EQ((WireError{Fault::old_major_version, none}.answer()), std::nullopt);
}

// ---- counts: one less passes, one more is refused

net::Bytes repeated(std::string_view hex, std::size_t times) {
  const auto part = octets(hex);
  net::Bytes out;
  for (; times > 0; --times) out.insert(out.end(), part.begin(), part.end());
  return out;
}

TEST(Limits, Payloads) {
  auto chain = repeated("2b000004", payloads_max - 1);
  EXPECT_TRUE(parse_chain(vendor_id, [&] {
    auto whole = chain;
    net::Writer(whole).bytes(octets("00000004"));
    return whole;
  }()));
  net::Writer(chain).bytes(octets("2b00000400000004"));
  const auto parsed = parse_chain(vendor_id, chain);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fault, Fault::too_many);
}

TEST(Limits, Proposals) {
  for (const auto extra : {std::size_t{0}, std::size_t{1}}) {
    auto body = repeated("0200000801010000", SecurityAssociation::proposals_max - 1 + extra);
    net::Writer(body).bytes(octets("0000000801010000"));
    EXPECT_EQ(SecurityAssociation::parse(body).has_value(), extra == 0);
  }
}

TEST(Limits, TransformsOverAllProposals) {
  SecurityAssociation sa;
  const auto each = SecurityAssociation::transforms_max / 4;
  for (std::uint8_t number = 1; number <= 4; ++number)
    sa.proposals.push_back({.number = number, .transforms = std::vector(each, Transform::of(Prf::sha1))});
  net::Bytes body;
  sa.emit(body);
  EXPECT_TRUE(SecurityAssociation::parse(body));
  sa.proposals.push_back({.number = 5, .transforms = {Transform::of(Prf::sha1)}});
  net::Bytes longer;
  sa.emit(longer);
  const auto parsed = SecurityAssociation::parse(longer);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fault, Fault::too_many);
}

TEST(Limits, Attributes) {
  for (const auto extra : {std::size_t{0}, std::size_t{1}}) {
    Transform transform = Transform::of(Encryption::aes_cbc_128);
    for (std::size_t i = 0; i < SecurityAssociation::attributes_max + extra; ++i)
      transform.unknown_attributes.push_back(
          {.type = static_cast<std::uint16_t>(50 + i), .fixed = true, .value = octets("0000")});
    net::Bytes body;
    SecurityAssociation{{{.transforms = {transform}}}}.emit(body);
    EXPECT_EQ(SecurityAssociation::parse(body).has_value(), extra == 0);
  }
}

TEST(Limits, NoncesAndConfigurationAttributes) {
  EXPECT_TRUE(Nonce::parse(net::Bytes(256)));
  EXPECT_FALSE(Nonce::parse(net::Bytes(257)));
  auto body = octets("01000000");
  net::Writer(body).bytes(repeated("00010000", Configuration::attributes_max));
  EXPECT_TRUE(Configuration::parse(body));
  net::Writer(body).bytes(octets("00010000"));
  EXPECT_FALSE(Configuration::parse(body));
}

}  // namespace
}  // namespace culvert::ike::wire
