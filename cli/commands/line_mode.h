// `line con 0` and `line vty 0 15`: how one gets in by each line, and how long one may stay idle there.
//
// Terminal lines are configured in ranges, and no line is in two: of a router with `line vty 0 4` the lines 0 to 4 are
// configured together.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/commands/stored_password.h"
#include "config-store/definition.h"

namespace culvert::config {
class Registry;
}

namespace culvert::cli {

inline constexpr std::uint32_t vty_count = 16;

enum class LoginBy : std::uint8_t { password, local };  // the line's own password; `username` and its password
enum class Transport : std::uint8_t { ssh, none };
struct ExecTimeout {
  std::uint32_t minutes = 10, seconds = 0;  // both 0: never
  bool operator==(const ExecTimeout&) const = default;
};

struct LineSettings {
  std::optional<LoginBy> login;  // none: whoever is at the line is let in; nobody is by SSH
  std::optional<StoredPassword> password;
  std::optional<ExecTimeout> exec_timeout;
  std::optional<std::uint32_t> privilege;
  bool logging_synchronous = false;
  bool operator==(const LineSettings&) const = default;
};
struct ConsoleLine : LineSettings {
  std::uint32_t number = 0;
  bool operator==(const ConsoleLine&) const = default;
};
struct VtyLines : LineSettings {
  std::uint32_t first = 0, last = 0;  // first <= last
  std::optional<Transport> transport;
  bool operator==(const VtyLines&) const = default;
};

void define_lines(config::Registry& registry);

// Of the console.
LineSettings console_settings(const config::View& configuration);
// Of a terminal line 0 to 15; nullopt where it is not configured.
std::optional<VtyLines> vty_settings(const config::View& configuration, std::uint32_t number);
// Whether one can log in by SSH on it.
bool takes_ssh(const VtyLines& line);
bool any_takes_ssh(const config::View& configuration);
// nullopt: never.
std::optional<std::chrono::seconds> idle_limit(const LineSettings& line);

}  // namespace culvert::cli
