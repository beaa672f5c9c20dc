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

std::vector<Datagram> sent_by(const World& world, const net::Address& from) {
  std::vector<Datagram> sent;
  for (const auto& datagram : world.network.log)
    if (datagram.from.address == from) sent.push_back(datagram);
  return sent;
}

Datagram last_sent(const World& world, const net::Address& from) {
  auto sent = sent_by(world, from);
  return sent.empty() ? Datagram{} : std::move(sent.back());
}

}  // namespace culvert::testing
