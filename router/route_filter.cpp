#include "router/route_filter.h"

#include "access-lists/commands/definitions.h"

namespace culvert::router {

namespace {

using namespace access_lists;

routing::eigrp::Network network_of(const WildcardAddress& address) {
  return {net::Address::v4(address.address), net::Address::v4(address.wildcard)};
}

bool asks_of_packets(const Entry& entry) {
  return entry.protocol || entry.tests_transport() || entry.dscp || entry.fragments;
}

routing::eigrp::FilterRule rule_of(Kind kind, const Entry& entry) {
  routing::eigrp::FilterRule rule{.permit = entry.action == Action::permit};
  rule.match = network_of(kind == Kind::standard ? entry.source : entry.destination);
  if (kind == Kind::extended && !entry.source.is_any()) rule.source = network_of(entry.source);
  return rule;
}

}  // namespace

std::optional<routing::eigrp::Filter> route_filter(const config::View& configuration, const std::string& name) {
  const auto list = find_access_list(configuration, name);
  if (!list || list->entries.empty()) return std::nullopt;
  routing::eigrp::Filter filter{.rules = {}, .name = name};
  for (const auto& entry : list->entries)
    if (!asks_of_packets(entry)) filter.rules.push_back(rule_of(list->kind, entry));
  return filter;
}

}  // namespace culvert::router
