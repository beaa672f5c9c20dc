// What lines with `log` have decided, as IOS tells it: the first packet of a flow at once, the others every five
// minutes with their number.
//
//   %SEC-6-IPACCESSLOGP: list 101 denied tcp 10.1.0.10(40000) -> 10.2.0.10(23), 1 packet
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ipsec-dataplane/dataplane.h"
#include "net/time.h"
#include "router/packet_filters.h"
#include "router/syslog.h"

namespace culvert::router {

class AccessLog {
 public:
  static constexpr std::size_t flows_max = 1024;
  static constexpr auto interval = std::chrono::minutes(5);

  // The message about a packet; nullopt where it is only counted.
  std::optional<LogMessage> report(const LoggedLine& line, const dataplane::FilterLog& what);
  // Where the interval is over: what was counted in it. `missed` is how many reports were withheld since the start.
  std::vector<LogMessage> tick(net::Time now, std::uint64_t missed);

 private:
  struct Message {
    std::string mnemonic, text;  // without the number of packets
    auto operator<=>(const Message&) const = default;
  };
  static Message message(const LoggedLine& line, const dataplane::FilterLog& what);
  static LogMessage told(const Message& message, std::uint64_t packets);

  std::map<Message, std::uint64_t> counted_;  // packets since the last message of the flow
  std::optional<net::Time> due_;
  std::uint64_t missed_ = 0;
};

}  // namespace culvert::router
