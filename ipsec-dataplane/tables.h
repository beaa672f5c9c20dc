// What a turn may know: an immutable snapshot, published by control and freed when no worker can still see it.
//
// The FIB alone is not part of it (fib.h): it is changed in place, and its next hops index `adjacencies` here.
#pragma once

#include <rte_byteorder.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "ipsec-dataplane/capture_tap.h"
#include "ipsec-dataplane/fib.h"
#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/number_map.h"
#include "net/address.h"

namespace culvert::dataplane {

class SecurityAssociation;
struct CryptoPolicy;
struct PacketFilter;

// The tunnel half of an interface. Addresses in host order; remote 0 = not configured, then nothing leaves. Of a policy
// entry it is that of all its outbound SAs: the least plaintext_mtu, and whole_only where one of them asks for it.
struct Tunnel {
  std::uint32_t local = 0;
  std::uint32_t remote = 0;
  SecurityAssociation* outbound = nullptr;  // nullptr: no SA, the tunnel is down; owned by Tables::associations
  DfBit df_bit = DfBit::copy;
  Fragmentation fragmentation = Fragmentation::before_encryption;
  std::uint16_t plaintext_mtu = 0;  // largest inner packet whose sealed form fits the path; 0 = not known
  bool whole_only = false;          // the SA's selectors name ports, which no later fragment shows (RFC 4301 section 7)
  // Of a policy entry, newest first; and a number that is another whenever these are.
  std::vector<SecurityAssociation*> outbounds;
  std::uint32_t outbounds_generation = 0;
};

// A crypto policy, ready for packets.
struct Policy {
  std::shared_ptr<const CryptoPolicy> entries;
  std::vector<InterfaceIndex> tunnels;  // by entry; no_interface: what it permits is dropped
  std::uint64_t generation = 0;         // no other policy of this process has or had it; never 0
  bool reads_transport = false;         // a fragment does not show all that it asks about
};

struct OwnAddress {
  std::uint32_t address = 0;    // host order
  std::uint32_t broadcast = 0;  // of its network; equals the address where there is none (/31, /32)
  std::uint8_t length = 32;
};

struct Interface {
  std::string name;
  InterfaceKind kind = InterfaceKind::null;
  bool present = false;       // the slot is in use
  bool up = false;            // administratively up and the line is up
  std::uint16_t port = 0;     // DPDK port, for kind port
  std::uint16_t mtu = 1500;   // largest IP packet, for kind tunnel: largest inner packet
  std::uint16_t tcp_mss = 0;  // largest that a TCP SYN may ask for here; 0 = any
  Mac mac;
  std::vector<OwnAddress> addresses;  // the first is primary
  Tunnel tunnel;
  std::vector<std::uint32_t> groups;  // multicast that the router listens to here, host order
  // Owned by Tables::filters; nullptr: everything passes.
  const PacketFilter* input_filter = nullptr;
  const PacketFilter* output_filter = nullptr;
  // Owned by Tables::policies; nullptr: everything passes in clear.
  const Policy* policy = nullptr;
  InterfaceIndex policy_on = no_interface;  // kind policy: the first interface whose policy has the entry
};

// glean: the network is attached, the neighbor is the packet's own destination and not resolved yet.
// neighbor: an Ethernet next hop; without a MAC it is being asked for. tunnel: into a tunnel interface.
// discard: Null0. shared: several others, by flow. unreachable: no route, also what index 0 always is.
enum class AdjacencyKind : std::uint8_t { unreachable, glean, neighbor, tunnel, discard, shared };

struct Adjacency {
  AdjacencyKind kind = AdjacencyKind::unreachable;
  bool resolved = false;
  InterfaceIndex interface = no_interface;
  Mac mac;
  std::uint32_t address = 0;  // of the neighbor, host order; 0 for glean; for shared: an index into Tables::shares
};

// The adjacencies that flows are shared among, each in as many places as its weight says.
using FlowShares = std::array<std::uint16_t, 64>;

// One of the places of FlowShares, the same for all packets from one address to another, fragments among them, so that
// none overtakes another (as CEF shares by destination). The seed differs from router to router: routers in a row must
// not share alike. Addresses in any order of octets.
constexpr std::size_t place_of_flow(std::uint32_t source, std::uint32_t destination, std::uint64_t seed) {
  auto mixed = (std::uint64_t{source} << 32 | destination) ^ seed;
  for (const std::uint64_t factor : {0xff51afd7ed558ccdULL, 0xc4ceb9fe1a85ec53ULL}) {
    mixed ^= mixed >> 33;
    mixed *= factor;
  }
  return (mixed ^ mixed >> 33) % std::tuple_size_v<FlowShares>;
}

// Who an address belongs to that is the router's: an interface, as its own or as its network's broadcast address.
struct OwnerOf {
  InterfaceIndex interface = no_interface;
  bool broadcast = false;
};

struct Tables {
  std::vector<Interface> interfaces = std::vector<Interface>(1);   // by InterfaceIndex; slot 0 is never present
  std::vector<Adjacency> adjacencies = std::vector<Adjacency>(1);  // by FIB next hop; 0 is unreachable
  std::vector<FlowShares> shares;                                  // by Adjacency::address of kind shared
  std::uint64_t flow_seed = 0;
  std::vector<InterfaceIndex> by_port;      // interface of a DPDK port, or no_interface
  NumberMap<OwnerOf> own;                   // by address, host order
  NumberMap<SecurityAssociation*> inbound;  // by SPI, host order
  // What `inbound` and Tunnel::outbound point to: an SA lives as long as a snapshot names it.
  std::vector<std::shared_ptr<SecurityAssociation>> associations;
  // What the interfaces' filters point to.
  std::vector<std::shared_ptr<const PacketFilter>> filters;
  // What the interfaces' policies point to.
  std::vector<std::shared_ptr<const Policy>> policies;
  std::vector<PlacedTap> taps;  // nearly always none
  FibView fib;

  const Interface& interface(InterfaceIndex i) const { return interfaces[i < interfaces.size() ? i : no_interface]; }
  const Adjacency& adjacency(std::uint16_t i) const { return adjacencies[i < adjacencies.size() ? i : 0]; }
  // The index of the adjacency by which a packet leaves, never of kind shared. Addresses in network order.
  std::uint16_t way(std::uint32_t source, std::uint32_t destination) const {
    const auto index = fib.lookup(rte_be_to_cpu_32(destination));
    const auto& found = adjacency(index);
    if (found.kind != AdjacencyKind::shared) [[likely]]
      return index;
    return shares[found.address][place_of_flow(source, destination, flow_seed)];
  }
  SecurityAssociation* find_inbound(std::uint32_t spi) const {
    const auto* found = inbound.find(spi);
    return found == nullptr ? nullptr : *found;
  }
};

}  // namespace culvert::dataplane
