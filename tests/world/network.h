// A network that loses, duplicates, delays and reorders, by a seed; and a NAT in front of whom it pleases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ike/wire/header.h"
#include "net/address.h"
#include "net/bytes.h"
#include "net/random.h"
#include "net/time.h"

namespace culvert::testing {

struct Link {
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned reorder_percent = 0;  // of datagrams held back for several delays
  std::chrono::milliseconds delay_min{5};
  std::chrono::milliseconds delay_max{5};
  std::size_t mtu = 1500;  // longer UDP payloads are lost
};

struct Datagram {
  net::Endpoint from, to;
  net::Bytes bytes;

  // The IKE header, with or without a non-ESP marker before it; nullopt for anything else.
  std::optional<ike::wire::Header> header() const;
};

class Network {
 public:
  explicit Network(std::uint64_t seed) : random_(seed) {}

  Link link;
  // Returns true for a datagram that shall be lost; sees addresses as they are between the NATs.
  std::function<bool(const Datagram&)> lose;
  std::vector<Datagram> log;  // all that was sent, as it was after any NAT; kept only if `keep_log`
  bool keep_log = false;

  // Puts `inside` behind a NAT with the address `outside`; every local port gets a port of its own.
  void add_nat(const net::Address& inside, const net::Address& outside) { nats_[inside] = outside; }
  // The NAT forgets its ports and will give others.
  void forget_nat_ports();

  void send(net::Time now, Datagram datagram);
  std::optional<net::Time> next() const;
  // The next datagram that has arrived, addressed as its receiver sees it.
  std::optional<Datagram> arrive(net::Time now);

 private:
  net::Endpoint outside_of(const net::Endpoint& inside);
  net::Duration delay();
  bool percent(unsigned chance) { return chance != 0 && random_.below(100) < chance; }

  net::SeededRandom random_;
  std::multimap<net::Time, Datagram> flying_;
  std::map<net::Address, net::Address> nats_;
  std::map<net::Endpoint, net::Endpoint> inside_to_outside_, outside_to_inside_;
  std::uint16_t next_port_ = 20000;
};

}  // namespace culvert::testing
