// What routers on the way say of its MTU (RFC 1191), as far as an IPsec gateway may believe it (RFC 4301
// section 8.2.1).
//
// ICMP is not authenticated. It is heard only where it quotes ESP that an SA of ours may have sent, and then it can
// make a path no smaller than 576 octets; what it said is forgotten after ten minutes without a word.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "ipsec-dataplane/interface.h"
#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"

namespace culvert::dataplane {

// "Fragmentation needed" about an ESP packet, in UDP or not.
struct QuotedEsp {
  net::Address local, remote;           // its source and destination
  std::uint32_t spi = 0, sequence = 0;  // of ESP, the low half of the number
  std::uint16_t octets = 0;             // how long it was
  std::uint16_t mtu = 0;                // of the next hop; 0 from a router older than RFC 1191
  bool in_udp = false;
};

// nullopt where the packet, IPv4 with ICMP whose checksum is right, is something else or quotes too little.
std::optional<QuotedEsp> quoted_esp(net::View packet);

class PathMtus {
 public:
  static constexpr std::uint16_t floor = 576;
  static constexpr net::Duration age_max = std::chrono::minutes(10);

  // A router cut the path of `tunnel` shorter. True if it is smaller now than `known`, what was in use.
  bool learn(net::Time now, InterfaceIndex tunnel, std::uint16_t known, const QuotedEsp& quoted);
  std::optional<std::uint16_t> of(InterfaceIndex tunnel) const;
  void forget(InterfaceIndex tunnel) { learned_.erase(tunnel); }
  // True if anything was forgotten.
  bool timeout(net::Time now);
  std::optional<net::Time> deadline() const;

 private:
  struct Learned {
    std::uint16_t mtu;
    net::Time until;
  };
  std::map<InterfaceIndex, Learned> learned_;  // one a tunnel at most
};

}  // namespace culvert::dataplane
