#include "router/options.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "ipsec-dataplane/dataplane.h"
#include "net/try.h"
#include "parser/value_type.h"

namespace culvert::router {

namespace {

constexpr std::string_view usage_text = R"(usage: culvertd [options]

  --name NAME              what `culvert -n NAME` calls this router (default: router)
  --port INTERFACE=DEVICE  a port, once each: GigabitEthernet0/0=net_af_packet0,iface=eth0
                           DEVICE is what DPDK takes after --vdev; af_packet:eth0 is the same
  --no-ports               start although there is no port
  --nvram DIR              where the startup-config lives (default: /var/lib/culvert/NAME)
  --run-dir DIR            where the console's socket is made (default: what `culvert -n NAME` looks for)
  --workers N              packet threads, 1 to 8 (default: 1)
  --memory MB              memory for packets and tables, 96 to 65536 (default: 128)
  --ssh-listen ADDR[:PORT] where SSH is reached beside the router's own addresses (port 22); may be given several times
  --log FILE               a copy of the log; - is standard error
  --exit-on-reload         `reload` ends the program with status 75, so that its supervisor restarts the machine
  --export-keys FILE       write the keys of every SA, so that a test can decrypt its captures
  --version, --help
)";

struct Switch {
  std::string_view name;
  std::function<std::expected<void, std::string>(std::string_view value)> set;
};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::ranges::all_of(
             text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; }) &&
         text.front() != '.' && text.front() != '-';
}

std::expected<void, std::string> set_number(unsigned& target, std::string_view name, std::string_view text,
                                            unsigned smallest, unsigned greatest) {
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, target);
  if (error == std::errc{} && stop == end && target >= smallest && target <= greatest) return {};
  return std::unexpected(fmt::format("{} takes a number from {} to {}, not \"{}\"", name, smallest, greatest, text));
}

std::expected<void, std::string> add_port(std::vector<PortOption>& ports, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 == text.size())
    return std::unexpected(fmt::format(
        "--port takes INTERFACE=DEVICE, such as GigabitEthernet0/0=net_af_packet0,iface=eth0, not \"{}\"", text));
  const auto name = parser::match_value({"interface", ""}, text.substr(0, equals)).canonical;
  const bool is_port = name && (name->starts_with("GigabitEthernet") || name->starts_with("Serial"));
  if (!is_port)
    return std::unexpected(
        fmt::format("--port: \"{}\" is no port; call it GigabitEthernet0/0 or Serial0/0", text.substr(0, equals)));
  if (std::ranges::find(ports, *name, &PortOption::interface) != ports.end())
    return std::unexpected(fmt::format("--port: {} is given twice", *name));
  ports.push_back({*name, std::string(text.substr(equals + 1))});
  return {};
}

std::expected<void, std::string> add_ssh_listener(std::vector<net::Endpoint>& listeners, std::string_view text) {
  const auto colon = text.find(':');
  const auto address = net::Address::parse(text.substr(0, colon));
  unsigned port = 22;
  if (!address || !address->is_v4())
    return std::unexpected(fmt::format("--ssh-listen takes ADDRESS or ADDRESS:PORT, not \"{}\"", text));
  if (colon != std::string_view::npos) TRY(set_number(port, "--ssh-listen", text.substr(colon + 1), 1, 65535));
  listeners.push_back({*address, static_cast<std::uint16_t>(port)});
  return {};
}

std::vector<Switch> switches(Options& o) {
  const auto text_into = [](std::string& target) {
    return [&target](std::string_view value) -> std::expected<void, std::string> {
      target = value;
      return {};
    };
  };
  return {
      {"--name",
       [&o](std::string_view value) -> std::expected<void, std::string> {
         if (!is_name(value))
           return std::unexpected(
               fmt::format("--name: \"{}\" is no name; use letters, digits, - _ . (at most 32)", value));
         o.name = value;
         return {};
       }},
      {"--port", [&o](std::string_view value) { return add_port(o.ports, value); }},
      {"--nvram", text_into(o.nvram_directory)},
      {"--run-dir", text_into(o.run_directory)},
      {"--ssh-listen", [&o](std::string_view value) { return add_ssh_listener(o.ssh_listen, value); }},
      {"--workers",
       [&o](std::string_view value) { return set_number(o.workers, "--workers", value, 1, dataplane::workers_max); }},
      {"--memory", [&o](std::string_view value) { return set_number(o.memory_mb, "--memory", value, 96, 65536); }},
      {"--log", text_into(o.log_file)},
      {"--export-keys", text_into(o.key_log_file)}};
}

// The options that take no value; nullptr: this is none of them.
bool* flag_of(Options& options, std::string_view name) {
  if (name == "--no-ports") return &options.no_ports;
  if (name == "--exit-on-reload") return &options.exit_on_reload;
  return nullptr;
}

}  // namespace

std::expected<std::variant<Options, Usage>, std::string> parse_options(std::span<const char* const> arguments) {
  Options options;
  const auto known = switches(options);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (name == "--help" || name == "-h") return Usage{std::string(usage_text)};
    if (name == "--version") return Usage{"Culvert " CULVERT_VERSION "\n"};
    if (auto* flag = flag_of(options, name)) {
      *flag = true;
      continue;
    }
    std::optional<std::string_view> value;
    if (const auto equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const auto found = std::ranges::find(known, name, &Switch::name);
    if (found == known.end())
      return std::unexpected(fmt::format("unknown option {}; culvertd --help lists them", name));
    if (!value && ++i < arguments.size()) value = arguments[i];
    if (!value) return std::unexpected(fmt::format("{} needs a value; culvertd --help tells", name));
    TRY(found->set(*value));
  }
  if (options.ports.empty() && !options.no_ports)
    return std::unexpected("a router needs a port: --port GigabitEthernet0/0=net_af_packet0,iface=eth0");
  if (options.nvram_directory.empty()) options.nvram_directory = "/var/lib/culvert/" + options.name;
  return options;
}

}  // namespace culvert::router
