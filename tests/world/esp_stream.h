// Packets that two nodes send each other through a tunnel, one every millisecond: which of them arrive.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string_view>

#include "tests/world/world.h"

namespace culvert::testing {

class EspStream {
 public:
  EspStream(World& world, Node& left, Node& right, std::uint64_t seed)
      : world_(world), nodes_{&left, &right}, random_(seed) {}

  // Lets the world live for so long. Each node sends on what it would send on; the packet is on its way as long as any
  // datagram of the network, and arrives if the other node then holds the SA. What arrived tells the engine so.
  void run(net::Duration duration) {
    for (const auto end = world_.now + duration; world_.now < end && world_.broken.empty();) {
      for (const std::size_t side : {0u, 1u}) send(side);
      arrive(world_.now + every);
      world_.advance(every);
    }
  }
  // Of those sent after the first that arrived, in either direction.
  std::size_t lost() const { return lost_; }
  std::size_t arrived() const { return arrived_; }

 private:
  static constexpr auto every = std::chrono::milliseconds(1);
  struct Packet {
    std::size_t to = 0;
    std::uint32_t spi = 0;
    bool counts = false;
  };

  void send(std::size_t from) {
    const auto* sa = nodes_[from]->sending("Tunnel1");
    if (!sa) {
      lost_ += flows_[from];
      return;
    }
    const auto& link = world_.network.link;
    const auto span = static_cast<std::uint64_t>((link.delay_max - link.delay_min).count());
    const net::Time due = world_.now + link.delay_min + std::chrono::milliseconds(random_.below(span + 1));
    flying_.emplace(due, Packet{1 - from, sa->outbound_spi, flows_[from]});
  }
  // Comes before whatever else the network delivers at that time, and was sent before it.
  void arrive(net::Time until) {
    for (; !flying_.empty() && flying_.begin()->first <= until; flying_.erase(flying_.begin())) {
      const auto& packet = flying_.begin()->second;
      auto& node = *nodes_[packet.to];
      const auto sa = std::ranges::find(node.installed, packet.spi, &ike::InstallSa::inbound_spi);
      if (sa == node.installed.end()) {
        lost_ += packet.counts;
        continue;
      }
      ++arrived_;
      flows_[1 - packet.to] = true;
      node.report_received(sa->child);
    }
  }

  World& world_;
  std::array<Node*, 2> nodes_;
  net::SeededRandom random_;
  std::array<bool, 2> flows_{};  // by sender: something has arrived
  std::multimap<net::Time, Packet> flying_;
  std::size_t lost_ = 0, arrived_ = 0;
};

}  // namespace culvert::testing
