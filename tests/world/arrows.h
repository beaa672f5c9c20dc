// What was said, as arrows: "hq > branch IKE_SA_INIT 0", "hq < branch IKE_SA_INIT 0 (response)".
#pragma once

#include <string>
#include <vector>

#include "tests/world/world.h"

namespace culvert::testing {

// "IKE_SA_INIT", or its number.
std::string exchange_name(ike::wire::ExchangeType type);
// The IKE messages that `from` sent, in order: "IKE_SA_INIT request 0", "INFORMATIONAL response 2".
std::vector<std::string> said_by(const World& world, const net::Address& from);
// All that `from` sent, and the last of it (empty if there is none).
std::vector<Datagram> sent_by(const World& world, const net::Address& from);
Datagram last_sent(const World& world, const net::Address& from);

}  // namespace culvert::testing
