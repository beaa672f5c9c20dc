#include "cli/commands/logging.h"

namespace culvert::cli {
namespace {

const std::string modify = "Modify message logging facilities";

config::LeafDefinition destination(const char* word, bool Logging::* member, const char* help) {
  return config::leaf(std::string("logging ") + word, member,
                      {.help = {modify, help}, .on_by_default = true, .order = config::section_order::logging});
}

}  // namespace

config::SectionDefinition logging_definition() {
  return config::global<Logging>(
      {.table = "logging",
       .leaves = {
           destination("buffered", &Logging::buffered, "Set buffered logging parameters"),
           config::leaf("logging buffered <octets:u32(4096-16777216)>", &Logging::buffer_octets,
                        {.help = {modify, "Set buffered logging parameters", "Logging buffer size"},
                         .default_ = log_buffer_octets,
                         .order = config::section_order::logging,
                         .column = "buffer_octets"}),
           destination("console", &Logging::console, "Set console logging parameters"),
           destination("monitor", &Logging::monitor, "Set terminal line (monitor) logging parameters"),
       }});
}

}  // namespace culvert::cli
