// Neighbors: who has which address on an attached network (RFC 826), and what waits until we know.
//
// An engine without socket, clock or thread. The plane sends here the packets whose next hop is not resolved; the
// engine asks by ARP once a second, three times, then gives up for a while. A resolved neighbor is asked again by
// unicast shortly before it ages out after four hours, as IOS does, and kept if it answers. What was not asked
// for is believed only inside our own networks; a full table learns nothing new.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "ipsec-dataplane/interface.h"
#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"

namespace culvert::dataplane {

// Sends `frame`, a complete Ethernet frame, out of the port interface.
struct SendFrame {
  InterfaceIndex interface;
  net::Bytes frame;
};
// The neighbor is reachable at `mac` from now on; also told when its MAC changes.
struct NeighborResolved {
  InterfaceIndex interface;
  net::Address address;
  Mac mac;
};
// The neighbor aged out, did not answer, or its interface went away.
struct NeighborLost {
  InterfaceIndex interface;
  net::Address address;
};
// A packet that waited may go; the neighbor has been told resolved before.
struct ReleasePacket {
  InterfaceIndex interface;
  net::Bytes packet;
};
// A packet waited in vain; its sender deserves ICMP host unreachable.
struct AbandonPacket {
  InterfaceIndex interface;
  net::Bytes packet;
};
// Another station claims our address.
struct AddressConflict {
  InterfaceIndex interface;
  net::Address address;
  Mac mac;
};
using NeighborOutput =
    std::variant<SendFrame, NeighborResolved, NeighborLost, ReleasePacket, AbandonPacket, AddressConflict>;

// A row of `show arp`.
struct NeighborView {
  InterfaceIndex interface = no_interface;
  net::Address address;
  std::optional<Mac> mac;                    // nullopt: incomplete
  std::optional<std::uint32_t> age_minutes;  // nullopt: our own address, shown as "-"
};

struct NeighborCounters {
  std::uint64_t requests_in = 0, replies_in = 0, requests_out = 0, replies_out = 0, malformed = 0, conflicts = 0,
                refused = 0;  // refused: table or waiting room full
};

class Neighbors {
 public:
  static constexpr std::size_t entries_max = 16384;
  static constexpr std::size_t incomplete_max = 1024;
  static constexpr std::size_t waiting_max = 8;  // packets held for one neighbor
  static constexpr net::Duration retry_interval = std::chrono::seconds(1);
  static constexpr int tries_max = 3;
  static constexpr net::Duration age_max = std::chrono::hours(4);
  static constexpr net::Duration refresh_before = std::chrono::minutes(1);
  static constexpr net::Duration give_up_hold = std::chrono::seconds(5);

  // The interface's MAC and addresses (host bits set); announces new addresses by gratuitous ARP where it is up, and
  // forgets everything on it where it is down.
  void interface(net::Time now, InterfaceIndex interface, bool up, Mac mac, const std::vector<net::Prefix>& addresses);
  // An ARP packet without its Ethernet header. Total: any bytes are acceptable.
  void receive(net::Time now, InterfaceIndex interface, net::View arp);
  // An IPv4 packet for a neighbor that the plane could not resolve.
  void want(net::Time now, InterfaceIndex interface, net::Address address, net::View packet);
  void timeout(net::Time now);
  std::optional<net::Time> deadline() const;
  // Forgets learned neighbors (`clear arp`).
  void clear(net::Time now);
  std::optional<NeighborOutput> poll();

  std::vector<NeighborView> show(net::Time now) const;
  const NeighborCounters& counters() const { return counters_; }

 private:
  struct Incomplete {
    int tries = 1;
    std::deque<net::Bytes> waiting;
  };
  struct Reachable {
    Mac mac;
    net::Time learned{};
    int refreshes = 0;
  };
  struct Unanswering {};
  struct Entry {
    std::variant<Incomplete, Reachable, Unanswering> state;
    net::Time due{};  // of the next retry, refresh or forgetting
  };
  struct Link {
    Mac mac;
    std::vector<net::Prefix> addresses;
  };
  struct Arp {
    std::uint16_t operation = 0;
    Mac sender_mac, target_mac;
    net::Address sender, target;
  };
  using Key = std::pair<InterfaceIndex, net::Address>;
  using Entries = std::map<Key, Entry>;

  static std::optional<Arp> parse(net::View arp);
  void send(InterfaceIndex interface, const Mac& to, const Arp& arp);
  void ask(const Key& key, const Mac& to);
  void announce(InterfaceIndex interface, const Link& link, net::Address address);
  void answer(InterfaceIndex interface, const Link& link, const Arp& request);
  bool conflicts(InterfaceIndex interface, const Link& link, const Arp& arp);
  void resolve(net::Time now, const Key& key, Entry& entry, const Mac& mac);
  bool make_room();
  void expire(net::Time now, const Key& key, Entry& entry);
  void retry(net::Time now, const Key& key, Entry& entry, Incomplete& incomplete);
  void refresh(net::Time now, const Key& key, Entry& entry, Reachable& reachable);
  // Takes the entry out, telling what was held or resolved.
  void forget(Entries::iterator at);
  void forget_if(const std::function<bool(const Key&)>& which);
  void set_due(const Key& key, Entry& entry, net::Time due);

  std::map<InterfaceIndex, Link> links_;
  Entries entries_;
  std::set<std::pair<net::Time, Key>> due_;
  std::size_t incomplete_ = 0;
  std::deque<NeighborOutput> out_;
  NeighborCounters counters_;
};

}  // namespace culvert::dataplane
