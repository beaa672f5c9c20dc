#include "router/access_list_rules.h"

#include <arpa/inet.h>

namespace culvert::router {
namespace {

using access_lists::Action;
using access_lists::Entry;
using access_lists::PortRange;
using access_lists::TcpFlagMatch;
using dataplane::ClassifierRule;
using FlagBits = dataplane::Masked<std::uint8_t>;

constexpr std::uint8_t all_shapes = dataplane::shape::later_fragment | dataplane::shape::truncated;

dataplane::Masked<std::uint32_t> masked(const access_lists::WildcardAddress& address) {
  return {address.address & ~address.wildcard, ~address.wildcard};
}

dataplane::PortSpan span(const PortRange& range) { return {range.first, range.last}; }

// One for each way in which the flags can be as they must.
std::vector<FlagBits> flag_bits(const TcpFlagMatch& match) {
  if (match.is_any()) return {FlagBits{}};
  if (match.all && !match.established) return {{match.set, static_cast<std::uint8_t>(match.set | match.clear)}};
  std::vector<FlagBits> any;
  const std::uint8_t set =
      match.set | (match.established ? access_lists::tcp_flag::ack | access_lists::tcp_flag::rst : 0);
  for (std::uint8_t bit = 1; bit != 0; bit = static_cast<std::uint8_t>(bit << 1)) {
    if ((set & bit) != 0) any.push_back({bit, bit});
    if ((match.clear & bit) != 0) any.push_back({0, bit});
  }
  return any;
}

ClassifierRule network_part(const Entry& entry, std::size_t index) {
  ClassifierRule rule{.protocol = entry.protocol,
                      .source = masked(entry.source),
                      .destination = masked(entry.destination),
                      .result = static_cast<std::uint32_t>(index)};
  if (entry.dscp) rule.tos = {static_cast<std::uint8_t>(*entry.dscp << 2), 0xfc};
  return rule;
}

// Type and code stand where the ports do.
void add_icmp(const ClassifierRule& base, const access_lists::IcmpMatch& icmp, std::vector<ClassifierRule>& rules) {
  auto rule = base;
  rule.source_port = {icmp.type, icmp.type};
  if (icmp.code) rule.destination_port = {*icmp.code, *icmp.code};
  rules.push_back(rule);
}

void add_transport(const ClassifierRule& base, const Entry& entry, std::vector<ClassifierRule>& rules) {
  if (entry.icmp) return add_icmp(base, *entry.icmp, rules);
  for (const auto& source : entry.source_port.ranges())
    for (const auto& destination : entry.destination_port.ranges())
      for (const auto& flags : flag_bits(entry.tcp)) {
        auto rule = base;
        rule.source_port = span(source);
        rule.destination_port = span(destination);
        rule.tcp_flags = flags;
        rules.push_back(rule);
      }
}

void add_entry(const Entry& entry, std::size_t index, std::vector<ClassifierRule>& rules) {
  auto rule = network_part(entry, index);
  if (entry.fragments) {
    rule.shape = {dataplane::shape::later_fragment, all_shapes};
    return rules.push_back(rule);
  }
  if (!entry.tests_transport()) return rules.push_back(rule);
  rule.shape = {0, all_shapes};
  add_transport(rule, entry, rules);
  const auto without_ports =
      entry.action == Action::permit ? dataplane::shape::later_fragment : dataplane::shape::truncated;
  rule.shape = {without_ports, all_shapes};
  rules.push_back(rule);
}

}  // namespace

std::vector<ClassifierRule> classifier_rules(const access_lists::AccessList& list) {
  std::vector<ClassifierRule> rules;
  for (std::size_t i = 0; i < list.entries.size(); ++i) add_entry(list.entries[i], i, rules);
  return rules;
}

access_lists::PacketFields fields_of(const dataplane::FlowKey& key) {
  const bool icmp = key.protocol == access_lists::protocol::icmp;
  access_lists::PacketFields fields{.source = ntohl(key.source),
                                    .destination = ntohl(key.destination),
                                    .protocol = key.protocol,
                                    .dscp = static_cast<std::uint8_t>(key.tos >> 2),
                                    .tcp_flags = key.tcp_flags};
  if ((key.shape & dataplane::shape::later_fragment) != 0)
    fields.transport = access_lists::Transport::later_fragment;
  else if ((key.shape & dataplane::shape::truncated) != 0)
    fields.transport = access_lists::Transport::truncated;
  if (icmp) {
    fields.icmp_type = static_cast<std::uint8_t>(ntohs(key.source_port));
    fields.icmp_code = static_cast<std::uint8_t>(ntohs(key.destination_port));
  } else {
    fields.source_port = ntohs(key.source_port);
    fields.destination_port = ntohs(key.destination_port);
  }
  return fields;
}

}  // namespace culvert::router
