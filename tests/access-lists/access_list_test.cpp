#include "access-lists/access_list.h"

#include <gtest/gtest.h>

namespace culvert::access_lists {
namespace {

constexpr std::uint32_t host_a = 0x0a000001, host_b = 0x0a000002;

AccessList list_of(std::vector<Entry> entries) { return {.name = "test", .entries = std::move(entries)}; }

PacketFields tcp_to(std::uint16_t port, Transport transport = Transport::shown) {
  return {.source = host_a,
          .destination = host_b,
          .protocol = protocol::tcp,
          .transport = transport,
          .source_port = 40000,
          .destination_port = port};
}

std::uint32_t decided_by(const AccessList& list, const PacketFields& packet) {
  const auto* entry = first_match(list, packet);
  return entry == nullptr ? 0 : entry->sequence;
}

TEST(AccessList, TheFirstMatchDecides) {
  const auto list = list_of({{.sequence = 10, .source = WildcardAddress::host(host_b)},
                             {.sequence = 20, .action = Action::deny, .source = {0x0a000000, 0xff}},
                             {.sequence = 30}});
  EXPECT_EQ(decided_by(list, {.source = host_a}), 20u);
  EXPECT_EQ(decided_by(list, {.source = host_b}), 10u);
  EXPECT_EQ(decided_by(list, {.source = 1}), 30u);
  EXPECT_EQ(decided_by(list_of({}), {.source = 1}), 0u);
}

TEST(AccessList, WildcardsMayHaveHoles) {
  const WildcardAddress odd_third_octet{0x0a000100, 0x00fffeff};  // 10.x.odd.y: bit 0 of the third octet matters
  EXPECT_TRUE(odd_third_octet.matches(0x0a170300));
  EXPECT_FALSE(odd_third_octet.matches(0x0a170200));
}

struct PortCase {
  int line;
  PortMatch match;
  std::vector<std::uint16_t> taken, refused;
};
const PortCase port_cases[]{{1, {PortOperator::any, {}}, {0, 80, 65535}, {}},
                            {2, {PortOperator::eq, {80, 443, 80}}, {80, 443}, {0, 79, 81, 442, 65535}},
                            {3, {PortOperator::neq, {80, 0, 65535}}, {1, 79, 81, 65534}, {0, 80, 65535}},
                            {4, {PortOperator::lt, {80}}, {0, 79}, {80, 65535}},
                            {5, {PortOperator::lt, {0}}, {}, {0, 1, 65535}},
                            {6, {PortOperator::gt, {1023}}, {1024, 65535}, {0, 1023}},
                            {7, {PortOperator::gt, {65535}}, {}, {0, 65535}},
                            {8, {PortOperator::range, {20, 21}}, {20, 21}, {19, 22}}};

TEST(AccessList, PortOperators) {
  for (const auto& c : port_cases) {
    const auto in_ranges = [&](std::uint16_t port) {
      for (const auto& range : c.match.ranges())
        if (range.first <= port && port <= range.last) return true;
      return false;
    };
    for (const auto port : c.taken) EXPECT_TRUE(c.match.matches(port) && in_ranges(port)) << c.line << ": " << port;
    for (const auto port : c.refused) EXPECT_FALSE(c.match.matches(port) || in_ranges(port)) << c.line << ": " << port;
  }
}

TEST(AccessList, EstablishedIsAckOrRst) {
  const TcpFlagMatch established{.established = true};
  EXPECT_TRUE(established.matches(tcp_flag::ack | tcp_flag::psh));
  EXPECT_TRUE(established.matches(tcp_flag::rst));
  EXPECT_FALSE(established.matches(tcp_flag::syn));
}

TEST(AccessList, FlagsMatchAllOrAny) {
  const TcpFlagMatch all{.all = true, .set = tcp_flag::ack, .clear = tcp_flag::fin};
  EXPECT_TRUE(all.matches(tcp_flag::ack | tcp_flag::syn));
  EXPECT_FALSE(all.matches(tcp_flag::ack | tcp_flag::fin));
  const TcpFlagMatch any{.set = tcp_flag::ack, .clear = tcp_flag::fin};
  EXPECT_TRUE(any.matches(tcp_flag::ack | tcp_flag::fin));
  EXPECT_TRUE(any.matches(0));
  EXPECT_FALSE(any.matches(tcp_flag::fin));
}

// Where an entry asks for ports, a later fragment passes a permit by its addresses and passes over a deny.
TEST(AccessList, LaterFragmentsAreSeenAsByIos) {
  const PortMatch web{PortOperator::eq, {80}};
  const auto permits = list_of({{.sequence = 10, .protocol = protocol::tcp, .destination_port = web}});
  EXPECT_EQ(decided_by(permits, tcp_to(80)), 10u);
  EXPECT_EQ(decided_by(permits, tcp_to(22)), 0u);
  EXPECT_EQ(decided_by(permits, tcp_to(0, Transport::later_fragment)), 10u);
  const auto denies = list_of(
      {{.sequence = 10, .action = Action::deny, .protocol = protocol::tcp, .destination_port = web}, {.sequence = 20}});
  EXPECT_EQ(decided_by(denies, tcp_to(80)), 10u);
  EXPECT_EQ(decided_by(denies, tcp_to(0, Transport::later_fragment)), 20u);
}

TEST(AccessList, TheWordFragmentsTakesLaterFragmentsAlone) {
  const auto list = list_of({{.sequence = 10, .action = Action::deny, .fragments = true}, {.sequence = 20}});
  EXPECT_EQ(decided_by(list, tcp_to(80)), 20u);
  EXPECT_EQ(decided_by(list, tcp_to(0, Transport::later_fragment)), 10u);
  EXPECT_EQ(decided_by(list, tcp_to(0, Transport::truncated)), 20u);
}

// A header too short to be seen must not slip past a deny, nor be let in by a permit (RFC 1858).
TEST(AccessList, TruncatedHeadersAreDeniedByWhatLooksThere) {
  const PortMatch web{PortOperator::eq, {80}};
  const auto list =
      list_of({{.sequence = 10, .protocol = protocol::tcp, .destination_port = web},
               {.sequence = 20, .action = Action::deny, .protocol = protocol::tcp, .destination_port = web},
               {.sequence = 30}});
  EXPECT_EQ(decided_by(list, tcp_to(0, Transport::truncated)), 20u);
}

TEST(AccessList, NumbersTellTheKind) {
  EXPECT_EQ(kind_of_number("1"), Kind::standard);
  EXPECT_EQ(kind_of_number("1999"), Kind::standard);
  EXPECT_EQ(kind_of_number("100"), Kind::extended);
  EXPECT_EQ(kind_of_number("2699"), Kind::extended);
  EXPECT_EQ(kind_of_number("200"), std::nullopt);
  EXPECT_EQ(kind_of_number("web"), std::nullopt);
  EXPECT_EQ(kind_of_number("101x"), std::nullopt);
}

}  // namespace
}  // namespace culvert::access_lists
