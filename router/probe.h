// What `ping` and `traceroute` share: their way to the network, and the words of their command lines.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"
#include "parser/exec_command.h"

namespace culvert::router {

struct ProbeHooks {
  std::function<net::Time()> now;
  std::function<void(net::View packet)> inject;
  // Our address towards a destination; the address of an interface by its name. nullopt = there is none.
  std::function<std::optional<net::Address>(net::Address destination)> source_towards;
  std::function<std::optional<net::Address>(const std::string& interface)> address_of;
  std::function<bool(net::Address)> is_ours;
  std::function<void()> wake;  // the deadline may be another
};

// The address that a probe is sent from, by the arguments `source` and `interface` where they are given.
std::optional<net::Address> probe_source(const ProbeHooks& hooks, const parser::Arguments& arguments,
                                         net::Address destination);
bool asks_for_source(const parser::Arguments& arguments);
std::uint32_t number_of(const parser::Arguments& arguments, const char* name, std::uint32_t fallback);
// Ends a command with an error.
void fail_with(const std::shared_ptr<parser::Terminal>& terminal, std::string_view text);

}  // namespace culvert::router
