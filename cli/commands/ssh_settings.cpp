#include "cli/commands/ssh_settings.h"

#include <algorithm>
#include <cctype>

namespace culvert::cli {
namespace {

const std::string ip = "Global IP configuration subcommands", ssh = "Configure ssh options";

config::Accepted check_domain(const config::LeafChange<std::string>& change, const config::View&) {
  if (!change.after) return {};
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; };
  if (change.after->size() <= 253 && std::ranges::all_of(*change.after, fits)) return {};
  return std::unexpected(config::Refusal{"% A domain name is made of letters, digits, '-' and '.', at most 253"});
}

}  // namespace

config::SectionDefinition ssh_definition() {
  constexpr int order = config::section_order::ip_ssh;
  return config::global<SshSettings>(
      {.table = "ssh",
       .leaves = {
           config::leaf("ip ssh time-out <seconds:u32(1-120)>", &SshSettings::time_out_s,
                        {.help = {ip, ssh, "Specify SSH time-out interval", "SSH time-out interval (secs)"},
                         .default_ = ssh_time_out_s,
                         .order = order,
                         .column = "time_out_s"}),
           config::leaf(
               "ip ssh authentication-retries <count:u32(1-5)>", &SshSettings::retries,
               {.help = {ip, ssh, "Specify number of authentication retries", "Number of authentication retries"},
                .default_ = ssh_retries,
                .order = order,
                .column = "retries"}),
           config::leaf("ip ssh version 2", &SshSettings::version_2,
                        {.help = {ip, ssh, "Specify protocol version to be supported", "Protocol version"},
                         .order = order,
                         .column = "version"}),
       }});
}

config::SectionDefinition domain_name_definition() {
  return config::global<DomainName>(
      {.table = "domain_name",
       .leaves = {
           config::leaf("ip domain name <name:word>", &DomainName::name,
                        {.help = {ip, "IP DNS Resolver", "Define the default domain name", "Default domain name"},
                         .aliases = {{.spec = "ip domain-name <name:word>",
                                      .help = {ip, "Define the default domain name", "Default domain name"},
                                      .map = [](const parser::Arguments& arguments) { return arguments; }}},
                         .order = config::section_order::ip_name,
                         .check = check_domain,
                         .column = "name",
                         .examples = {"ip domain name example.com"}})}});
}

}  // namespace culvert::cli
