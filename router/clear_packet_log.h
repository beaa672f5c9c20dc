// Who sends in clear what should be protected, as IOS tells it: a line a minute for each source, destination and
// protocol.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "ipsec-dataplane/classifier.h"
#include "net/time.h"
#include "router/syslog.h"

namespace culvert::router {

class ClearPacketLog {
 public:
  static constexpr std::size_t flows_max = 256;  // beyond them nothing is told before one is a minute old
  static constexpr auto interval = std::chrono::minutes(1);

  // The message about a packet; nullopt where its like was told of late.
  std::optional<LogMessage> report(net::Time now, const dataplane::FlowKey& packet);

 private:
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t>, net::Time> told_;
};

}  // namespace culvert::router
