#include "tests/dataplane/policies.h"

#include <algorithm>
#include <utility>

namespace culvert::dataplane::test {
namespace {

constexpr std::uint8_t all_shapes = shape::later_fragment | shape::truncated;

PortSpan span_of(std::uint16_t port) { return port == 0 ? PortSpan{} : PortSpan{port, port}; }

std::shared_ptr<const Classifier> classifier_of(const std::vector<PolicyLine>& lines) {
  std::vector<ClassifierRule> rules;
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    ClassifierRule rule{.source = {line.source & line.source_mask, line.source_mask},
                        .destination = {line.destination & line.destination_mask, line.destination_mask},
                        .result = i};
    if (line.protocol != 0) rule.protocol = line.protocol;
    const bool ports = line.source_port != 0 || line.destination_port != 0;
    if (ports) {
      rule.source_port = span_of(line.source_port);
      rule.destination_port = span_of(line.destination_port);
      rule.shape = {0, all_shapes};
    }
    rules.push_back(rule);
    if (!ports) continue;
    rule.source_port = rule.destination_port = {};
    rule.shape = {line.permit ? shape::later_fragment : shape::truncated, all_shapes};
    rules.push_back(rule);
  }
  return Classifier::build(std::move(rules));
}

std::uint64_t next_generation() {
  static std::uint64_t last = 0;
  return ++last;
}

}  // namespace

PolicyLine between(std::uint8_t a, std::uint8_t b, bool permit) {
  return {.permit = permit,
          .source = 0x0a000000u | std::uint32_t{a} << 16,
          .source_mask = 0xffffff00,
          .destination = 0x0a000000u | std::uint32_t{b} << 16,
          .destination_mask = 0xffffff00};
}

PolicyLine mirrored(PolicyLine line) {
  std::swap(line.source, line.destination);
  std::swap(line.source_mask, line.destination_mask);
  std::swap(line.source_port, line.destination_port);
  return line;
}

CryptoPolicyEntry entry_of(std::string tunnel, const std::vector<PolicyLine>& lines) {
  CryptoPolicyEntry entry{.tunnel = std::move(tunnel), .outbound = classifier_of(lines), .inbound = {}, .permits = {}};
  std::vector<PolicyLine> back;
  for (const auto& line : lines) {
    entry.permits.push_back(line.permit);
    back.push_back(mirrored(line));
  }
  entry.inbound = classifier_of(back);
  entry.path.local = net::Address::v4(0x0a020001);
  entry.path.remote = net::Address::v4(0x0a020002);
  return entry;
}

std::shared_ptr<const CryptoPolicy> policy_of(std::vector<CryptoPolicyEntry> entries) {
  return std::make_shared<const CryptoPolicy>(CryptoPolicy{std::move(entries)});
}

void apply(Tables& tables, InterfaceIndex interface, const std::shared_ptr<const CryptoPolicy>& policy) {
  auto placed = std::make_shared<Policy>(Policy{.entries = policy, .generation = next_generation()});
  for (const auto& entry : policy->entries) {
    const auto place = entry.tunnel.empty() ? no_interface : static_cast<InterfaceIndex>(std::stoi(entry.tunnel));
    placed->tunnels.push_back(place);
    placed->reads_transport |= entry.outbound->reads_transport() || entry.inbound->reads_transport();
    if (place == no_interface) continue;
    if (tables.interfaces.size() <= place) tables.interfaces.resize(place + 1u);
    auto& to = tables.interfaces[place];
    to.name = entry.tunnel;
    to.kind = InterfaceKind::policy;
    to.present = to.up = true;
    to.mtu = UINT16_MAX;
    to.policy_on = interface;
  }
  std::erase_if(tables.policies, [&](const auto& other) { return other.get() == tables.interfaces[interface].policy; });
  tables.policies.push_back(placed);
  tables.interfaces[interface].policy = placed.get();
}

}  // namespace culvert::dataplane::test
