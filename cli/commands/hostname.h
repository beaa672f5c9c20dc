// `hostname`: the name of the router, in its prompt and wherever it speaks of itself.
#pragma once

#include <optional>
#include <string>

#include "config-store/definition.h"

namespace culvert::cli {

struct Host {
  std::optional<std::string> hostname;  // letters, digits, '-', '_' and '.'; at most 63
  bool operator==(const Host&) const = default;
};

config::SectionDefinition host_definition();
// The name in force: "Router" where none is configured.
std::string hostname(const config::View& configuration);

}  // namespace culvert::cli
