#include "tests/world/arrows.h"

#include <fmt/core.h>

namespace culvert::testing {

using ike::wire::ExchangeType;

std::string exchange_name(ExchangeType type) {
  switch (type) {
    case ExchangeType::ike_sa_init: return "IKE_SA_INIT";
    case ExchangeType::ike_auth: return "IKE_AUTH";
    case ExchangeType::create_child_sa: return "CREATE_CHILD_SA";
    case ExchangeType::informational: return "INFORMATIONAL";
  }
  return fmt::format("exchange {}", static_cast<unsigned>(type));
}

std::vector<std::string> said_by(const World& world, const net::Address& from) {
  std::vector<std::string> said;
  for (const auto& datagram : world.network.log) {
    const auto header = datagram.header();
    if (datagram.from.address != from || !header) continue;
    said.push_back(fmt::format("{} {} {}", exchange_name(header->exchange),
                               header->is_response ? "response" : "request", header->message_id));
  }
  return said;
}

Datagram last_sent(const World& world, const net::Address& from) {
  for (auto it = world.network.log.rbegin(); it != world.network.log.rend(); ++it)
    if (it->from.address == from) return *it;
  return {};
}

}  // namespace culvert::testing
