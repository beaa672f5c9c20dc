// Access lists as plain values: who may be permitted or denied what, in the order that decides.
//
// The first entry that matches a packet decides; where none does, the packet is denied. An address stands with a
// wildcard, whose set bits do not matter and may lie anywhere. An entry that tests more than addresses and protocol (it
// looks into the transport header) sees a later fragment as IOS does: a permit takes it by its addresses alone, a deny
// lets it pass on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::access_lists {

enum class Kind : std::uint8_t { standard, extended };
enum class Action : std::uint8_t { permit, deny };
enum class Log : std::uint8_t { none, log, log_input };

namespace protocol {
inline constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17;
}

// Host order. The default is `any`.
struct WildcardAddress {
  std::uint32_t address = 0;
  std::uint32_t wildcard = 0xffffffff;  // a set bit is one that does not matter

  static constexpr WildcardAddress host(std::uint32_t address) { return {address, 0}; }
  bool is_any() const { return wildcard == 0xffffffff; }
  bool is_host() const { return wildcard == 0; }
  bool matches(std::uint32_t other) const { return ((address ^ other) & ~wildcard) == 0; }
  bool operator==(const WildcardAddress&) const = default;
};

struct PortRange {
  std::uint16_t first = 0, last = 0xffff;
  bool operator==(const PortRange&) const = default;
};

enum class PortOperator : std::uint8_t { any, eq, neq, lt, gt, range };
inline constexpr std::size_t ports_max = 10;  // after one eq or neq

struct PortMatch {
  PortOperator op = PortOperator::any;
  std::vector<std::uint16_t> ports;  // eq, neq: 1 to ports_max; lt, gt: 1; range: 2, the lower first

  bool matches(std::uint16_t port) const;
  // The same as disjoint ranges in ascending order; empty where nothing matches (lt 0).
  std::vector<PortRange> ranges() const;
  bool operator==(const PortMatch&) const = default;
};

struct IcmpMatch {
  std::uint8_t type = 0;
  std::optional<std::uint8_t> code;
  bool operator==(const IcmpMatch&) const = default;
};

namespace tcp_flag {
inline constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32;
}

// Of the flags `set` and those `clear`: all as said (match-all), or at least one (match-any, and a bare `syn`).
// `established`: ack or rst is enough as well.
struct TcpFlagMatch {
  bool established = false, all = false;
  std::uint8_t set = 0, clear = 0;

  bool is_any() const { return !established && set == 0 && clear == 0; }
  bool matches(std::uint8_t flags) const;
  bool operator==(const TcpFlagMatch&) const = default;
};

struct Entry {
  std::uint32_t sequence = 0;
  Action action = Action::permit;
  std::optional<std::uint8_t> protocol;  // none: ip, every protocol
  WildcardAddress source, destination;   // a standard list tests the source alone
  PortMatch source_port, destination_port;
  std::optional<IcmpMatch> icmp;
  TcpFlagMatch tcp;
  std::optional<std::uint8_t> dscp;
  bool fragments = false;  // later fragments only
  Log log = Log::none;

  // Whether it looks into the transport header.
  bool tests_transport() const;
  bool operator==(const Entry&) const = default;
};

// Stands before the entry of the same sequence number.
struct Remark {
  std::uint32_t sequence = 0;
  std::string text;
  bool operator==(const Remark&) const = default;
};

struct AccessList {
  std::string name;
  Kind kind = Kind::extended;
  std::vector<Entry> entries;   // ascending by sequence number, each number once
  std::vector<Remark> remarks;  // ascending, several may bear one number
  bool operator==(const AccessList&) const = default;
};

// What a packet shows of its transport header. truncated: too short to show it, or a fragment that lies across it (RFC
// 1858): only entries that do not look there permit it, and those that do deny it.
enum class Transport : std::uint8_t { shown, later_fragment, truncated };

// What an access list may ask of a packet. Addresses in host order.
struct PacketFields {
  std::uint32_t source = 0, destination = 0;
  std::uint8_t protocol = 0, dscp = 0;
  Transport transport = Transport::shown;
  std::uint16_t source_port = 0, destination_port = 0;  // tcp and udp
  std::uint8_t icmp_type = 0, icmp_code = 0;
  std::uint8_t tcp_flags = 0;
};

// The numbered lists of IOS: 1-99 and 1300-1999 are standard, 100-199 and 2000-2699 extended.
std::optional<Kind> kind_of_number(std::string_view name);

bool matches(const Entry& entry, const PacketFields& packet);

// The entry that decides; nullptr: none matches, which denies. A list without entries permits everything where it is
// applied (as IOS does), and that is for whoever applies it to see.
const Entry* first_match(const AccessList& list, const PacketFields& packet);

}  // namespace culvert::access_lists
