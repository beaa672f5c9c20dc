#include "net/address.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/hex.h"
#include "net/random.h"

namespace culvert::net {
namespace {

TEST(Address, ParsesAndPrints) {
  for (const auto* text : {"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "2001:db8::1", "fe80::1"})
    EXPECT_EQ(Address::parse(text)->to_string(), text);
  for (const auto* text : {"", "10.1.2", "10.1.2.256", "10.1.2.3.4", "a.b.c.d", "10.1.2.3 ", "1::2::3", "010.1.2.3"})
    EXPECT_FALSE(Address::parse(text)) << text;
  EXPECT_FALSE(Address::parse(std::string_view("10.1.2.3\0", 9)));
}

TEST(Address, OctetsRoundTrip) {
  const auto a = *Address::parse("192.0.2.9");
  EXPECT_EQ(a.v4_value(), 0xc0000209u);
  EXPECT_EQ(Address::v4(0xc0000209), a);
  EXPECT_EQ(*Address::from_octets(a.octets()), a);
  EXPECT_FALSE(Address::from_octets(Bytes(5)));
}

TEST(Prefix, Masks) {
  struct Row {
    int line;
    const char *text, *network, *broadcast, *mask;
  };
  constexpr Row rows[]{{1, "10.1.2.3/24", "10.1.2.0/24", "10.1.2.255", "255.255.255.0"},
                       {2, "10.1.2.3/32", "10.1.2.3/32", "10.1.2.3", "255.255.255.255"},
                       {3, "10.1.2.3/0", "0.0.0.0/0", "255.255.255.255", "0.0.0.0"},
                       {4, "172.16.130.1/17", "172.16.128.0/17", "172.16.255.255", "255.255.128.0"}};
  for (const auto& row : rows) {
    const auto prefix = *Prefix::parse(row.text);
    EXPECT_EQ(prefix.network().to_string(), row.network) << "row " << row.line;
    EXPECT_EQ(prefix.broadcast().to_string(), row.broadcast) << "row " << row.line;
    EXPECT_EQ(prefix.mask().to_string(), row.mask) << "row " << row.line;
    EXPECT_EQ(*Prefix::from_mask(prefix.address, prefix.mask()), prefix) << "row " << row.line;
  }
  EXPECT_FALSE(Prefix::from_mask(Address::v4(0), *Address::parse("255.0.255.0")));
  for (const auto* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129"})
    EXPECT_FALSE(Prefix::parse(text)) << text;
}

Address any_address(SeededRandom& random) {
  // Octets of two values: two addresses often differ in one octet only.
  auto octets = random.bytes(random.below(2) == 0 ? 4 : 16);
  for (auto& octet : octets) octet = (octet & std::byte{1}) == std::byte{0} ? std::byte{0} : std::byte{0xf0};
  return *Address::from_octets(octets);
}

// The model compares octet by octet.
TEST(Address, OrderIsByFamilyThenByOctets) {
  SeededRandom random(11);
  for (int i = 0; i < 100'000; ++i) {
    const auto a = any_address(random), b = any_address(random);
    const auto order = a.family() != b.family()
                           ? a.family() <=> b.family()
                           : std::lexicographical_compare_three_way(a.octets().begin(), a.octets().end(),
                                                                    b.octets().begin(), b.octets().end());
    ASSERT_EQ(a <=> b, order) << a.to_string() << " " << b.to_string();
    ASSERT_EQ(a == b, order == 0) << a.to_string() << " " << b.to_string();
  }
}

// The model clears bit by bit.
TEST(Prefix, NetworkAgreesWithBits) {
  SeededRandom random(12);
  for (int i = 0; i < 20'000; ++i) {
    const auto address = any_address(random);
    const auto length = static_cast<std::uint8_t>(random.below(address.bits() + 1));
    Bytes octets(address.octets().begin(), address.octets().end());
    for (std::size_t bit = length; bit < address.bits(); ++bit)
      octets[bit / 8] &= static_cast<std::byte>(~(0x80u >> bit % 8));
    ASSERT_EQ((Prefix{address, length}.network().address), *Address::from_octets(octets))
        << address.to_string() << " " << int{length};
  }
}

// The model compares bit by bit.
TEST(Prefix, ContainsAgreesWithBits) {
  SeededRandom random(7);
  for (int i = 0; i < 100'000; ++i) {
    const auto base = Address::v4(static_cast<std::uint32_t>(random.u64()));
    const auto other = Address::v4(base.v4_value() ^ (1u << random.below(32)));
    const auto length = static_cast<std::uint8_t>(random.below(33));
    bool same = true;
    for (unsigned bit = 0; bit < length; ++bit)
      same = same && ((base.v4_value() ^ other.v4_value()) >> (31 - bit) & 1) == 0;
    ASSERT_EQ((Prefix{base, length}.contains(other)), same)
        << base.to_string() << " " << other.to_string() << " " << int{length};
  }
}

TEST(Hex, RoundTrip) {
  EXPECT_EQ(to_hex(*from_hex("00 fF\n10")), "00ff10");
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

}  // namespace
}  // namespace culvert::net
