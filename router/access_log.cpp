#include "router/access_log.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "access-lists/names.h"

namespace culvert::router {
namespace {

using access_lists::protocol::icmp;
using access_lists::protocol::tcp;
using access_lists::protocol::udp;

net::Address address(std::uint32_t network_order) { return net::Address::v4(ntohl(network_order)); }

std::string protocol_text(std::uint8_t number) {
  switch (number) {
    case icmp: return "icmp";
    case tcp: return "tcp";
    case udp: return "udp";
    default: return access_lists::shown(access_lists::protocols(), number);
  }
}

}  // namespace

AccessLog::Message AccessLog::message(const LoggedLine& line, const dataplane::FilterLog& what) {
  const auto& flow = what.report.flow;
  const auto begin = fmt::format("list {} {} ", line.list, line.permit ? "permitted" : "denied");
  const auto source = address(flow.source), destination = address(flow.destination);
  if (line.kind == access_lists::Kind::standard) return {"IPACCESSLOGS", fmt::format("{}{}", begin, source)};
  const auto protocol = protocol_text(flow.protocol);
  const auto from = line.with_interface ? fmt::format(" ({})", what.interface) : "";
  const unsigned first = ntohs(flow.source_port), second = ntohs(flow.destination_port);
  if (flow.protocol == tcp || flow.protocol == udp)
    return {"IPACCESSLOGP",
            fmt::format("{}{} {}({}){} -> {}({}),", begin, protocol, source, first, from, destination, second)};
  if (flow.protocol == icmp)
    return {"IPACCESSLOGDP",
            fmt::format("{}{} {}{} -> {} ({}/{}),", begin, protocol, source, from, destination, first, second)};
  return {"IPACCESSLOGNP", fmt::format("{}{} {}{} -> {},", begin, flow.protocol, source, from, destination)};
}

LogMessage AccessLog::told(const Message& message, std::uint64_t packets) {
  return {"SEC", 6, message.mnemonic, fmt::format("{} {} packet{}", message.text, packets, packets == 1 ? "" : "s")};
}

std::optional<LogMessage> AccessLog::report(const LoggedLine& line, const dataplane::FilterLog& what) {
  const auto about = message(line, what);
  if (const auto known = counted_.find(about); known != counted_.end()) {
    ++known->second;
    return std::nullopt;
  }
  if (counted_.size() < flows_max) counted_.emplace(about, 0);
  return told(about, 1);
}

std::vector<LogMessage> AccessLog::tick(net::Time now, std::uint64_t missed) {
  std::vector<LogMessage> messages;
  if (!due_) due_ = now + interval;
  if (now < *due_) return messages;
  due_ = now + interval;
  for (auto& [about, packets] : counted_)
    if (packets > 0) messages.push_back(told(about, packets));
  std::erase_if(counted_, [](const auto& flow) { return flow.second == 0; });
  for (auto& [about, packets] : counted_) packets = 0;
  if (const auto more = missed - std::exchange(missed_, missed); more > 0)
    messages.push_back(
        {"SEC", 6, "IPACCESSLOGRL",
         fmt::format("access-list logging rate-limited or missed {} packet{}", more, more == 1 ? "" : "s")});
  return messages;
}

}  // namespace culvert::router
