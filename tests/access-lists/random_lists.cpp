#include "tests/access-lists/random_lists.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace culvert::test {
namespace {

using namespace access_lists;

constexpr std::array<std::uint32_t, 6> addresses{0x0a000001, 0x0a000002, 0x0a010001, 0xc0a80101, 0x0aff0001, 0};
constexpr std::array<std::uint32_t, 7> wildcards{0, 0, 0xff, 0xffff, 0x00ff00ff, 0x01020304, 0xffffffff};
constexpr std::array<std::uint8_t, 5> protocols{protocol::icmp, protocol::tcp, protocol::udp, 47, 50};
constexpr std::array<std::uint16_t, 8> ports{0, 1, 22, 80, 443, 1024, 65534, 65535};

class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}
  std::uint32_t below(std::uint32_t sides) { return static_cast<std::uint32_t>(random_() % sides); }
  bool once_in(std::uint32_t sides) { return below(sides) == 0; }
  template <class T, std::size_t n>
  T of(const std::array<T, n>& all) {
    return all[below(n)];
  }

 private:
  std::mt19937_64& random_;
};

WildcardAddress random_address(Dice& dice) {
  const auto wildcard = dice.of(wildcards);
  return {dice.of(addresses) & ~wildcard, wildcard};
}

PortMatch random_ports(Dice& dice) {
  PortMatch match{.op = static_cast<PortOperator>(dice.below(6)), .ports = {}};
  if (match.op == PortOperator::any) return match;
  const bool several = match.op == PortOperator::eq || match.op == PortOperator::neq;
  const auto count = match.op == PortOperator::range ? 2 : several ? 1 + dice.below(3) : 1;
  while (match.ports.size() < count) match.ports.push_back(dice.of(ports));
  if (match.op == PortOperator::range) std::ranges::sort(match.ports);
  return match;
}

TcpFlagMatch random_flags(Dice& dice) {
  if (dice.once_in(2)) return {};
  TcpFlagMatch match{.established = dice.once_in(3),
                     .all = dice.once_in(2),
                     .set = static_cast<std::uint8_t>(dice.below(64) & dice.below(64)),
                     .clear = 0};
  match.clear = static_cast<std::uint8_t>(dice.below(64) & dice.below(64) & ~match.set);
  return match;
}

void add_transport(Dice& dice, Entry& entry) {
  if (entry.protocol == protocol::icmp && dice.once_in(2))
    entry.icmp = {.type = static_cast<std::uint8_t>(dice.below(4)), .code = std::nullopt};
  if (entry.icmp && dice.once_in(2)) entry.icmp->code = static_cast<std::uint8_t>(dice.below(3));
  if (entry.protocol == protocol::tcp || entry.protocol == protocol::udp) {
    entry.source_port = random_ports(dice);
    entry.destination_port = random_ports(dice);
  }
  if (entry.protocol == protocol::tcp) entry.tcp = random_flags(dice);
}

Entry random_entry(Dice& dice, std::uint32_t sequence) {
  Entry entry{.sequence = sequence,
              .action = dice.once_in(2) ? Action::deny : Action::permit,
              .source = random_address(dice),
              .destination = random_address(dice)};
  if (!dice.once_in(6)) entry.protocol = dice.of(protocols);
  if (dice.once_in(8)) entry.dscp = static_cast<std::uint8_t>(dice.below(4));
  entry.fragments = dice.once_in(8);
  if (!entry.fragments) add_transport(dice, entry);
  return entry;
}

}  // namespace

AccessList random_list(std::mt19937_64& random, std::size_t entries) {
  Dice dice(random);
  AccessList list{.name = "random", .kind = Kind::extended, .entries = {}, .remarks = {}};
  for (std::uint32_t i = 1; i <= entries; ++i) list.entries.push_back(random_entry(dice, 10 * i));
  return list;
}

dataplane::FlowKey random_key(std::mt19937_64& random) {
  Dice dice(random);
  dataplane::FlowKey key{.protocol = dice.of(protocols),
                         .tos = static_cast<std::uint8_t>(dice.below(4) << 2),
                         .shape = static_cast<std::uint8_t>(dice.once_in(4) ? 1 + dice.below(2) : 0),
                         .source = htonl(dice.of(addresses) ^ (dice.once_in(4) ? dice.of(wildcards) : 0)),
                         .destination = htonl(dice.of(addresses) ^ (dice.once_in(4) ? dice.of(wildcards) : 0))};
  if (key.shape != 0) return key;
  const bool icmp = key.protocol == protocol::icmp;
  if (icmp || key.protocol == protocol::tcp || key.protocol == protocol::udp) {
    key.source_port = htons(icmp ? static_cast<std::uint16_t>(dice.below(4)) : dice.of(ports));
    key.destination_port = htons(icmp ? static_cast<std::uint16_t>(dice.below(3)) : dice.of(ports));
  }
  if (key.protocol == protocol::tcp) key.tcp_flags = static_cast<std::uint8_t>(dice.below(64));
  return key;
}

}  // namespace culvert::test
