// `distribute-list` and `offset-list` of `router eigrp`: access lists that hide routes, or make them cost more.
#include <algorithm>

#include "config-store/definition.h"
#include "routing/commands/eigrp_codecs.h"
#include "routing/commands/eigrp_lists.h"

template <>
struct culvert::config::Codec<culvert::routing::DistributeLine> {
  using Value = culvert::routing::DistributeLine;
  static Value decode(const parser::Arguments& a) {
    return {a["list"], a["direction"], a.has("interface") ? std::optional(a["interface"]) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("list", value.list);
    a.add("direction", value.direction);
    if (value.interface) a.add("interface", *value.interface);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::OffsetLine> {
  using Value = culvert::routing::OffsetLine;
  static Value decode(const parser::Arguments& a) {
    return {.list = a["list"],
            .direction = a["direction"],
            .offset = routing::number(a, "offset"),
            .interface = a.has("interface") ? std::optional(a["interface"]) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("list", value.list);
    a.add("direction", value.direction);
    a.add("offset", std::to_string(value.offset));
    if (value.interface) a.add("interface", *value.interface);
    return a;
  }
};

namespace culvert::routing {

namespace {

constexpr const char* every_route = "0";  // in the place of an offset list's access list

// `no distribute-list 10 in` is about the line for all interfaces, not about those for single ones.
template <class Line>
bool removes_line(const Line& entry, const parser::Arguments& given) {
  const auto line = config::Codec<Line>::encode(entry);
  if (given.has("direction") && line.has("interface") != given.has("interface")) return false;
  return std::ranges::all_of(given.all(),
                             [&](const auto& said) { return line.has(said.name) && line[said.name] == said.text; });
}

config::LeafDefinition distribute_leaf() {
  return config::leaf(
      "distribute-list (<list:u32(1-199)>|<list:u32(1300-2699)>|<list:word>) direction:(in|out) "
      "[<interface:interface>]",
      &EigrpRow::distribute,
      {.help = {"Filter entries in eigrp updates", "IP access list number", "IP expanded access list number",
                "Access-list name", "Filter incoming routing updates", "Filter outgoing routing updates", "Interface"},
       .identity = {"direction", "interface"},
       .sorted = true,
       .placement = {.removes = removes_line<DistributeLine>},
       .order = 19,
       .examples = {"distribute-list 10 in", "distribute-list SITES out GigabitEthernet0/0"}});
}

config::LeafDefinition offset_leaf() {
  return config::leaf(
      "offset-list (<list:u32(0-99)>|<list:u32(1300-1999)>|<list:word>) direction:(in|out) "
      "<offset:u32(0-2147483647)> [<interface:interface>]",
      &EigrpRow::offsets,
      {.help = {"Add or subtract offset from EIGRP metrics", "Access list of networks to apply offset (0 selects all)",
                "Access list of networks to apply offset (expanded range)", "Access-list name",
                "Perform offset on incoming updates", "Perform offset on outgoing updates", "Offset", "Interface"},
       .identity = {"direction", "interface"},
       .sorted = true,
       .placement = {.removes = removes_line<OffsetLine>},
       .order = 21,
       .examples = {"offset-list 0 in 100", "offset-list SITES out 2560 GigabitEthernet0/0"}});
}

eigrp::Filter everything() {
  return {.rules = {{.permit = true, .match = {net::Address::v4(0), net::Address::v4(0xffffffff)}}}, .name = {}};
}

}  // namespace

std::vector<config::LeafDefinition> eigrp_list_leaves() {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(distribute_leaf());
  leaves.push_back(offset_leaf());
  leaves.push_back(config::refuse(
      "distribute-list by:(gateway|prefix|route-map) <list:word> direction:(in|out) [<interface:interface>]",
      {.help = {"Filter entries in eigrp updates", "Filtering incoming updates based on gateway",
                "Filter prefixes in routing updates", "Filter prefixes based on the route-map", "Name",
                "Filter incoming routing updates", "Filter outgoing routing updates", "Interface"},
       .text = "% Distribute lists filter by access lists only"}));
  return leaves;
}

void take_lists(eigrp::Configuration& into, const EigrpRow& row, const FilterOf& filter_of) {
  for (const auto& line : row.distribute) {
    const bool in = line.direction == "in";
    auto filter = filter_of(line.list);
    if (line.interface) {
      auto& settings = into.interfaces[*line.interface];
      (in ? settings.filter_in : settings.filter_out) = std::move(filter);
    } else {
      (in ? into.filter_in : into.filter_out) = std::move(filter);
    }
  }
  for (const auto& line : row.offsets) {
    auto filter = line.list == every_route ? std::nullopt : filter_of(line.list);
    eigrp::Offset offset{.filter = filter ? std::move(*filter) : everything(),
                         .delay = line.offset,
                         .interface = line.interface.value_or("")};
    offset.filter.name = line.list;
    (line.direction == "in" ? into.offsets_in : into.offsets_out).push_back(std::move(offset));
  }
}

}  // namespace culvert::routing
