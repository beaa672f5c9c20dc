// `router eigrp <autonomous system>`.
#include <algorithm>

#include <fmt/format.h>

#include "config-store/definition.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/eigrp_codecs.h"
#include "routing/commands/eigrp_lists.h"
#include "routing/commands/eigrp_rows.h"

template <>
struct culvert::config::Codec<culvert::routing::NetworkLine> {
  using Value = culvert::routing::NetworkLine;
  static Value decode(const parser::Arguments& a) {
    return {*net::Address::parse(a["address"]), a.has("wildcard") ? net::Address::parse(a["wildcard"]) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("address", value.address.to_string());
    if (value.wildcard) a.add("wildcard", value.wildcard->to_string());
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::StubLine> {
  using Value = culvert::routing::StubLine;
  static Value decode(const parser::Arguments& a) { return {a.every("advertised")}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    for (const auto& word : value.advertised) a.add("advertised", word);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::WeightsLine> {
  using Value = culvert::routing::WeightsLine;
  static Value decode(const parser::Arguments& a) {
    return {.tos = routing::number(a, "tos"),
            .k1 = routing::number(a, "k1"),
            .k2 = routing::number(a, "k2"),
            .k3 = routing::number(a, "k3"),
            .k4 = routing::number(a, "k4"),
            .k5 = routing::number(a, "k5")};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("tos", std::to_string(value.tos));
    a.add("k1", std::to_string(value.k1));
    a.add("k2", std::to_string(value.k2));
    a.add("k3", std::to_string(value.k3));
    a.add("k4", std::to_string(value.k4));
    a.add("k5", std::to_string(value.k5));
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::MetricLine> {
  using Value = culvert::routing::MetricLine;
  static Value decode(const parser::Arguments& a) {
    return {.bandwidth_kbps = routing::number(a, "bandwidth"),
            .delay_10us = routing::number(a, "delay"),
            .reliability = routing::number(a, "reliability"),
            .load = routing::number(a, "load"),
            .mtu = routing::number(a, "mtu")};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("bandwidth", std::to_string(value.bandwidth_kbps));
    a.add("delay", std::to_string(value.delay_10us));
    a.add("reliability", std::to_string(value.reliability));
    a.add("load", std::to_string(value.load));
    a.add("mtu", std::to_string(value.mtu));
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::RedistributeLine> {
  using Value = culvert::routing::RedistributeLine;
  using Metric = Codec<culvert::routing::MetricLine>;
  static Value decode(const parser::Arguments& a) {
    return {a["source"], a.has("bandwidth") ? std::optional(Metric::decode(a)) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    auto a = value.metric ? Metric::encode(*value.metric) : parser::Arguments{};
    a.add("source", value.source);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::DistanceLine> {
  using Value = culvert::routing::DistanceLine;
  static Value decode(const parser::Arguments& a) {
    return {routing::number(a, "internal"), routing::number(a, "external")};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("internal", std::to_string(value.internal));
    a.add("external", std::to_string(value.external));
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::PassiveLine> {
  using Value = culvert::routing::PassiveLine;
  static Value decode(const parser::Arguments& a) { return {a["interface"], a.has(said_by_no)}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("interface", value.interface);
    if (value.negated) a.add(said_by_no, "1");
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::NeighborLine> {
  using Value = culvert::routing::NeighborLine;
  static Value decode(const parser::Arguments& a) { return {*net::Address::parse(a["address"]), a["interface"]}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("address", value.address.to_string());
    a.add("interface", value.interface);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::ActiveTime> {
  using Value = culvert::routing::ActiveTime;
  static Value decode(const parser::Arguments& a) {
    return {a.has("minutes") ? std::optional(routing::number(a, "minutes")) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    value.minutes ? a.add("minutes", std::to_string(*value.minutes)) : a.add("limit", "disabled");
    return a;
  }
};

namespace culvert::routing {

namespace {

using config::Accepted;
using config::LeafDefinition;
using config::View;
using Leaves = std::vector<LeafDefinition>;

Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

// -- Which networks --

constexpr std::uint32_t all_ones = 0xffffffff;

bool is_mask(std::uint32_t value) { return (value & 0x80000000) != 0 && (~value & (~value + 1)) == 0; }

// A mask in the place of a wildcard is taken for what was meant (0.0.0.0 with 0.0.0.0 too: every network), and the bits
// that do not matter are cleared. The wildcard that the class implies is left out, as in IOS.
NetworkLine normalised_network(NetworkLine line) {
  const auto address = line.address.v4_value();
  const auto of_class = wildcard_of_class(address);
  auto wildcard = line.wildcard ? line.wildcard->v4_value() : of_class;
  if (address == 0 && wildcard == 0) wildcard = all_ones;
  if (wildcard != all_ones && is_mask(wildcard)) wildcard = ~wildcard;
  line.address = net::Address::v4(address & ~wildcard);
  line.wildcard.reset();
  if (wildcard != of_class) line.wildcard = net::Address::v4(wildcard);
  return line;
}

Accepted check_network(const config::LeafChange<NetworkLine>& change, const View&) {
  if (!change.after || !change.after->address.is_multicast()) return {};
  return refused("% Invalid network");
}

// `no network 10.0.0.0` is about the network of that class alone, not about others that begin there.
bool removes_network(const NetworkLine& entry, const parser::Arguments& given) {
  return given.has("address") && entry == normalised_network(config::Codec<NetworkLine>::decode(given));
}

LeafDefinition network_leaf() {
  return config::leaf("network <address:ipv4> [<wildcard:wildcard>]", &EigrpRow::networks,
                      {.help = {"Enable routing on an IP network", "Network number", "EIGRP wild card bits"},
                       .normalise = normalised_network,
                       .sorted = true,
                       .no_until = "address",
                       .placement = {.removes = removes_network},
                       .order = 20,
                       .check = check_network,
                       .examples = {"network 10.0.0.0", "network 172.16.5.0 0.0.0.255", "network 192.0.2.1 0.0.0.0"}});
}

LeafDefinition neighbor_leaf() {
  return config::leaf("neighbor <address:ipv4> <interface:interface>", &EigrpRow::neighbors,
                      {.help = {"Specify a neighbor router", "Neighbor address", "Interface"},
                       .order = 24,
                       .check = [](const config::LeafChange<NeighborLine>& change, const View&) -> Accepted {
                         if (!change.after || !change.after->address.is_multicast()) return {};
                         return refused("% Invalid neighbor address");
                       },
                       .examples = {"neighbor 192.0.2.9 GigabitEthernet0/0", "neighbor 10.12.12.2 Tunnel1"}});
}

// -- Metrics --

const std::string metric_spec =
    "<bandwidth:u32(1-4294967295)> <delay:u32(0-4294967295)> <reliability:u32(0-255)> <load:u32(1-255)> "
    "<mtu:u32(1-65535)>";

std::vector<std::string> with_metric_help(std::vector<std::string> help) {
  for (const auto* const text :
       {"Bandwidth in Kbits per second", "EIGRP delay metric, in 10 microsecond units",
        "EIGRP reliability metric where 255 is 100% reliable",
        "EIGRP Effective bandwidth metric (Loading) where 255 is 100% loaded", "EIGRP MTU of the path"})
    help.emplace_back(text);
  return help;
}

LeafDefinition weights_leaf() {
  return config::leaf(
      "metric weights <tos:u32(0-8)> <k1:u32(0-255)> <k2:u32(0-255)> <k3:u32(0-255)> <k4:u32(0-255)> <k5:u32(0-255)>",
      &EigrpRow::weights,
      {.help = {"Modify metrics and parameters for advertisement", "Modify metric coefficients",
                "Type Of Service (Only TOS 0 supported)", "K1", "K2", "K3", "K4", "K5"},
       .default_ = WeightsLine{},
       .order = 16,
       .check = [](const config::LeafChange<WeightsLine>& change, const View&) -> Accepted {
         const auto& line = change.after;
         if (line && line->tos != 0) return refused("% Only TOS 0 is supported");
         if (line && line->k1 == 255 && line->k2 == 255 && line->k3 == 255 && line->k4 == 255 && line->k5 == 255)
           return refused("% K values of 255 mean goodbye");
         return {};
       },
       .examples = {"metric weights 0 1 1 1 0 0", "metric weights 0 0 0 1 0 0"}});
}

Leaves metric_leaves() {
  Leaves leaves;
  leaves.push_back(config::leaf(
      "variance <multiplier:u32(1-128)>", &EigrpRow::variance,
      {.help = {"Control load balancing variance", "Metric variance multiplier"}, .default_ = 1, .order = 10}));
  leaves.push_back(config::leaf(
      "traffic-share (among:(balanced)|among:(min) across-interfaces)", &EigrpRow::traffic_share,
      {.help = {"How to compute traffic share over alternate paths", "Share inversely proportional to metric",
                "All traffic shared among min metric paths", "Use different interfaces for equal-cost paths"},
       .default_ = "balanced",
       .order = 11}));
  leaves.push_back(config::leaf("default-metric " + metric_spec, &EigrpRow::default_metric,
                                {.help = with_metric_help({"Set metric of redistributed routes"}), .order = 12}));
  leaves.push_back(
      config::leaf("maximum-paths <paths:u32(1-32)>", &EigrpRow::maximum_paths,
                   {.help = {"Forward packets over multiple paths", "Number of paths"}, .default_ = 4, .order = 13}));
  leaves.push_back(
      config::leaf("distance eigrp <internal:u32(1-255)> <external:u32(1-255)>", &EigrpRow::distance,
                   {.help = {"Define an administrative distance", "Set distance for internal and external routes",
                             "Distance for internal routes", "Distance for external routes"},
                    .default_ = DistanceLine{},
                    .order = 15}));
  leaves.push_back(weights_leaf());
  leaves.push_back(config::leaf("metric maximum-hops <hops:u32(1-255)>", &EigrpRow::maximum_hops,
                                {.help = {"Modify metrics and parameters for advertisement",
                                          "Advertise EIGRP routes greater than <hops> as unreachable", "Hop count"},
                                 .default_ = 100,
                                 .order = 17}));
  leaves.push_back(
      config::leaf("redistribute source:(connected|static) [metric " + metric_spec + "]", &EigrpRow::redistribute,
                   {.help = with_metric_help({"Redistribute information from another routing protocol", "Connected",
                                              "Static routes", "Metric for redistributed routes"}),
                    .identity = {"source"},
                    .sorted = true,
                    .order = 22}));
  auto by_map = with_metric_help({"Redistribute information from another routing protocol", "Connected",
                                  "Static routes", "Metric for redistributed routes"});
  by_map.insert(by_map.end(), {"Route map reference", "Pointer to route-map entries"});
  leaves.push_back(config::refuse(
      "redistribute source:(connected|static) [metric " + metric_spec + "] route-map <map:word>",
      {.help = std::move(by_map), .text = "% Route-maps are not supported: filter by distribute-list LIST out"}));
  return leaves;
}

// -- Passive interfaces --

Leaves passive_leaves() {
  const std::string help = "Suppress routing updates on an interface";
  Leaves leaves;
  leaves.push_back(config::leaf("passive-interface default", &EigrpRow::passive_by_default,
                                {.help = {help, "Suppress routing updates on all interfaces"}, .order = 30}));
  leaves.push_back(config::leaf("passive-interface <interface:interface>", &EigrpRow::passive,
                                {.help = {help, "Interface"},
                                 .identity = {"interface"},
                                 .sorted = true,
                                 .remembers =
                                     [](parser::Form form, const config::Key& row, const View& view) {
                                       const auto process = view.find<EigrpRow>(row);
                                       return (form == parser::Form::no) == (process && process->passive_by_default);
                                     },
                                 .order = 31,
                                 .column = "passive"}));
  return leaves;
}

// -- What the process says of itself --

bool has(const StubLine& line, const char* word) {
  return std::ranges::find(line.advertised, word) != line.advertised.end();
}

// Nothing said is what IOS takes for most hubs' wish; each word once, in the order of IOS.
StubLine normalised_stub(const StubLine& line) {
  if (line.advertised.empty()) return {{"connected", "summary"}};
  StubLine sorted;
  for (const auto* const word : {"connected", "summary", "static", "redistributed", "receive-only"})
    if (has(line, word)) sorted.advertised.emplace_back(word);
  return sorted;
}

LeafDefinition stub_leaf() {
  return config::leaf(
      "eigrp stub [advertised:(connected|receive-only|redistributed|static|summary)...]", &EigrpRow::stub,
      {.help = {"EIGRP specific commands", "Set IP-EIGRP in stubbed mode", "Do advertise connected routes",
                "Set receive only neighbor", "Do advertise redistributed routes", "Do advertise static routes",
                "Do advertise summary routes"},
       .normalise = normalised_stub,
       .order = 41,
       .check = [](const config::LeafChange<StubLine>& change, const View&) -> Accepted {
         if (!change.after || !has(*change.after, "receive-only") || change.after->advertised.size() == 1) return {};
         return refused("% receive-only excludes all other options");
       },
       .column = "stub",
       .examples = {"eigrp stub connected summary", "eigrp stub receive-only", "eigrp stub static"}});
}

Leaves process_leaves() {
  const std::string eigrp = "EIGRP specific commands";
  Leaves leaves;
  leaves.push_back(
      config::leaf("eigrp router-id <id:ipv4>", &EigrpRow::router_id,
                   {.help = {eigrp, "router id for this EIGRP process", "EIGRP Router-ID in IP address format"},
                    .order = 40,
                    .check = [](const config::LeafChange<net::Address>& change, const View&) -> Accepted {
                      if (!change.after || (!change.after->is_unspecified() && change.after->v4_value() != all_ones))
                        return {};
                      return refused("% EIGRP Router-ID may not be 0.0.0.0 or 255.255.255.255");
                    },
                    .examples = {"eigrp router-id 10.1.1.1"}}));
  leaves.push_back(stub_leaf());
  leaves.push_back(
      config::leaf("eigrp log-neighbor-changes", &EigrpRow::log_neighbor_changes,
                   {.help = {eigrp, "Enable/Disable EIGRP neighbor logging"}, .on_by_default = true, .order = 42}));
  leaves.push_back(
      config::leaf("eigrp log-neighbor-warnings", &EigrpRow::log_neighbor_warnings,
                   {.help = {eigrp, "Enable/Disable EIGRP neighbor warnings"}, .on_by_default = true, .order = 43}));
  leaves.push_back(
      config::leaf("timers active-time (<minutes:u32(1-65535)>|limit:(disabled))", &EigrpRow::active_time,
                   {.help = {"Adjust routing timers", "EIGRP time limit for active state",
                             "EIGRP active-state time limit in minutes", "disable EIGRP time limit for active state"},
                    .default_ = ActiveTime{3},
                    .order = 14}));
  leaves.push_back(
      config::leaf("shutdown", &EigrpRow::shutdown, {.help = {"Shutdown this instance of EIGRP"}, .order = 50}));
  leaves.push_back(config::refuse(
      "auto-summary", {.help = {"Enable automatic network number summarization"},
                       .text = "% Automatic summarization is not supported: use ip summary-address eigrp"}));
  return leaves;
}

}  // namespace

void define_eigrp(config::Registry& registry) {
  Leaves leaves;
  leaves.push_back(network_leaf());
  leaves.push_back(neighbor_leaf());
  for (auto&& group : {metric_leaves(), eigrp_list_leaves(), passive_leaves(), process_leaves()})
    leaves.insert(leaves.end(), group.begin(), group.end());
  registry.add(config::mode<EigrpRow>(
      {.enter = "router eigrp <process:u32(1-65535)>",
       .help = {"Enable a routing process", "Enhanced Interior Gateway Routing Protocol (EIGRP)", "Autonomous System"},
       .key = &EigrpRow::autonomous_system,
       .prompt = "config-router",
       .title = "Router configuration commands:",
       .exit_help = "Exit from routing protocol configuration mode",
       .leaves = std::move(leaves),
       .order = config::section_order::router}));
}

}  // namespace culvert::routing
