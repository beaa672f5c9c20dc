#include "cli/commands/line_mode.h"

#include <fmt/format.h>

#include <algorithm>

#include "config-store/registry.h"

namespace culvert::config {

// The word after `login`, where there is one.
template <>
struct Codec<cli::LoginBy> {
  static cli::LoginBy decode(const parser::Arguments& arguments) {
    return arguments.has("by") ? cli::LoginBy::local : cli::LoginBy::password;
  }
  static parser::Arguments encode(cli::LoginBy by) {
    parser::Arguments arguments;
    if (by == cli::LoginBy::local) arguments.add("by", "local");
    return arguments;
  }
};

template <>
struct TextCodec<cli::Transport> {
  static cli::Transport decode(const std::string& text) {
    return text == "ssh" ? cli::Transport::ssh : cli::Transport::none;
  }
  static std::string encode(cli::Transport transport) { return transport == cli::Transport::ssh ? "ssh" : "none"; }
};

template <>
struct Codec<cli::ExecTimeout> {
  static cli::ExecTimeout decode(const parser::Arguments& arguments) {
    const auto* seconds = arguments.find("seconds");
    return {TextCodec<std::uint32_t>::decode(arguments["minutes"]),
            seconds == nullptr ? 0 : TextCodec<std::uint32_t>::decode(*seconds)};
  }
  static parser::Arguments encode(const cli::ExecTimeout& timeout) {
    parser::Arguments arguments;
    arguments.add("minutes", std::to_string(timeout.minutes));
    arguments.add("seconds", std::to_string(timeout.seconds));
    return arguments;
  }
};

}  // namespace culvert::config

namespace culvert::cli {
namespace {

constexpr const char* title = "Line configuration commands:";
constexpr const char* exit_help = "Exit from line configuration mode";
constexpr std::uint32_t usual_privilege = 1;

// A setting that all lines share, as a member of the row of one kind of line.
template <class Row, class Member>
constexpr Member Row::* of(Member LineSettings::* member) {
  return static_cast<Member Row::*>(member);
}

std::vector<std::string> line_password_help() {
  auto help = password_help();
  help.insert(help.begin(), "Set a password");
  return help;
}

template <class Row>
std::vector<config::LeafDefinition> common_leaves() {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(config::leaf("exec-timeout <minutes:u32(0-35791)> [<seconds:u32(0-2147483)>]",
                                of<Row>(&LineSettings::exec_timeout),
                                {.help = {"Set the EXEC timeout", "Timeout in minutes", "Timeout in seconds"},
                                 .default_ = ExecTimeout{},
                                 .normalise = [](const ExecTimeout& timeout) { return timeout; },
                                 .order = 1}));
  leaves.push_back(config::leaf("privilege level <level:u32(0-15)>", of<Row>(&LineSettings::privilege),
                                {.help = {"Change privilege level for line", "Assign default privilege level for line",
                                          "Default privilege level for line"},
                                 .default_ = usual_privilege,
                                 .order = 2}));
  leaves.push_back(config::leaf(std::string("password ") + password_spec, of<Row>(&LineSettings::password),
                                {.help = line_password_help(),
                                 .secret = {"text"},
                                 .order = 3,
                                 .check = check_password,
                                 .examples = {"password cisco", "password 7 094F471A1A0A"}}));
  leaves.push_back(
      config::leaf("logging synchronous", of<Row>(&LineSettings::logging_synchronous),
                   {.help = {"Modify message logging facilities", "Synchronized message output"}, .order = 4}));
  leaves.push_back(config::leaf("login [by:(local)]", of<Row>(&LineSettings::login),
                                {.help = {"Enable password checking", "Local password checking"}, .order = 5}));
  return leaves;
}

config::Accepted check_range(const config::RowChange<VtyLines>& change, const config::View& view) {
  if (!change.after) return {};
  const auto& range = *change.after;
  if (range.first > range.last)
    return std::unexpected(config::Refusal{"% The last line number is less than the first"});
  for (const auto& other : view.rows<VtyLines>()) {
    if (other.first == range.first && other.last == range.last) continue;
    if (other.first > range.last || range.first > other.last) continue;
    return std::unexpected(config::Refusal{
        fmt::format("% Lines {0} to {1} are configured together; use line vty {0} {1}, or remove them by no line vty "
                    "{0} {1}",
                    other.first, other.last)});
  }
  return {};
}

config::ModeDefinition console_mode() {
  return config::mode<ConsoleLine>(
      {.enter = "line con <number:u32(0-0)>",
       .help = {"Configure a terminal line", "Primary terminal line", "First Line number"},
       .key = &ConsoleLine::number,
       .prompt = "config-line",
       .title = title,
       .exit_help = exit_help,
       .leaves = common_leaves<ConsoleLine>(),
       .aliases = {{.spec = "line console <number:u32(0-0)>",
                    .help = {"Configure a terminal line", "Primary terminal line", "First Line number"},
                    .map = [](const parser::Arguments& arguments) { return arguments; }}},
       .order = config::section_order::line});
}

// `line vty 3` is `line vty 3 3`.
parser::Arguments one_line(const parser::Arguments& given) {
  auto arguments = given;
  arguments.add("last", given["first"]);
  return arguments;
}

config::ModeDefinition vty_mode() {
  auto leaves = common_leaves<VtyLines>();
  leaves.push_back(config::leaf("transport input transport:(ssh|none)", &VtyLines::transport,
                                {.help = {"Define transport protocols for line",
                                          "Define which protocols to use when connecting to the terminal server",
                                          "TCP/IP SSH protocol", "No protocols"},
                                 .default_ = Transport::ssh,
                                 .order = 6}));
  return config::mode<VtyLines>(
      {.enter = "line vty <first:u32(0-15)> <last:u32(0-15)>",
       .help = {"Configure a terminal line", "Virtual terminal", "First Line number", "Last Line number"},
       .key = {&VtyLines::first, &VtyLines::last},
       .prompt = "config-line",
       .title = title,
       .exit_help = exit_help,
       .leaves = std::move(leaves),
       .aliases = {{.spec = "line vty <first:u32(0-15)>",
                    .help = {"Configure a terminal line", "Virtual terminal", "First Line number"},
                    .map = one_line}},
       .order = config::section_order::line + 1,
       .check = check_range,
       .examples = {"line vty 0 4", "line vty 5 15"}});
}

}  // namespace

void define_lines(config::Registry& registry) {
  registry.add(console_mode());
  registry.add(vty_mode());
}

LineSettings console_settings(const config::View& configuration) {
  return configuration.find<ConsoleLine>(config::Key{"0"}).value_or(ConsoleLine{});
}

std::optional<VtyLines> vty_settings(const config::View& configuration, std::uint32_t number) {
  for (const auto& range : configuration.rows<VtyLines>())
    if (range.first <= number && number <= range.last) return range;
  return std::nullopt;
}

bool takes_ssh(const VtyLines& line) {
  return line.login == LoginBy::local && line.transport.value_or(Transport::ssh) == Transport::ssh;
}

bool any_takes_ssh(const config::View& configuration) {
  return std::ranges::any_of(configuration.rows<VtyLines>(), takes_ssh);
}

std::optional<std::chrono::seconds> idle_limit(const LineSettings& line) {
  const auto timeout = line.exec_timeout.value_or(ExecTimeout{});
  const auto limit = std::chrono::minutes(timeout.minutes) + std::chrono::seconds(timeout.seconds);
  if (limit == std::chrono::seconds::zero()) return std::nullopt;
  return limit;
}

}  // namespace culvert::cli
