// Packets that wait for an SA: what a crypto policy protects is held until an SA covers it, so that the packet that
// asked for the SA is not lost.
//
// An engine without socket, clock or thread. All of it is bounded. Where there is no more room, the oldest packet of
// the newcomer's own source gives way, else the oldest of its entry, else the oldest of the entry that holds most: who
// floods loses his own.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "ipsec-dataplane/classifier.h"
#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/packet.h"
#include "net/bytes.h"
#include "net/time.h"

namespace culvert::dataplane {

struct HeldPacket {
  InterfaceIndex entry = no_interface;  // the policy entry that protects it
  FlowKey flow;
  Meta meta;  // as it was when it found no SA
  net::Bytes packet;
  net::Time since{};
};

class HeldPackets {
 public:
  static constexpr std::size_t of_entry_max = 16, all_max = 256, requests_max = 1024;
  static constexpr net::Duration age_max = std::chrono::seconds(10);
  static constexpr net::Duration request_interval = std::chrono::seconds(1);

  // Returns the packet that gave way, if one had to.
  std::optional<HeldPacket> hold(HeldPacket packet);
  // Whether the SA of a flow may be asked for now; if so, not again for a while.
  bool request(net::Time now, InterfaceIndex entry, const FlowKey& flow);

  // Each takes packets out, oldest first. Those of an SA that came have had what they asked for: when it is gone, the
  // next packet asks anew.
  std::vector<HeldPacket> take(InterfaceIndex entry, const std::function<bool(const HeldPacket&)>& wanted);
  std::vector<HeldPacket> take_all(InterfaceIndex entry);
  std::vector<HeldPacket> timeout(net::Time now);
  std::optional<net::Time> deadline() const;

  std::size_t size() const { return held_.size(); }
  std::size_t requests() const { return requests_.size(); }

 private:
  struct Request {
    InterfaceIndex entry;
    FlowKey flow;
    net::Time at;
  };
  using Place = std::list<HeldPacket>::iterator;
  std::size_t count(InterfaceIndex entry) const;
  InterfaceIndex fullest() const;
  Place victim(const HeldPacket& newcomer);
  void forget_request(InterfaceIndex entry, const FlowKey& flow);
  HeldPacket remove(Place place);

  std::list<HeldPacket> held_;  // oldest first
  std::map<InterfaceIndex, std::size_t> counts_;
  std::deque<Request> requests_;  // of the last request_interval, oldest first
};

}  // namespace culvert::dataplane
