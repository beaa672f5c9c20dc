#include "ipsec-dataplane/classifier.h"

#include <fmt/format.h>
#include <rte_acl.h>
#include <rte_byteorder.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>

namespace culvert::dataplane {
namespace {

// rte_acl wants one octet first and then groups of four, so the first four octets of the key come twice: the protocol
// alone, and the whole word.
enum Field : std::uint8_t {
  protocol,
  source,
  destination,
  source_port,
  destination_port,
  protocol_again,
  tcp_flags,
  tos,
  shape_bits,
  field_count
};
using AclRule = struct {
  rte_acl_rule_data data;
  std::array<rte_acl_field, field_count> field;
};
static_assert(sizeof(AclRule) == RTE_ACL_RULE_SZ(field_count));

rte_acl_field_def define(Field field, std::uint8_t type, std::uint8_t size, std::uint8_t input, std::size_t offset) {
  return {.type = type,
          .size = size,
          .field_index = field,
          .input_index = input,
          .offset = static_cast<std::uint32_t>(offset)};
}

rte_acl_config layout() {
  constexpr auto bits = RTE_ACL_FIELD_TYPE_BITMASK, range = RTE_ACL_FIELD_TYPE_RANGE;
  rte_acl_config config{};
  config.num_categories = 1;
  const std::array fields{define(protocol, bits, 1, 0, offsetof(FlowKey, protocol)),
                          define(source, bits, 4, 1, offsetof(FlowKey, source)),
                          define(destination, bits, 4, 2, offsetof(FlowKey, destination)),
                          define(source_port, range, 2, 3, offsetof(FlowKey, source_port)),
                          define(destination_port, range, 2, 3, offsetof(FlowKey, destination_port)),
                          define(protocol_again, bits, 1, 4, offsetof(FlowKey, protocol)),
                          define(tcp_flags, bits, 1, 4, offsetof(FlowKey, tcp_flags)),
                          define(tos, bits, 1, 4, offsetof(FlowKey, tos)),
                          define(shape_bits, bits, 1, 4, offsetof(FlowKey, shape))};
  static_assert(fields.size() == field_count);
  config.num_fields = fields.size();
  std::ranges::copy(fields, std::begin(config.defs));
  return config;
}

rte_acl_field octet(std::uint8_t value, std::uint8_t mask) {
  rte_acl_field f{};
  f.value.u8 = value & mask;
  f.mask_range.u8 = mask;
  return f;
}
rte_acl_field octet(const Masked<std::uint8_t>& m) { return octet(m.value, m.mask); }

rte_acl_field word(const Masked<std::uint32_t>& m) {
  rte_acl_field f{};
  f.value.u32 = m.value & m.mask;
  f.mask_range.u32 = m.mask;
  return f;
}

rte_acl_field span(const PortSpan& ports) {
  rte_acl_field f{};
  f.value.u16 = ports.first;
  f.mask_range.u16 = ports.last;
  return f;
}

// An earlier rule has the higher priority; 0 as user data would mean no match.
AclRule acl_rule(const ClassifierRule& rule, std::size_t index) {
  AclRule r{};
  r.data.category_mask = 1;
  r.data.priority = static_cast<std::int32_t>(RTE_ACL_MAX_PRIORITY - index);
  r.data.userdata = rule.result + 1;
  r.field[protocol] = octet(rule.protocol.value_or(0), rule.protocol ? 0xff : 0);
  r.field[source] = word(rule.source);
  r.field[destination] = word(rule.destination);
  r.field[source_port] = span(rule.source_port);
  r.field[destination_port] = span(rule.destination_port);
  r.field[protocol_again] = octet(0, 0);
  r.field[tcp_flags] = octet(rule.tcp_flags);
  r.field[tos] = octet(rule.tos);
  r.field[shape_bits] = octet(rule.shape);
  return r;
}

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

template <class T>
bool agrees(const Masked<T>& m, T value) {
  return ((m.value ^ value) & m.mask) == 0;
}

bool holds(const PortSpan& ports, std::uint16_t network_order) {
  const auto port = rte_be_to_cpu_16(network_order);
  return ports.first <= port && port <= ports.last;
}

bool takes(const ClassifierRule& rule, const FlowKey& key) {
  return (!rule.protocol || *rule.protocol == key.protocol) && agrees(rule.source, rte_be_to_cpu_32(key.source)) &&
         agrees(rule.destination, rte_be_to_cpu_32(key.destination)) && holds(rule.source_port, key.source_port) &&
         holds(rule.destination_port, key.destination_port) && agrees(rule.tcp_flags, key.tcp_flags) &&
         agrees(rule.tos, key.tos) && agrees(rule.shape, key.shape);
}

}  // namespace

struct Classifier::Compiled {
  explicit Compiled(rte_acl_ctx* made) : context(made) {}
  ~Compiled() { rte_acl_free(context); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  static std::unique_ptr<const Compiled> from(const std::vector<ClassifierRule>& rules) {
    static std::atomic<std::uint64_t> last{0};
    const auto name = fmt::format("classifier{}", ++last);
    const rte_acl_param parameters{.name = name.c_str(),
                                   .socket_id = SOCKET_ID_ANY,
                                   .rule_size = sizeof(AclRule),
                                   .max_rule_num = static_cast<std::uint32_t>(rules.size())};
    auto* context = rte_acl_create(&parameters);
    if (context == nullptr) return nullptr;
    auto compiled = std::make_unique<const Compiled>(context);
    std::vector<AclRule> all;
    for (std::size_t i = 0; i < rules.size(); ++i) all.push_back(acl_rule(rules[i], i));
    const auto config = layout();
    if (rte_acl_add_rules(context, reinterpret_cast<const rte_acl_rule*>(all.data()),
                          static_cast<std::uint32_t>(all.size())) != 0 ||
        rte_acl_build(context, &config) != 0)
      return nullptr;
    return compiled;
  }

  rte_acl_ctx* context;
};

Classifier::Classifier(std::vector<ClassifierRule> rules, std::uint64_t generation)
    : rules_(std::move(rules)), generation_(generation) {
  assert(std::ranges::all_of(rules_, [](const auto& rule) { return rule.result < result_max; }));
}

Classifier::~Classifier() = default;

std::shared_ptr<const Classifier> Classifier::plain(std::vector<ClassifierRule> rules) {
  return std::shared_ptr<const Classifier>(new Classifier(std::move(rules), next_generation()));
}

std::shared_ptr<const Classifier> Classifier::compiled() const {
  std::shared_ptr<Classifier> made(new Classifier(rules_, generation_));
  made->tried_ = true;
  if (rules_.size() > plain_max) made->compiled_ = Compiled::from(rules_);
  return made;
}

bool Classifier::reads_transport() const {
  return std::ranges::any_of(rules_, [](const ClassifierRule& rule) {
    return rule.source_port != PortSpan{} || rule.destination_port != PortSpan{} || rule.tcp_flags.mask != 0 ||
           rule.shape.mask != 0;
  });
}

std::uint32_t Classifier::compare(const FlowKey& key) const {
  const auto found = std::ranges::find_if(rules_, [&](const auto& rule) { return takes(rule, key); });
  return found == rules_.end() ? no_match : found->result;
}

void Classifier::look_up(std::span<const FlowKey> keys, std::span<std::uint32_t> results) const {
  assert(keys.size() == results.size());
  if (!compiled_) {
    std::ranges::transform(keys, results.begin(), [this](const auto& key) { return compare(key); });
    return;
  }
  constexpr std::size_t batch = 64;
  std::array<const std::uint8_t*, batch> data;
  while (!keys.empty()) {
    const auto count = std::min(keys.size(), batch);
    for (std::size_t i = 0; i < count; ++i) data[i] = reinterpret_cast<const std::uint8_t*>(&keys[i]);
    [[maybe_unused]] const auto status =
        rte_acl_classify(compiled_->context, data.data(), results.data(), static_cast<std::uint32_t>(count), 1);
    assert(status == 0);
    for (auto& result : results.first(count)) --result;  // 0, no match, becomes no_match
    keys = keys.subspan(count);
    results = results.subspan(count);
  }
}

}  // namespace culvert::dataplane
