// `ip ssh ...` and `ip domain name`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config-store/definition.h"

namespace culvert::cli {

struct SshSettings {
  std::optional<std::uint32_t> time_out_s, retries;
  bool version_2 = false;  // said, not only so
  bool operator==(const SshSettings&) const = default;
};
inline constexpr std::uint32_t ssh_time_out_s = 120, ssh_retries = 3;  // where nothing is configured

struct DomainName {
  std::optional<std::string> name;
  bool operator==(const DomainName&) const = default;
};

config::SectionDefinition ssh_definition();
config::SectionDefinition domain_name_definition();

}  // namespace culvert::cli
