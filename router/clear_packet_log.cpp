#include "router/clear_packet_log.h"

#include <fmt/format.h>

#include "net/address.h"
#include "router/access_list_rules.h"

namespace culvert::router {

std::optional<LogMessage> ClearPacketLog::report(net::Time now, const dataplane::FlowKey& packet) {
  const auto fields = fields_of(packet);
  std::erase_if(told_, [&](const auto& told) { return now - told.second >= interval; });
  if (told_.size() >= flows_max ||
      !told_.emplace(std::tuple{fields.source, fields.destination, fields.protocol}, now).second)
    return std::nullopt;
  return LogMessage{
      "CRYPTO", 4, "RECVD_PKT_NOT_IPSEC",
      fmt::format("Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /{}, src_addr= {}, prot= {}",
                  net::Address::v4(fields.destination), net::Address::v4(fields.source), fields.protocol)};
}

}  // namespace culvert::router
