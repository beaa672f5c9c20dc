// One run of `ping`: echo requests out, marks and a summary back. No socket, no clock.
//
// The next request leaves when the one before it is answered or given up, as IOS does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"
#include "router/ipv4_packet.h"

namespace culvert::router {

struct PingRequest {
  net::Address source, destination;
  std::uint32_t repeat = 5;
  std::uint32_t size = 100;  // octets of the whole packet, 36 to 18024
  std::uint32_t timeout_s = 2;
  bool dont_fragment = false;
};

class Ping {
 public:
  // `identifier` tells the replies of this run from those of another.
  Ping(PingRequest request, std::uint16_t identifier) : request_(request), identifier_(identifier) {}

  // The lines before the first mark.
  std::string heading() const;
  // What to send now, if anything.
  std::optional<net::Bytes> transmit(net::Time now);
  // An ICMP packet that came to this router; ignored unless it is about the request that is out.
  void receive(net::Time now, const Ipv4View& packet);
  void timeout(net::Time now);
  std::optional<net::Time> deadline() const;
  // Marks that became known since the last call, with a line end after each 70.
  std::string take_marks();
  bool finished() const { return done_ == request_.repeat; }
  std::string summary() const;

 private:
  void mark(char c);
  std::optional<std::uint16_t> sequence_asked(net::View echo) const;

  PingRequest request_;
  std::uint16_t identifier_;
  std::uint32_t done_ = 0, answered_ = 0;
  std::optional<net::Time> sent_at_;  // while a request is out
  std::string marks_;
  net::Duration shortest_{}, longest_{}, total_{};
};

}  // namespace culvert::router
