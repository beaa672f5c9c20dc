// `key chain NAME`: passwords with a number and a time in which each may be used, for routing protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config-store/registry.h"
#include "net/secret.h"
#include "net/time.h"
#include "parser/exec_command.h"

namespace culvert::routing {

// When a key is valid, in UTC; `to` absent: for ever.
struct Lifetime {
  net::WallTime from{};
  std::optional<net::WallTime> to;
  bool covers(net::WallTime now) const { return from <= now && (!to || now < *to); }
  bool operator==(const Lifetime&) const = default;
};

struct ChainKey {
  std::uint32_t id = 0;
  net::Secret text;                      // as the protocol takes it, whatever its form in the configuration
  std::optional<Lifetime> accept, send;  // absent: always
};

// The keys of a chain by their numbers; none where there is no such chain. Keys without a string are left out.
std::vector<ChainKey> keys_of(const config::View& configuration, const std::string& chain);
// When a key of any chain begins or ends to be valid next.
std::optional<net::WallTime> next_key_change(const config::View& configuration, net::WallTime now);

void define_key_chains(config::Registry& registry);

// `show key chain [NAME]`; `wall` reads the clock.
struct KeyChainSources {
  const config::View& configuration;
  std::function<net::WallTime()> wall;
};
void add_key_chain_commands(parser::ExecCommands& commands, const KeyChainSources& sources);

}  // namespace culvert::routing
