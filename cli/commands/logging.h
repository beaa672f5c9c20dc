// `logging console`, `logging monitor` and `logging buffered`: who is shown the lines of the router's log.
#pragma once

#include <cstdint>
#include <optional>

#include "config-store/definition.h"

namespace culvert::cli {

struct Logging {
  bool console = true, monitor = true, buffered = true;
  std::optional<std::uint32_t> buffer_octets;
  bool operator==(const Logging&) const = default;
};

inline constexpr std::uint32_t log_buffer_octets = 64 * 1024;  // where nothing is configured

config::SectionDefinition logging_definition();

}  // namespace culvert::cli
