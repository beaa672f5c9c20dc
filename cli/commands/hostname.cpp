#include "cli/commands/hostname.h"

#include <algorithm>
#include <cctype>

namespace culvert::cli {
namespace {

const std::string default_hostname = "Router";

config::Accepted check_hostname(const config::LeafChange<std::string>& change, const config::View&) {
  if (!change.after) return {};
  const auto& name = *change.after;
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (name.size() > 63) return std::unexpected(config::Refusal{"% Hostname is longer than 63 characters"});
  if (std::isalnum(static_cast<unsigned char>(name.front())) == 0 || !std::ranges::all_of(name, fits)) {
    return std::unexpected(config::Refusal{"% Hostname contains one or more illegal characters."});
  }
  return {};
}

}  // namespace

config::SectionDefinition host_definition() {
  return config::global<Host>(
      {.table = "host",
       .leaves = {config::leaf("hostname <name:word>", &Host::hostname,
                               {.help = {"Set system's network name", "This system's network name"},
                                .default_ = default_hostname,
                                .render_absent = "hostname " + default_hostname,
                                .order = config::section_order::hostname,
                                .check = check_hostname,
                                .examples = {"hostname edge-1.example"}})}});
}

std::string hostname(const config::View& configuration) {
  return configuration.global<Host>().hostname.value_or(default_hostname);
}

}  // namespace culvert::cli
