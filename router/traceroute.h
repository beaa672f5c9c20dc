// One run of `traceroute`: UDP probes of growing TTL out, a line a hop back. No socket, no clock.
//
// The next probe leaves when the one before it is answered or given up, as IOS does. Each has a port of its own, which
// the answer quotes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"
#include "router/ipv4_packet.h"

namespace culvert::router {

struct TracerouteRequest {
  net::Address source, destination;
  std::uint32_t probes = 3;  // a hop
  std::uint32_t timeout_s = 3;
  std::uint8_t ttl_first = 1, ttl_last = 30;
  std::uint16_t port = 33434;  // of the first probe
};

class Traceroute {
 public:
  // `source_port` tells the answers of this run from those of another.
  Traceroute(TracerouteRequest request, std::uint16_t source_port)
      : request_(request), source_port_(source_port), ttl_(request.ttl_first) {}

  // The lines before the first hop.
  std::string heading() const;
  // What to send now, if anything.
  std::optional<net::Bytes> transmit(net::Time now);
  // An ICMP packet that came to this router; ignored unless it is about the probe that is out.
  void receive(net::Time now, const Ipv4View& packet);
  void timeout(net::Time now);
  std::optional<net::Time> deadline() const;
  // Text that became known since the last call.
  std::string take_text();
  bool finished() const { return finished_; }

 private:
  bool is_about_our_probe(net::View quoted) const;
  void name_hop(net::Address address);
  void next_probe();

  TracerouteRequest request_;
  std::uint16_t source_port_;
  std::uint8_t ttl_;
  std::uint32_t probe_ = 0;                 // of this hop
  std::uint16_t sent_ = 0;                  // probes before the one that is out
  std::optional<net::Time> sent_at_;        // while one is out
  std::optional<net::Address> last_named_;  // on this hop's lines
  bool ends_here_ = false, finished_ = false;
  std::string text_;
};

}  // namespace culvert::router
