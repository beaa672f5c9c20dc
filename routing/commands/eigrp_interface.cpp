// What `interface` says about EIGRP: `ip hello-interval eigrp 100 5` and its kin, one line a process.
#include <fmt/format.h>

#include "config-store/definition.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/eigrp_codecs.h"
#include "routing/commands/eigrp_rows.h"

template <>
struct culvert::config::Codec<culvert::routing::ProcessNumber> {
  using Value = culvert::routing::ProcessNumber;
  static Value decode(const parser::Arguments& a) {
    return {routing::number(a, "process"), routing::number(a, "value")};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("process", std::to_string(value.process));
    a.add("value", std::to_string(value.value));
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::ProcessSwitch> {
  using Value = culvert::routing::ProcessSwitch;
  static Value decode(const parser::Arguments& a) { return {routing::number(a, "process"), a.has(said_by_no)}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("process", std::to_string(value.process));
    if (value.negated) a.add(said_by_no, "1");
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::ProcessText> {
  using Value = culvert::routing::ProcessText;
  static Value decode(const parser::Arguments& a) { return {routing::number(a, "process"), a["value"]}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("process", std::to_string(value.process));
    a.add("value", value.value);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::SummaryLine> {
  using Value = culvert::routing::SummaryLine;
  static Value decode(const parser::Arguments& a) {
    return {.process = routing::number(a, "process"),
            .address = *net::Address::parse(a["address"]),
            .mask = *net::Address::parse(a["mask"]),
            .distance = a.has("distance") ? std::optional(routing::number(a, "distance")) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("process", std::to_string(value.process));
    a.add("address", value.address.to_string());
    a.add("mask", value.mask.to_string());
    if (value.distance) a.add("distance", std::to_string(*value.distance));
    return a;
  }
};

namespace culvert::routing {

namespace {

using config::Accepted;
using config::LeafDefinition;
using Leaves = std::vector<LeafDefinition>;

constexpr std::uint32_t summary_distance_default = 5;

Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

const std::string process_spec = "eigrp <process:u32(1-65535)>";

// The help of "ip KEYWORD eigrp PROCESS", and what follows.
std::vector<std::string> help(const std::string& keyword, std::initializer_list<const char*> rest = {}) {
  std::vector<std::string> all{"Interface Internet Protocol config commands", keyword,
                               "Enhanced Interior Gateway Routing Protocol (EIGRP)", "Autonomous system number"};
  for (const auto* const text : rest) all.emplace_back(text);
  return all;
}

LeafDefinition number_leaf(const std::string& keyword, const std::string& range, const char* what, const char* value,
                           std::vector<ProcessNumber> EigrpInterfaceRow::* member, int order) {
  return config::leaf(fmt::format("ip {} {} <value:u32({})>", keyword, process_spec, range), member,
                      {.help = help(what, {value}), .identity = {"process"}, .sorted = true, .order = order});
}

// On for every process unless `no` was said.
LeafDefinition switch_leaf(const std::string& keyword, const char* what,
                           std::vector<ProcessSwitch> EigrpInterfaceRow::* member, int order) {
  return config::leaf(
      fmt::format("ip {} {}", keyword, process_spec), member,
      {.help = help(what),
       .identity = {"process"},
       .sorted = true,
       .remembers = [](parser::Form form, const config::Key&, const config::View&) { return form == parser::Form::no; },
       .order = order});
}

Leaves authentication_leaves() {
  Leaves leaves;
  auto words = help("Authentication subcommands");
  words.insert(words.begin() + 2, "Set authentication mode");
  words.insert(words.end(), {"HMAC-SHA-256 authentication", "Keyed message digest"});
  leaves.push_back(config::leaf("ip authentication mode " + process_spec + " value:(hmac-sha-256|md5)",
                                &EigrpInterfaceRow::authentication_modes,
                                {.help = words, .identity = {"process"}, .sorted = true, .order = 23}));
  words = help("Authentication subcommands", {"Name of key-chain"});
  words.insert(words.begin() + 2, "Set authentication key-chain");
  leaves.push_back(config::leaf("ip authentication key-chain " + process_spec + " <value:word>",
                                &EigrpInterfaceRow::authentication_chains,
                                {.help = words, .identity = {"process"}, .sorted = true, .order = 23}));
  return leaves;
}

Accepted check_summary(const config::LeafChange<SummaryLine>& change, const config::View&) {
  if (!change.after) return {};
  const auto prefix = net::Prefix::from_mask(change.after->address, change.after->mask);
  if (!prefix) return refused("% Invalid mask");
  if (change.after->address.is_multicast()) return refused("% Invalid summary address");
  return {};
}

SummaryLine normalised_summary(SummaryLine line) {
  line.address = net::Address::v4(line.address.v4_value() & line.mask.v4_value());
  if (line.distance == summary_distance_default) line.distance.reset();
  return line;
}

LeafDefinition summary_leaf() {
  return config::leaf(
      "ip summary-address " + process_spec + " <address:ipv4> <mask:mask> [<distance:u32(1-255)>]",
      &EigrpInterfaceRow::summaries,
      {.help = help("Perform address summarization", {"IP address", "IP network mask", "Administrative distance"}),
       .normalise = normalised_summary,
       .identity = {"process", "address", "mask"},
       .sorted = true,
       .order = 24,
       .check = check_summary,
       .examples = {"ip summary-address eigrp 100 10.0.0.0 255.0.0.0",
                    "ip summary-address eigrp 7 0.0.0.0 0.0.0.0 250"}});
}

}  // namespace

void define_eigrp_interfaces(config::Registry& registry) {
  Leaves leaves;
  leaves.push_back(number_leaf("bandwidth-percent", "1-999999", "Set EIGRP bandwidth limit",
                               "Maximum bandwidth percentage that EIGRP may use",
                               &EigrpInterfaceRow::bandwidth_percents, 22));
  leaves.push_back(number_leaf("hello-interval", "1-65535", "Configures EIGRP hello interval",
                               "Seconds between hello transmissions", &EigrpInterfaceRow::hello_intervals, 22));
  leaves.push_back(number_leaf("hold-time", "1-65535", "Configures EIGRP hold time",
                               "Seconds before neighbor is considered down", &EigrpInterfaceRow::hold_times, 22));
  for (auto& leaf : authentication_leaves()) leaves.push_back(std::move(leaf));
  leaves.push_back(
      switch_leaf("next-hop-self", "Configures EIGRP next-hop-self", &EigrpInterfaceRow::next_hops_self, 23));
  leaves.push_back(switch_leaf("split-horizon", "Perform split horizon", &EigrpInterfaceRow::split_horizons, 23));
  leaves.push_back(summary_leaf());
  registry.add(config::extend<EigrpInterfaceRow>(
      "interface", {.table = "interface_eigrp", .key = &EigrpInterfaceRow::name, .leaves = std::move(leaves)}));
}

}  // namespace culvert::routing
